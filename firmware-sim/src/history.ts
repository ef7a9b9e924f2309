import type { Reading } from '@ronde/contracts';
import { fillFromDistance } from '@ronde/sensor-types';
import type { ChamberDemand, City, CityDevice } from './city/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './clock.ts';
import {
  drawFaults,
  loses,
  noPlight,
  strike,
  type DeviceFaults,
  type FaultMode,
  type Plight,
} from './devices/faults.ts';
import { measure, type Measurement } from './devices/measure.ts';
import { toLocalMs } from './fill/local-time.ts';
import { temperatureC } from './fill/weather.ts';
import { createWorld, type World, type WorldState } from './fill/world.ts';
import { createRng, seedOf, type Rng } from './rng.ts';

export interface HistoryOptions {
  fromMs: number;
  toMs: number;
  faults?: FaultMode;
  /** Contents of the bins at `fromMs`; random when absent. */
  state?: WorldState | undefined;
  /** Version of a sensor type, as the pipeline would write it. */
  versionOf?: (typeId: string) => string;
  blindZoneM?: (typeId: string) => number | undefined;
}

const BATCH = 5_000;
const HISTORY = 'HISTORY' as const;
/** A visit skips bins that are nearly empty. */
const NOT_WORTH_IT = 0.25;
/** So that no device looks silent when the live ones take over, the last reading is this fresh. */
const FRESH_MS = 30 * MINUTE_MS;

type Job = (atMs: number) => Reading[];
interface Series {
  nextMs: number;
  stepMs: number;
  run: Job;
}

/**
 * Generates what the sensors and crews of a city would have reported between two moments, when every bin was emptied on
 * fixed days. Batches are in order of time per series, not overall.
 * @returns after the last batch: what is in the bins at `toMs`
 */
export function* cityHistory(city: City, options: HistoryOptions): Generator<Reading[], WorldState> {
  const world = createWorld(city, { atMs: options.fromMs, state: options.state });
  const crewTimes = new Set<string>();
  const byAsset = Map.groupBy(city.devices, ({ assetId }) => assetId!);
  let batch: Reading[] = [];
  for (const [assetId, devices] of byAsset) {
    const series = [
      visits(world, assetId, { city, options, crewTimes }),
      ...devices.map((device) => reports(world, device, { city, options })),
    ];
    for (;;) {
      // chambers of one asset share its visits, so its series run together in order of time
      const due = series.reduce((first, one) => (one.nextMs < first.nextMs ? one : first));
      if (due.nextMs >= options.toMs) break;
      batch.push(...due.run(due.nextMs));
      due.nextMs += due.stepMs;
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  for (const { assetId, chamber } of city.demand) world.levelAt(assetId, chamber, options.toMs);
  return world.state();
}

function visits(
  world: World,
  assetId: string,
  given: { city: City; options: HistoryOptions; crewTimes: Set<string> },
): Series {
  const { city, options, crewTimes } = given;
  const rng = createRng(seedOf(city.seed, `visits ${assetId} ${options.fromMs}`));
  const demand = world.demandOf(assetId);
  const [{ visitEveryDays, visitHour, vehicleId }] = demand as [ChamberDemand];
  const stepMs = visitEveryDays * DAY_MS;
  const midnightMs = options.fromMs - (toLocalMs(options.fromMs) % DAY_MS);
  const firstMs = midnightMs + visitHour * HOUR_MS + rng.int(Math.ceil(visitEveryDays)) * DAY_MS;
  return {
    nextMs: firstMs <= options.fromMs ? firstMs + stepMs : firstMs,
    stepMs,
    run(dueMs) {
      const full = Math.max(...demand.map(({ chamber }) => world.levelAt(assetId, chamber, dueMs)));
      if (full < NOT_WORTH_IT || rng.chance(0.03)) return [];
      let atMs = Math.max(
        options.fromMs,
        Math.min(options.toMs - 1, Math.round(dueMs + rng.normal(0, 25 * MINUTE_MS))),
      );
      // one device per vehicle: two bins at the same millisecond would be one reading
      while (crewTimes.has(`${vehicleId} ${atMs}`)) atMs += 1;
      crewTimes.add(`${vehicleId} ${atMs}`);
      world.empty(assetId, atMs, rng.chance(0.03) ? rng.between(0.05, 0.25) : 0);
      return demand.map(({ chamber }) => crewReading({ atMs, assetId, chamber, vehicleId }));
    },
  };
}

function crewReading(given: { atMs: number; assetId: string; chamber: string; vehicleId: string }): Reading {
  const at = new Date(given.atMs).toISOString();
  return {
    at,
    receivedAt: at,
    deviceId: `crew-${given.vehicleId}`,
    assetId: given.assetId,
    chamber: given.chamber,
    quantity: 'fill',
    value: 0,
    unit: '1',
    quality: 'ok',
    flags: ['CREW_EMPTIED', HISTORY],
    typeVersion: 'crew@1',
    uplinkId: 'history',
  };
}

interface Reporter {
  device: CityDevice;
  city: City;
  options: HistoryOptions;
  faults: DeviceFaults;
  plight: Plight;
  rng: Rng;
}

function reports(world: World, device: CityDevice, { city, options }: { city: City; options: HistoryOptions }): Series {
  const mode = options.faults ?? 'city';
  const rng = createRng(seedOf(city.seed, `history ${device.id} ${options.fromMs}`));
  const reporter: Reporter = {
    device,
    city,
    options,
    faults: drawFaults(device, mode, city.seed),
    plight: noPlight(),
    rng,
  };
  const stepMs = device.historyIntervalMs;
  const phaseMs = rng.between(0, FRESH_MS);
  const steps = Math.floor((options.toMs - phaseMs - options.fromMs) / stepMs);
  let count = 0;
  return {
    nextMs: options.toMs - phaseMs - steps * stepMs,
    stepMs,
    run(dueMs) {
      const last = dueMs + stepMs >= options.toMs;
      const atMs = Math.floor(dueMs + (last || mode === 'none' ? 0 : rng.normal(0, 4_000)));
      const level = world.levelAt(device.assetId!, device.chamber!, atMs);
      strike(reporter.plight, reporter.faults, { atMs, sinceMs: stepMs, rng });
      const gone = reporter.plight.outageUntilMs > atMs || loses(reporter.plight, reporter.faults, rng);
      if (gone && (!last || reporter.plight.outageUntilMs > atMs)) return [];
      count += 1;
      return readingsOf(reporter, { atMs, level, withBattery: count % 12 === 1 });
    },
  };
}

function readingsOf(
  { device, city, options, faults, plight, rng }: Reporter,
  now: { atMs: number; level: number; withBattery: boolean },
): Reading[] {
  const { atMs } = now;
  const outsideC = temperatureC(city.seed, atMs);
  const seen = measure(device, { level: now.level, temperatureC: outsideC, atMs }, { faults, plight, rng });
  const at = new Date(atMs).toISOString();
  const base = {
    at,
    receivedAt: new Date(atMs + 800 + rng.int(1_500)).toISOString(),
    deviceId: device.id,
    assetId: device.assetId ?? null,
    ...(device.chamber !== undefined && { chamber: device.chamber }),
    typeVersion: `${device.typeId}@${options.versionOf?.(device.typeId) ?? '1.0.0'}`,
    uplinkId: 'history',
  };
  const readings: Reading[] = [
    ...levels(device, seen, { base, blindZoneM: options.blindZoneM?.(device.typeId), level: now.level }),
  ];
  if (now.withBattery) {
    const share = { ...base, quality: 'ok' as const, flags: [HISTORY] };
    readings.push({ ...share, quantity: 'battery', value: Number(faults.charge.toFixed(2)), unit: '1' });
    readings.push({ ...share, quantity: 'temperature', value: Number(outsideC.toFixed(1)), unit: 'Cel' });
  }
  return readings;
}

type Base = Omit<Reading, 'quantity' | 'value' | 'unit' | 'quality' | 'flags'>;

function levels(
  device: CityDevice,
  seen: Measurement,
  given: { base: Base; blindZoneM: number | undefined; level: number },
): Reading[] {
  const { base, blindZoneM } = given;
  if (!device.mounting) {
    const value = Number(Math.min(1, Math.max(0, given.level)).toFixed(3));
    return [
      {
        ...base,
        quantity: 'fill',
        value,
        unit: '1',
        quality: value >= 1 ? 'censored' : 'ok',
        flags: [HISTORY, ...(value >= 1 ? ['SATURATED' as const] : [])],
      },
    ];
  }
  if (seen.distanceM === null) {
    return [
      { ...base, quantity: 'distance', value: null, unit: 'm', quality: 'invalid', flags: ['SENTINEL', HISTORY] },
    ];
  }
  const fill = fillFromDistance({ distanceM: seen.distanceM, mounting: device.mounting, blindZoneM });
  const quality = seen.tilted && fill.quality === 'ok' ? 'suspect' : fill.quality;
  const flags = [...fill.flags, ...(seen.tilted ? ['TILTED' as const] : []), HISTORY];
  return [
    {
      ...base,
      quantity: 'distance',
      value: Number(seen.distanceM.toFixed(3)),
      unit: 'm',
      quality: seen.tilted ? 'suspect' : 'ok',
      flags: [HISTORY],
    },
    { ...base, quantity: 'fill', value: fill.value, unit: '1', quality, flags: [...flags, 'DERIVED'] },
  ];
}
