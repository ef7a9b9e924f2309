import { mountAt, mountsOf, statusOf, type DeviceRecord, type Mounting, type Reading } from '@ronde/contracts';
import { fillFromDistance } from '@ronde/sensor-types';
import { marked, worse } from './check.ts';
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
  const { device, blindZoneM } = item;
  const chambered = placed.map((value) => hung(device, value));
  const tilted = chambered.some(
    ({ quantity, value, quality }) => quantity === 'tilt' && value === 1 && quality === 'ok',
  );
  const levelled = tilted
    ? chambered.map((value) => (isLevel(value) ? marked(value, 'suspect', 'TILTED') : value))
    : chambered;
  return levelled.flatMap((value) => {
    if (value.quantity !== 'distance' || hasFill(levelled, value)) return [value];
    return withFill(value, blindZoneM);
  });
}

function hung(device: DeviceRecord, value: Placed): Attached {
  const stay = mountAt(device, value.atMs);
  // a device that never hung anywhere may have distances all the same, on a workbench
  const { chamber: ofPlace, mounting } = stay ?? (device.mounts ? {} : device);
  const chamber = value.chamber ?? (isOfRadio(value) ? undefined : ofPlace);
  const attached: Attached = {
    ...value,
    ...(chamber !== undefined && { chamber }),
    assetId: stay?.assetId ?? null,
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

function hasFill(values: readonly Placed[], distance: Placed): boolean {
  return values.some(
    ({ quantity, chamber, atMs }) => quantity === 'fill' && chamber === distance.chamber && atMs === distance.atMs,
  );
}

function withFill(distance: Attached, blindZoneM: number | undefined): Attached[] {
  const { assetId, mounting } = distance;
  if (distance.value === null || distance.quality === 'invalid') return [distance];
  if (!mounting) return [assetId === null ? distance : marked(distance, 'ok', 'GEOMETRY_MISSING')];
  const fill = fillFromDistance({ distanceM: distance.value, mounting, blindZoneM });
  return [
    distance,
    {
      ...distance,
      quantity: 'fill',
      unit: '1',
      value: fill.value,
      quality: worse(fill.quality, distance.quality),
      flags: [...new Set([...fill.flags, ...distance.flags, 'DERIVED' as const])],
    },
  ];
}

/** Gives a placed value the form in which it is stored. */
export function toReading(item: Valued, value: Attached, replayed: boolean): Reading {
  return {
    at: new Date(value.atMs).toISOString(),
    receivedAt: new Date(item.frame.receivedAtMs).toISOString(),
    deviceId: item.device.id,
    assetId: value.assetId,
    ...(value.chamber !== undefined && { chamber: value.chamber }),
    quantity: value.quantity,
    value: value.value,
    unit: value.unit,
    quality: value.quality,
    flags: replayed ? [...value.flags, 'REPLAYED'] : value.flags,
    typeVersion: item.typeVersion,
    uplinkId: item.uplinkId,
  };
}
