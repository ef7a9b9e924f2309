import { createCity } from './create-city.ts';
import type { City } from './model.ts';

/**
 * Gives so many devices of a generated city, evenly over all kinds, each with its own connection, with ids that a demo
 * city on the same platform does not use. No vehicles: it is for load and for trying out devices.
 */
export function createBenchCity(options: { seed: number; devices: number; intervalMs: number }): City {
  const { seed, devices: wanted, intervalMs } = options;
  const whole = createCity({ seed, share: Math.max(1, Math.ceil(wanted / 600)) });
  const rename = (id: string): string => `sim${seed}-${id}`;
  const step = whole.devices.length / wanted;
  const devices = Array.from({ length: wanted }, (_, index) => whole.devices[Math.floor(index * step)]!).map(
    ({ externalIds: _, ...device }) => ({
      ...device,
      id: rename(device.id),
      assetId: rename(device.assetId!),
      link: 'native' as const,
      intervalMs,
    }),
  );
  const used = new Set(devices.map(({ assetId }) => assetId));
  const assets = whole.assets
    .map(({ areaId: _, ...asset }) => ({ ...asset, id: rename(asset.id) }))
    .filter(({ id }) => used.has(id));
  const demand = whole.demand
    .map((one) => ({ ...one, assetId: rename(one.assetId) }))
    .filter(({ assetId }) => used.has(assetId));
  return { ...whole, assets, devices, demand, vehicles: [], crews: [], areas: [] };
}
