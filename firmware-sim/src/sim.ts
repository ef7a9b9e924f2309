import type { Encoders } from '@ronde/sensor-types';
import type { City } from './city/model.ts';
import type { SimClock, SimLog } from './clock.ts';
import { createCrew, type Crew } from './crews/crew.ts';
import { createEngine, type Counts, type Engine } from './devices/engine.ts';
import type { DeviceMemory } from './devices/fleet-parts.ts';
import { runEngine, type EngineRun } from './devices/run-engine.ts';
import { runLine, worldLine } from './devices/truth-lines.ts';
import type { FaultMix } from './faults/model.ts';
import { createWorld, type World, type WorldState } from './fill/world.ts';
import { openNetworks } from './networks/index.ts';
import { openTypeBook } from './type-book.ts';
import { openCarrier } from './transports/open-carrier.ts';
import type { Carrier, CarrierStats, SimCredentials } from './transports/carrier.ts';
import { openTruth, type Truth } from './truth.ts';

/** What a simulation goes on from; plain JSON. */
export interface SimState {
  atMs: number;
  world: WorldState;
  devices: Record<string, DeviceMemory>;
}

export interface SimOptions {
  city: City;
  state?: SimState | undefined;
  /** Simulated time. */
  clock: SimClock;
  /** Where the simulation begins; where the clock stands when absent. */
  startMs?: number;
  /** Devices fall silent at this simulated moment. */
  endMs?: number;
  tenant: string;
  mqttUrl: string;
  /** For webhooks and crews; without it no crews drive. */
  httpUrl?: string | undefined;
  /** Messages go into this file instead. */
  outFile?: string | undefined;
  credentials: SimCredentials;
  /** Token by crew id. */
  crewTokens: Record<string, string>;
  faults: FaultMix;
  seed: number;
  encoders: Pick<Encoders, 'encoderOf' | 'manifests'>;
  /** True: bins are emptied on fixed days, since no crew comes. */
  visits?: boolean;
  truthFile?: string | undefined;
  /** The ground truth moves to `<file>.1` at this size; Infinity = never. */
  truthLimitBytes?: number;
  wireMs?: ((simMs: number) => number) | undefined;
  /** True: nothing is left out when the host was busy; the stream is the same on every host. */
  catchUp?: boolean;
  connectionsPerIntegration?: number;
  log?: SimLog | undefined;
}

export interface SimStats extends Counts, CarrierStats {
  crews: ReturnType<Crew['stats']>[];
}

/** A living city: bins fill, devices report, crews drive. */
export interface Sim {
  /** Connects. @throws when the network servers (or, without them, the first device) cannot sign in */
  connect(): Promise<void>;
  /** Connects, and lets devices and crews follow the clock. */
  start(): Promise<void>;
  /** After `connect`: runs to a simulated moment as fast as the platform takes it. */
  fastForward(toMs: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when the simulation has come to its end. */
  ended(): Promise<void>;
  /** The simulated moment that everything has been done until. */
  nowMs(): number;
  /** Waits for the last acknowledgements for so long (host time), then closes everything. */
  stop(patienceMs?: number): Promise<void>;
  stats(): SimStats;
  saveState(): SimState;
  world: World;
}

const FIRST_CONNECT_MS = 10_000;
const LAST_ACKS_MS = 5_000;
const NOTHING: Counts = { reports: 0, published: 0, lost: 0, duplicates: 0, late: 0 };

interface Running {
  engine: Engine;
  carrier: Carrier;
  run: EngineRun;
}

/** Makes a simulation, not yet connected. */
export function createSim(options: SimOptions): Sim {
  const { city, clock, faults: mix } = options;
  const startMs = options.startMs ?? clock.nowMs();
  const truth = openTruth(options.truthFile, { log: options.log, limitBytes: options.truthLimitBytes });
  truth.write(runLine({ seed: options.seed, startMs, devices: city.devices.length, mix }));
  const world = createWorld(city, {
    atMs: startMs,
    state: options.state?.world,
    mix,
    visits: options.visits ?? false,
    ...(truth.on && { onEvent: (event) => truth.write(worldLine(event)) }),
  });
  const crews = crewsOf(options, { world, truth });
  let running: Running | undefined;
  const connect = async (): Promise<Running> => {
    running ??= await open(options, { world, truth, startMs });
    await running.carrier.ready(FIRST_CONNECT_MS);
    return running;
  };
  return {
    world,
    connect: async () => void (await connect()),
    async start() {
      const { run, carrier } = await connect();
      run.start();
      for (const crew of crews) crew.start();
      const { connections } = carrier.stats();
      options.log?.info({ devices: city.devices.length, connections, crews: crews.length }, 'sim.start');
    },
    ended: async () => (await connect()).run.ended,
    nowMs: () => running?.run.doneMs() ?? startMs,
    async fastForward(toMs, signal) {
      const { run } = await connect();
      await run.fastForward(toMs, signal);
    },
    async stop(patienceMs = LAST_ACKS_MS) {
      running?.run.stop();
      for (const crew of crews) crew.stop();
      await running?.run.idle();
      if (running) await Promise.race([running.carrier.drained(), later(patienceMs)]);
      await running?.carrier.close();
      truth.close();
    },
    stats: () => ({
      ...(running?.engine.count ?? NOTHING),
      ...(running?.carrier.stats() ?? { acked: 0, failed: 0, waiting: 0, connections: 0, connected: 0 }),
      crews: crews.map((crew) => crew.stats()),
    }),
    saveState: () => ({
      atMs: clock.nowMs(),
      world: world.state(),
      devices: running?.engine.memory() ?? options.state?.devices ?? {},
    }),
  };
}

async function open(options: SimOptions, parts: { world: World; truth: Truth; startMs: number }): Promise<Running> {
  const { city, clock } = options;
  const networks = openNetworks(options.tenant);
  const types = await openTypeBook(
    options.encoders,
    city.devices.map(({ typeId, standsFor }) => standsFor ?? typeId),
  );
  const carrier = openCarrier({ ...options, networks });
  const engine = createEngine({
    ...options,
    ...parts,
    fleet: city,
    types,
    mix: options.faults,
    networkOf: ({ link }) => networks[link],
    memory: options.state?.devices,
    catchUp: options.catchUp ?? false,
  });
  return {
    engine,
    carrier,
    run: runEngine(engine, { clock, carrier, startMs: parts.startMs, endMs: options.endMs ?? Infinity }),
  };
}

function crewsOf(options: SimOptions, parts: { world: World; truth: Truth }): Crew[] {
  const { city, httpUrl, crewTokens } = options;
  if (httpUrl === undefined) return [];
  return city.vehicles.flatMap((vehicle) => {
    const token = vehicle.crewId === undefined ? undefined : crewTokens[vehicle.crewId];
    const luck = Object.keys(options.faults).length > 0;
    return token === undefined ? [] : [createCrew({ ...options, ...parts, httpUrl, vehicle, token, luck })];
  });
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
