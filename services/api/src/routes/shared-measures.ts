import type { AssetInput, DeviceRecord, Quantity } from '@ronde/contracts';
import type { SensorTypeCatalogue } from '../deps.ts';

/** What a device tells of itself rather than of the place it hangs at: two devices may well both tell it. */
const OF_ITSELF = new Set<Quantity>([
  'battery',
  'batteryVoltage',
  'batteryLow',
  'rssi',
  'snr',
  'temperature',
  'tilt',
  'tiltAngle',
  'latitude',
  'longitude',
]);

type Hanging = Pick<DeviceRecord, 'id' | 'typeId' | 'chamber'>;

/** Finds the devices that measure what this one measures, in the same chamber of an asset. */
export function sharedMeasures(
  types: SensorTypeCatalogue,
  place: { asset: AssetInput; device: Hanging; others: readonly Hanging[] },
): { otherId: string; quantities: Quantity[] }[] {
  const { asset, device, others } = place;
  if (!others.some(({ id }) => id !== device.id)) return [];
  const only = asset.chambers.length === 1 ? asset.chambers[0]?.id : undefined;
  const measures = new Map(types.list().map(({ id, quantities }) => [id, quantities as readonly Quantity[]]));
  const mine = new Set((measures.get(device.typeId) ?? []).filter((quantity) => !OF_ITSELF.has(quantity)));
  return others
    .filter(({ id, chamber }) => id !== device.id && (chamber ?? only) === (device.chamber ?? only))
    .map(({ id, typeId }) => ({
      otherId: id,
      // types without a list of their own give anything of the catalogue: the first few names say enough
      quantities: (measures.get(typeId) ?? []).filter((quantity) => mine.has(quantity)).slice(0, 3),
    }))
    .filter(({ quantities }) => quantities.length > 0);
}
