import type { DeviceRecord, Reading } from '@ronde/contracts';
import { fillFromDistance } from '@ronde/sensor-types';
import { marked, worse } from './check.ts';
import type { Valued } from './item.ts';
import type { Placed } from './times.ts';

/** Ties values to the asset and chamber of their device and derives fill from distance where the mounting is known. */
export function attachAsset(item: Valued, placed: readonly Placed[]): Placed[] {
  const { device, blindZoneM } = item;
  const chambered = placed.map((value) => {
    const chamber = value.chamber ?? (isOfRadio(value) ? undefined : device.chamber);
    return chamber === undefined ? value : { ...value, chamber };
  });
  const tilted = chambered.some(
    ({ quantity, value, quality }) => quantity === 'tilt' && value === 1 && quality === 'ok',
  );
  const levelled = tilted
    ? chambered.map((value) => (isLevel(value) ? marked(value, 'suspect', 'TILTED') : value))
    : chambered;
  return levelled.flatMap((value) => {
    if (value.quantity !== 'distance' || hasFill(levelled, value)) return [value];
    return withFill(value, device, blindZoneM);
  });
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

function withFill(distance: Placed, device: DeviceRecord, blindZoneM: number | undefined): Placed[] {
  if (distance.value === null || distance.quality === 'invalid') return [distance];
  if (!device.mounting) return [device.assetId === undefined ? distance : marked(distance, 'ok', 'GEOMETRY_MISSING')];
  const fill = fillFromDistance({ distanceM: distance.value, mounting: device.mounting, blindZoneM });
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
export function toReading(item: Valued, value: Placed, replayed: boolean): Reading {
  return {
    at: new Date(value.atMs).toISOString(),
    receivedAt: new Date(item.frame.receivedAtMs).toISOString(),
    deviceId: item.device.id,
    assetId: item.device.assetId ?? null,
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
