import { toLatLon, uplinkTopic, type AssetInput } from '@ronde/contracts';
import type { EncodedUplink, EncodeValues } from '@ronde/sensor-types';
import type { City, CityDevice } from '../city/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type SimClock } from '../clock.ts';
import { temperatureC } from '../fill/weather.ts';
import type { World } from '../fill/world.ts';
import { createRng, seedOf, type Rng } from '../rng.ts';
import type { Truth } from '../truth.ts';
import type { Wire } from '../wire.ts';
import { chirpstackUp, thingsStackJoin, thingsStackUp, type Message } from './envelopes.ts';
import { drawFaults, loses, noPlight, strike, type DeviceFaults, type FaultMode, type Plight } from './faults.ts';
import { measure, type Measurement } from './measure.ts';
import { throughAir } from './radio.ts';

/** What a device remembers over a restart: [frame counter, charge, session]. */
export type DeviceMemory = [fCnt: number, charge: number, session: number];

export interface DeviceFleet {
  start(): void;
  stop(): void;
  /** Settles when everything under way is published or given up. */
  idle(): Promise<void>;
  memory(): Record<string, DeviceMemory>;
}

export interface DeviceFleetOptions {
  city: City;
  world: World;
  clock: SimClock;
  tenant: string;
  mode: FaultMode;
  seed: number;
  encode(typeId: string, values: EncodeValues): Promise<EncodedUplink | undefined>;
  wireOf(device: CityDevice): Wire | undefined;
  truth: Truth;
  memory?: Record<string, DeviceMemory> | undefined;
  /** False: own devices send no time, so that a simulation faster than its platform is not taken for a wrong clock. */
  stamp?: boolean | undefined;
  count: { published: number; lost: number; duplicates: number; late: number };
}

interface Unit {
  device: CityDevice;
  asset: AssetInput;
  faults: DeviceFaults;
  plight: Plight;
  rng: Rng;
  fCnt: number;
  session: number;
  dueMs: number;
  lastMs: number;
  reports: number;
  /** Messages of a device with its own clock that wait for the network to come back. */
  backlog: Message[];
}

/** Host milliseconds between looks at what is due. */
const TICK_HOST_MS = 100;
const BACKLOG = 200;
const DUPLICATE = 0.012;
const LATE_COPY = 0.002;
const LATE = 0.004;
const JOINS_PER_DAY = 1 / 45;

/** Makes every device of a city report over the wires; reporting times are spread evenly over the interval. */
export function createDeviceFleet(options: DeviceFleetOptions): DeviceFleet {
  const { clock } = options;
  const assets = new Map(options.city.assets.map((asset) => [asset.id, asset]));
  const units = options.city.devices.map((device) => unitOf(device, assets.get(device.assetId!)!, options));
  const cancels = new Set<() => void>();
  let working: Promise<void> = Promise.resolve();
  let stopped = false;

  const later = (delayMs: number, run: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  };
  const tick = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const due = units.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    for (const unit of due) {
      await report(unit, options, later);
      const jitterMs = options.mode === 'none' ? 0 : unit.rng.between(-1, 1) * (unit.device.intervalMs / 60);
      // a host that was busy skips what it missed instead of sending it in a burst
      const missed = Math.floor((nowMs - unit.dueMs) / unit.device.intervalMs);
      const spreadMs = unit.reports++ === 0 ? unit.rng.between(-0.5, 0.5) * unit.device.intervalMs : 0;
      unit.dueMs += (1 + missed) * unit.device.intervalMs + jitterMs + spreadMs;
    }
  };
  const plan = (): void => {
    if (stopped) return;
    const nextMs = units.reduce((first, { dueMs }) => Math.min(first, dueMs), Infinity);
    if (nextMs === Infinity) return;
    later(Math.max(TICK_HOST_MS * clock.speed, nextMs - clock.nowMs()), () => {
      working = working.then(tick).finally(plan);
    });
  };
  return {
    start() {
      for (const unit of units) {
        // the first reports come within half an interval, so that a start leaves no long gap; the second ones spread them evenly
        unit.dueMs = clock.nowMs() + (unit.rng.next() / 2) * unit.device.intervalMs;
        unit.lastMs = unit.dueMs - unit.device.intervalMs;
      }
      plan();
    },
    stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
    idle: () => working,
    memory: () =>
      Object.fromEntries(units.map(({ device, fCnt, faults, session }) => [device.id, [fCnt, faults.charge, session]])),
  };
}

function unitOf(device: CityDevice, asset: AssetInput, { mode, seed, memory }: DeviceFleetOptions): Unit {
  const [fCnt, charge, session] = memory?.[device.id] ?? [undefined, undefined, 0];
  const rng = createRng(seedOf(seed, `device ${device.id} ${fCnt ?? 0}`));
  const faults = drawFaults(device, mode, seed);
  if (charge !== undefined) faults.charge = charge;
  return {
    device,
    asset,
    faults,
    plight: noPlight(),
    rng,
    // a network server counts in 32 bits; the device itself in 16, which the server extends
    fCnt: fCnt ?? rng.int(20_000),
    session: session + 1,
    dueMs: 0,
    lastMs: 0,
    reports: 0,
    backlog: [],
  };
}

type Later = (delayMs: number, run: () => void) => void;

async function report(unit: Unit, options: DeviceFleetOptions, later: Later): Promise<void> {
  const { device, faults, plight, rng } = unit;
  const atMs = Math.floor(unit.dueMs);
  const level = options.world.levelAt(device.assetId!, device.chamber!, atMs);
  faults.charge = Math.max(0, faults.charge - faults.chargePerMessage);
  strike(plight, faults, { atMs, sinceMs: atMs - unit.lastMs, rng });
  unit.lastMs = atMs;
  const celsius = temperatureC(options.city.seed, atMs);
  const seen = measure(device, { level, temperatureC: celsius, atMs }, { faults, plight, rng });
  const fate = fateOf(unit, atMs);
  options.truth.write({
    at: new Date(atMs).toISOString(),
    deviceId: device.id,
    assetId: device.assetId,
    chamber: device.chamber,
    level: Number(level.toFixed(4)),
    distanceM: seen.distanceM === null ? null : Number(seen.distanceM.toFixed(3)),
    fCnt: unit.fCnt,
    fate,
    signs: seen.signs,
  });
  if (fate === 'dead') return;
  const message = await messageOf(unit, { atMs, level, celsius, seen }, options);
  unit.fCnt += 1;
  if (!message) return;
  if (fate === 'sent') send(unit, message, options, later);
  else if (fate === 'kept') unit.backlog = [...unit.backlog, message].slice(-BACKLOG);
  else options.count.lost += 1;
}

/** Dead: the battery is empty. Kept: no network, but the device has a clock and a memory. Lost: gone on the air. */
function fateOf({ faults, plight, rng, device }: Unit, atMs: number): 'dead' | 'kept' | 'lost' | 'sent' {
  if (faults.plagues && faults.charge <= 0) return 'dead';
  if (plight.outageUntilMs > atMs) return device.link === 'native' ? 'kept' : 'lost';
  // own devices send with QoS 1 over a mobile network: the radio repeats until it is through
  return device.link !== 'native' && loses(plight, faults, rng) ? 'lost' : 'sent';
}

interface Now {
  atMs: number;
  level: number;
  celsius: number;
  seen: Measurement;
}

async function messageOf(unit: Unit, now: Now, options: DeviceFleetOptions): Promise<Message | undefined> {
  const { device, faults, rng, fCnt } = unit;
  const at = options.stamp === false ? {} : { at: new Date(now.atMs).toISOString() };
  const topic = uplinkTopic(options.tenant, device.id);
  if (device.typeId === 'plain') {
    const fill = Number(Math.min(1, Math.max(0, now.level + rng.normal(0, faults.plagues ? 0.01 : 0))).toFixed(3));
    return {
      topic,
      body: {
        ...at,
        seq: fCnt,
        fill,
        battery: Number(faults.charge.toFixed(2)),
        temperature: Number(now.celsius.toFixed(1)),
      },
    };
  }
  const encoded = await options.encode(device.typeId, {
    distanceM: now.seen.distanceM,
    temperatureC: Number(now.celsius.toFixed(1)),
    battery: Number(faults.charge.toFixed(2)),
    tilted: now.seen.tilted,
    samples: now.seen.samples,
  });
  if (!encoded) return undefined;
  if (device.link === 'native') {
    return { topic, body: { ...at, fPort: encoded.fPort, data: Buffer.from(encoded.bytes).toString('base64'), fCnt } };
  }
  const air = throughAir(toLatLon(unit.asset.geometry), rng);
  const delivery = { device, encoded, air, fCnt, session: unit.session, atMs: now.atMs };
  return device.link === 'things-stack' ? thingsStackUp(delivery) : chirpstackUp(delivery);
}

function send(unit: Unit, message: Message, options: DeviceFleetOptions, later: Later): void {
  const { device, faults, rng } = unit;
  const wire = options.wireOf(device);
  if (!wire) return;
  const put = ({ topic, body }: Message): void => {
    options.count.published += 1;
    void wire.publish(topic, body);
  };
  // after an outage the newest comes first, then what was kept: out of order on purpose
  const kept = unit.backlog.splice(0);
  if (faults.plagues && rng.chance(LATE)) {
    options.count.late += 1;
    later(rng.between(1, 8) * MINUTE_MS, () => put(message));
  } else put(message);
  kept.forEach(put);
  if (!faults.plagues) return;
  if (device.link === 'things-stack' && rng.chance((JOINS_PER_DAY * device.intervalMs) / DAY_MS)) {
    unit.session += 1;
    unit.fCnt = 0;
    put(thingsStackJoin(device, unit.session, unit.lastMs));
  }
  const copy = rng.next();
  if (copy < DUPLICATE + LATE_COPY) {
    options.count.duplicates += 1;
    if (copy < DUPLICATE) put(message);
    else later(rng.between(2 * MINUTE_MS, HOUR_MS), () => put(message));
  }
}
