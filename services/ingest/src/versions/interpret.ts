import type { DeviceRecord, Reading } from '@ronde/contracts';
import type { ChosenVersion, TypeDecodeResult } from '@ronde/sensor-types';
import { attachAsset, type Attached } from '../steps/attach.ts';
import { checkRange } from '../steps/check.ts';
import { saysTheSame } from '@ronde/readings';
import type { Identified } from '../steps/item.ts';

/** What would be stored of an uplink's codec values, but for time and identity. */
export type Interpreted = { ok: true; values: Attached[] } | { ok: false; errors: string[] };

/** Takes a decoded uplink the rest of the way that its values go: range check, chamber, fill from distance. */
export function interpret(item: Identified, type: ChosenVersion['type'], result: TypeDecodeResult): Interpreted {
  if (!result.ok) return result;
  const { version, geometry, id } = type.manifest;
  const atMs = item.uplink.atMs ?? item.frame.receivedAtMs;
  const values = result.values.map(checkRange);
  const valued = { ...item, key: null, typeVersion: `${id}@${version}`, blindZoneM: geometry.blindZoneM, values };
  return {
    ok: true,
    values: attachAsset(
      valued,
      values.map((value) => ({ ...value, atMs })),
    ),
  };
}

/** Gives the values that an imagined device with this mounting would have stored. */
export function interpretFor(
  device: DeviceRecord,
  type: ChosenVersion['type'],
  { result, atMs }: { result: TypeDecodeResult; atMs: number },
): Interpreted {
  const frame = {
    seq: 0,
    tenant: '',
    source: 'native',
    topic: '',
    receivedAtMs: atMs,
    payload: new Uint8Array(),
  } as const;
  const uplink = { source: 'native', device: { deviceId: device.id }, session: '', fCnt: null, fPort: null } as const;
  const item: Identified = {
    frame: { ...frame, origin: { kind: 'device', id: device.id } },
    uplink: { ...uplink, bytes: null, values: [], atMs, radio: null },
    uplinkId: '0',
    device,
  };
  return interpret(item, type, result);
}

/** Tells whether two readings of one uplink would store the same. */
export function isSameOutcome(a: Interpreted, b: Interpreted): boolean {
  if (!a.ok || !b.ok) return a.ok === b.ok;
  if (a.values.length !== b.values.length) return false;
  const byKey = new Map(a.values.map((value) => [keyOf(value), value]));
  return b.values.every((value) => {
    const other = byKey.get(keyOf(value));
    return other !== undefined && saysTheSame(other, value);
  });
}

/** Says in one line what an uplink became, for people who compare. */
export function describe(outcome: Interpreted): string {
  if (!outcome.ok) return `unreadable: ${outcome.errors.join('; ')}`.slice(0, 500);
  const parts = outcome.values.map(({ quantity, chamber, value, unit, quality, flags }) => {
    const amount = value === null ? 'none' : `${round(value)}${unit === '1' ? '' : ` ${unit}`}`;
    const marks = quality === 'ok' ? '' : ` ${quality}`;
    return `${quantity}${chamber === undefined ? '' : ` of ${chamber}`} ${amount}${marks}${flags.length > 0 ? ` (${flags.join(', ')})` : ''}`;
  });
  return parts.join('; ').slice(0, 500) || 'nothing';
}

function keyOf({ quantity, chamber = '' }: Pick<Reading, 'quantity' | 'chamber'>): string {
  return `${chamber}|${quantity}`;
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
