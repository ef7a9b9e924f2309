import {
  cityHistory,
  createWorld,
  deviceInputOf,
  type City,
  type SimState,
  type WorldState,
} from '@ronde/firmware-sim';
import { hashSecret, newSecret } from '@ronde/registry';
import type { DemoDeps } from './demo.ts';

const APPENDS_AHEAD = 2;

/** Writes the city's documents. */
export async function putCity({ registry, tenant, clock }: DemoDeps, city: City): Promise<void> {
  await registry.areas.putAll(tenant, city.areas);
  await registry.assets.putAll(tenant, city.assets);
  await registry.depots.putAll(tenant, city.depots);
  await registry.disposalSites.putAll(tenant, city.disposalSites);
  await registry.crews.putAll(tenant, city.crews);
  await registry.vehicles.putAll(tenant, city.vehicles);
  await registry.calendars.putAll(tenant, [city.calendar]);
  await registry.devices.putAll(
    tenant,
    city.devices.map((device) => ({
      ...deviceInputOf(device),
      createdAt: clock.iso(),
      secretHash: hashSecret(newSecret()),
    })),
  );
}

/** Generates history while the store commits what came before. */
export async function appendHistory(
  { readings, sensorTypes, tenant }: DemoDeps,
  city: City,
  span: { fromMs: number; toMs: number; state?: WorldState },
): Promise<{ world: WorldState; count: number }> {
  const versionOf = (typeId: string): string => sensorTypes.get(typeId)?.manifest.version ?? '1.0.0';
  const batches = cityHistory(city, { ...span, versionOf, blindZoneM: sensorTypes.blindZoneM });
  const appends: Promise<unknown>[] = [];
  let count = 0;
  for (;;) {
    const { value, done } = batches.next();
    if (done) {
      await Promise.all(appends);
      return { world: value, count };
    }
    count += value.length;
    const append = readings.append({ tenant, readings: value });
    // it is awaited below; a failure before that must not count as unhandled
    append.catch(() => undefined);
    appends.push(append);
    if (appends.length >= APPENDS_AHEAD) await appends.shift();
  }
}

/** Without a state file the last readings tell how full the bins are. */
export async function fromLastValues({ readings, tenant, clock }: DemoDeps, city: City): Promise<SimState> {
  const atMs = clock.nowMs();
  const world = createWorld(city, { atMs });
  for (const { assetId, chamber, value } of await readings.lastValues({ tenant, quantity: 'fill' })) {
    if (assetId !== null && value !== null) world.set(assetId, chamber ?? '1', { level: value, atMs });
  }
  return { atMs, world: world.state(), devices: {} };
}
