import { mountAt, mountsOf, statusOf, type DeviceRecord, type Mounting, type Reading } from '@ronde/contracts';
import { BACKFILL_TOPIC } from '../gaps/backfill.ts';
import { marked } from './check.ts';
import { withFills } from './fill.ts';
import { isoTime } from './iso-time.ts';
import type { Valued } from './item.ts';
import type { Placed } from './times.ts';

/** A value with the asset that its device hung on when it was measured. */
export interface Attached extends Placed {
  assetId: string | null;
  mounting?: Mounting | undefined;
}

/**
 * Ties each value to the asset and chamber of its own time of measurement, so that late values of before a swap go where
 * they were measured, and derives fill from distance where the mounting is known.
 */
export function attachAsset(item: Valued, placed: readonly Placed[]): Attached[] {
  const { device, geometry = {} } = item;
  const chambered = placed.map((value) => hung(device, value));
  const tilts = chambered.filter(
    ({ quantity, value, quality }) => quantity === 'tilt' && value === 1 && quality === 'ok',
  );
  const tiltedAt = new Set(tilts.map(({ atMs }) => atMs));
  const levelled = chambered.map((value) =>
    isLevel(value) && tiltedAt.has(value.atMs) ? marked(value, 'suspect', 'TILTED') : value,
  );
  return withFills(levelled, geometry);
}

function hung(device: DeviceRecord, value: Placed): Attached {
  const stay = mountAt(device, value.atMs);
  // a device that never hung anywhere may have distances all the same, on a workbench
  const { chamber: ofPlace, mounting } = stay ?? (device.mounts ? {} : device);
  const chamber = value.chamber ?? (isOfRadio(value) ? undefined : ofPlace);
  const attached: Attached = {
    ...value,
    ...(chamber !== undefined && { chamber }),
    assetId: value.assetId ?? stay?.assetId ?? null,
    mounting,
  };
  return stay === undefined && isAfterLife(device, value.atMs) ? marked(attached, 'suspect', 'RETIRED') : attached;
}

/** Tells whether a moment lies after the last stay of a device that was taken out of use: kept, and visible as such. */
function isAfterLife(device: DeviceRecord, atMs: number): boolean {
  if (statusOf(device) !== 'retired') return false;
  const end = mountsOf(device).at(-1)?.to;
  return end === undefined || end === null || atMs >= Date.parse(end);
}

function isLevel({ quantity }: Placed): boolean {
  return quantity === 'distance' || quantity === 'fill';
}

function isOfRadio({ quantity }: Placed): boolean {
  return quantity === 'rssi' || quantity === 'snr';
}

function isFetched({ frame }: Valued, { flags }: Attached): boolean {
  return frame.topic.startsWith(BACKFILL_TOPIC) && !flags.includes('BACKFILLED');
}

/** Gives a placed value the form in which it is stored. */
export function toReading(item: Valued, value: Attached, replayed: boolean): Reading {
  return {
    at: isoTime(value.atMs),
    receivedAt: isoTime(item.frame.receivedAtMs),
    deviceId: item.device.id,
    assetId: value.assetId,
    ...(value.chamber !== undefined && { chamber: value.chamber }),
    quantity: value.quantity,
    value: value.value,
    unit: value.unit,
    quality: value.quality,
    flags: [
      ...value.flags,
      ...(isFetched(item, value) ? (['BACKFILLED'] as const) : []),
      ...(replayed ? (['REPLAYED'] as const) : []),
    ],
    typeVersion: item.typeVersion,
    uplinkId: item.uplinkId,
  };
}
