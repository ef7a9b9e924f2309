import type { DeviceName, DeviceRecord, Uplink } from '@ronde/contracts';
import type { Directory } from './directory.ts';
import { nameOf, unknownIdOf } from '../unknown/unknown-name.ts';
import type { Announcement, Identified, Opened, Told } from './item.ts';
import { noteEvent, refuse, type Ledger } from './ledger.ts';
import type { Recollection } from './memory.ts';

/** What devices are found with. */
export interface Finders {
  ledger: Ledger;
  directory: Directory;
  recollection: Recollection;
}

/** Finds each uplink's device; unknown ones, and those of another tenant, are refused alike. */
export async function identify(opened: readonly Opened[], finders: Finders): Promise<Identified[]> {
  const found = await findAll(
    opened.map(({ uplink, frame }) => ({ by: uplink.device, tenant: frame.tenant })),
    finders,
  );
  return opened.flatMap((item, index) => {
    const match = found[index]!;
    if (match.device) return [{ ...item, device: match.device }];
    const unknownDeviceId = unknownIdOf(item);
    finders.ledger.unknown.push(item);
    const refusal = { stage: 'identify', code: 'DEVICE_UNKNOWN', unknownDeviceId } as const;
    refuse(finders.ledger, item, { ...refusal, ...whyNot(item, match) });
    return [];
  });
}

/**
 * Finds each event's device. One that is not known shows in the traffic and leaves no dead letter: its uplinks do, and
 * there is nothing to mend in an event that is over.
 */
export async function identifyEvents(events: readonly Announcement[], finders: Finders): Promise<Told[]> {
  const found = await findAll(
    events.map(({ event, frame }) => ({ by: event.device, tenant: frame.tenant })),
    finders,
  );
  return events.flatMap((item, index) => {
    const { device } = found[index]!;
    if (item.isAlone) noteEvent(finders.ledger, item, device?.id);
    return device ? [{ ...item, device }] : [];
  });
}

interface Match {
  device?: DeviceRecord;
  /** The device is there, and its id already stands for this other name. */
  claimedBy?: string;
}

async function findAll(
  asked: readonly { by: DeviceName; tenant: string }[],
  { directory, recollection }: Finders,
): Promise<Match[]> {
  const found = await Promise.all(asked.map(({ by }) => directory.find(by)));
  const matches: Match[] = [];
  for (const [index, { by, tenant }] of asked.entries()) {
    const match = found[index];
    if (!match || match.tenant !== tenant) matches.push({});
    else matches.push(await claim(by, match.device, recollection));
  }
  return matches;
}

/**
 * A device that was found by its id alone belongs to the first name that came with it: two edge nodes may each have a
 * "bin-1", and one of them must not speak for the other.
 */
async function claim(by: DeviceName, device: DeviceRecord, recollection: Recollection): Promise<Match> {
  if (!('networkId' in by) || device.externalIds?.networkId !== undefined) return { device };
  const key = `name:${device.id}`;
  await recollection.load([key]);
  const owner = recollection.get(key);
  if (owner === undefined) recollection.set(key, by.networkId);
  return typeof owner === 'string' && owner !== by.networkId ? { claimedBy: owner } : { device };
}

function whyNot(item: Opened, { claimedBy }: Match): { reason: string; remedy: string } {
  const { nameKind, name } = nameOf(item.uplink.device);
  const field = nameKind === 'deviceId' ? 'id' : `externalIds.${nameKind}`;
  return {
    reason:
      claimedBy === undefined
        ? `no device has ${nameKind} ${name}`
        : `no device has ${nameKind} ${name}, and the id that it gives already stands for ${claimedBy}`,
    remedy: `adopt it (POST /v1/unknown-devices/${unknownIdOf(item)}/adopt), or register a device with ${field} ${name}, then replay`,
  };
}

/** Gives the battery that a network tells of as an uplink of one value. */
export function batteriesOf(told: readonly Told[]): Identified[] {
  return told.flatMap(({ event, frame, uplinkId, device }) => {
    if (event.kind !== 'status' || event.battery === null) return [];
    const uplink: Uplink = {
      source: event.source,
      device: event.device,
      session: '',
      fCnt: null,
      fPort: null,
      bytes: null,
      values: [{ quantity: 'battery', value: event.battery }],
      atMs: event.atMs,
      radio: null,
    };
    return [{ frame, uplink, uplinkId, device, isOfEvent: true }];
  });
}
