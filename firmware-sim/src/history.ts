import type { Reading } from '@ronde/contracts';
import { fillFromDistance } from '@ronde/sensor-types';
import type { ChamberDemand, City, CityDevice } from './city/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './clock.ts';
import { createBatteries, type Batteries } from './faults/battery.ts';
import { jitterMs } from './faults/jitter.ts';
import { createLosses, type Losses } from './faults/loss.ts';
import { FAULT_MIXES } from './faults/mixes.ts';
import type { FaultMix, Sample } from './faults/model.ts';
import { createOutages, type Outages } from './faults/outage.ts';
import { leftBehind } from './faults/partial-emptying.ts';
import { createSensorBench, type SensorBench } from './faults/sensor-bench.ts';
import { toLocalMs } from './fill/local-time.ts';
import { isWorthIt } from './fill/visits.ts';
import { temperatureC } from './fill/weather.ts';
import { createWorld, type World, type WorldState } from './fill/world.ts';
import { createRng, seedOf, type Rng } from './rng.ts';

export interface HistoryOptions {
  fromMs: number;
  toMs: number;
  /** A city's when absent. */
  faults?: FaultMix;
  /** Contents of the bins at `fromMs`; random when absent. */
  state?: WorldState | undefined;
  /** Version of a sensor type, as the pipeline would write it. */
  versionOf?: (typeId: string) => string;
  blindZoneM?: (typeId: string) => number | undefined;
}

const BATCH = 5_000;
const HISTORY = 'HISTORY' as const;
/** Warmest that the catalogue believes. */
const MOST_C = 90;
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
  const mix = options.faults ?? FAULT_MIXES['city']!;
  const world = createWorld(city, { atMs: options.fromMs, state: options.state, mix });
  const troubles = troublesOf(city, mix, options);
  const crewTimes = new Set<string>();
  const byAsset = Map.groupBy(city.devices.keys(), (device) => city.devices[device]!.assetId!);
  let batch: Reading[] = [];
  for (const [assetId, devices] of byAsset) {
    const series = [
      visits(world, assetId, { city, options, mix, crewTimes }),
      ...devices.map((device) => reports(world, device, { city, options, mix, troubles })),
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
  given: { city: City; options: HistoryOptions; mix: FaultMix; crewTimes: Set<string> },
): Series {
  const { city, options, mix, crewTimes } = given;
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
      if (!isWorthIt(full, rng)) return [];
      let atMs = Math.max(
        options.fromMs,
        Math.min(options.toMs - 1, Math.round(dueMs + rng.normal(0, 25 * MINUTE_MS))),
      );
      // one device per vehicle: two bins at the same millisecond would be one reading
      while (crewTimes.has(`${vehicleId} ${atMs}`)) atMs += 1;
      crewTimes.add(`${vehicleId} ${atMs}`);
      world.empty(assetId, atMs, leftBehind(rng, mix['partial-emptying'] ?? 0));
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

/** What is wrong with the devices of a city, by their place in its list. */
interface Troubles {
  bench: SensorBench;
  losses: Losses;
  outages: Outages;
  batteries: Batteries;
}

function troublesOf({ devices, seed }: City, mix: FaultMix, options: HistoryOptions): Troubles {
  const given = { seed, ids: (device: number): string => devices[device]!.id };
  const probes = devices.map(({ typeId, mounting }) => ({
    emptyM: mounting?.emptyDistanceM ?? 1,
    fullM: mounting?.fullDistanceM ?? 0,
    blindM: options.blindZoneM?.(typeId) ?? 0,
    codesM: [null],
    level: true,
  }));
  return {
    bench: createSensorBench(probes, { mix, ...given }),
    losses: createLosses(devices.length, { factor: mix.loss ?? 0, ...given }),
    outages: createOutages(devices.length, { factor: mix.outage ?? 0 }),
    batteries: createBatteries(devices.length, { factor: mix.battery ?? 0, ...given }),
  };
}

interface Reporter {
  device: CityDevice;
  city: City;
  options: HistoryOptions;
  battery: number;
  rng: Rng;
}

function reports(
  world: World,
  place: number,
  given: { city: City; options: HistoryOptions; mix: FaultMix; troubles: Troubles },
): Series {
  const { city, options, mix, troubles } = given;
  const device = city.devices[place]!;
  const rng = createRng(seedOf(city.seed, `history ${device.id} ${options.fromMs}`));
  const reporter: Reporter = { device, city, options, battery: troubles.batteries.saidBy(place), rng };
  const stepMs = device.historyIntervalMs;
  const phaseMs = rng.between(0, FRESH_MS);
  const steps = Math.floor((options.toMs - phaseMs - options.fromMs) / stepMs);
  let count = 0;
  return {
    nextMs: options.toMs - phaseMs - steps * stepMs,
    stepMs,
    run(dueMs) {
      const last = dueMs + stepMs >= options.toMs;
      const scatterMs = last ? 0 : jitterMs(rng, { intervalMs: stepMs, factor: mix.jitter ?? 0 });
      const turn = { atMs: Math.max(options.fromMs, Math.floor(dueMs + scatterMs)), sinceMs: stepMs };
      const level = world.levelAt(device.assetId!, device.chamber!, turn.atMs);
      const outsideC = temperatureC(city.seed, turn.atMs);
      const sample = troubles.bench.measure(place, { level, temperatureC: outsideC, ...turn }, rng);
      if (troubles.outages.isOut(place, turn, rng)) return [];
      // the last message of all arrives: a start should not look like a silence
      if (troubles.losses.loses(place, rng) && !last) return [];
      count += 1;
      return readingsOf(reporter, { atMs: turn.atMs, sample, withBattery: count % 12 === 1 });
    },
  };
}

function readingsOf(
  { device, options, battery, rng }: Reporter,
  { atMs, sample, withBattery }: { atMs: number; sample: Sample; withBattery: boolean },
): Reading[] {
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
  const readings = levels(device, sample, { base, blindZoneM: options.blindZoneM?.(device.typeId) });
  if (withBattery) {
    const share = { ...base, quality: 'ok' as const, flags: [HISTORY] };
    readings.push({ ...share, quantity: 'battery', value: Number(battery.toFixed(2)), unit: '1' });
    const { temperatureC: celsius } = sample;
    // a device that cannot tell cold from hot says so in its first message already
    const isOff = celsius > MOST_C;
    readings.push({
      ...share,
      quantity: 'temperature',
      value: Number(celsius.toFixed(1)),
      unit: 'Cel',
      ...(isOff && { quality: 'invalid', flags: [HISTORY, 'OUT_OF_RANGE'] }),
    });
  }
  return readings;
}

type Base = Omit<Reading, 'quantity' | 'value' | 'unit' | 'quality' | 'flags'>;

function levels(
  device: CityDevice,
  sample: Sample,
  { base, blindZoneM }: { base: Base; blindZoneM: number | undefined },
): Reading[] {
  const { mounting } = device;
  const { distanceM } = sample;
  const isTilted = sample.tiltDeg >= 20;
  if (distanceM === null) {
    const quantity = mounting
      ? ({ quantity: 'distance', unit: 'm' } as const)
      : ({ quantity: 'fill', unit: '1' } as const);
    return [{ ...base, ...quantity, value: null, quality: 'invalid', flags: ['SENTINEL', HISTORY] }];
  }
  if (!mounting) {
    const value = Number(Math.min(1, Math.max(0, 1 - distanceM)).toFixed(3));
    const flags = [HISTORY, ...(value >= 1 ? (['SATURATED'] as const) : [])];
    return [{ ...base, quantity: 'fill', value, unit: '1', quality: value >= 1 ? 'censored' : 'ok', flags }];
  }
  const fill = fillFromDistance({ distanceM, mounting, blindZoneM });
  const quality = isTilted && fill.quality === 'ok' ? 'suspect' : fill.quality;
  const flags = [...fill.flags, ...(isTilted ? (['TILTED'] as const) : []), HISTORY];
  const said = { ...base, quantity: 'distance', value: Number(distanceM.toFixed(3)), unit: 'm' } as const;
  return [
    { ...said, quality: isTilted ? 'suspect' : 'ok', flags: [HISTORY] },
    { ...base, quantity: 'fill', value: fill.value, unit: '1', quality, flags: [...flags, 'DERIVED'] },
  ];
}
