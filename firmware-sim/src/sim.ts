import type { EncodedUplink, EncodeValues } from '@ronde/sensor-types';
import type { City, CityDevice, Link } from './city/model.ts';
import type { SimClock, SimLog } from './clock.ts';
import { createCrew, type Crew } from './crews/crew.ts';
import { createDeviceFleet, type DeviceMemory } from './devices/device-fleet.ts';
import type { FaultMode } from './devices/faults.ts';
import { createWorld, type World, type WorldState } from './fill/world.ts';
import { openTruth } from './truth.ts';
import { openWire, type Wire } from './wire.ts';

/** What a simulation goes on from; plain JSON. */
export interface SimState {
  atMs: number;
  world: WorldState;
  devices: Record<string, DeviceMemory>;
}

/** How the simulation signs in: network servers as integrations, own devices each with its secret. */
export interface SimCredentials {
  integrations: Partial<Record<Exclude<Link, 'native'>, { id: string; secret: string }>>;
  /** Secret by device id. */
  devices: Record<string, string>;
}

export interface SimOptions {
  city: City;
  state?: SimState | undefined;
  clock: SimClock;
  tenant: string;
  mqttUrl: string;
  /** Without it no crews drive. */
  httpUrl?: string | undefined;
  credentials: SimCredentials;
  /** Token by crew id. */
  crewTokens: Record<string, string>;
  faults: FaultMode;
  seed: number;
  /** `encode` of the opened sensor types. */
  encode(typeId: string, values: EncodeValues): Promise<EncodedUplink | undefined>;
  truthFile?: string | undefined;
  /** False: own devices send no time of their own. */
  stamp?: boolean;
  log?: SimLog | undefined;
}

export interface SimStats {
  /** Messages handed to a connection, and those the broker acknowledged. */
  published: number;
  acked: number;
  /** Lost on the air on purpose, sent twice on purpose, delayed on purpose. */
  lost: number;
  duplicates: number;
  late: number;
  connections: number;
  connected: number;
  crews: ReturnType<Crew['stats']>[];
}

/** A living city: bins fill, devices report, crews drive. */
export interface Sim {
  start(): Promise<void>;
  stop(): Promise<void>;
  stats(): SimStats;
  saveState(): SimState;
  world: World;
}

const FIRST_CONNECT_MS = 10_000;

/** Makes a simulation, not yet connected; `start` fails when the network servers (or, without them, the first device) cannot sign in. */
export function createSim(options: SimOptions): Sim {
  const { city, clock } = options;
  const world = createWorld(city, { atMs: clock.nowMs(), state: options.state?.world });
  const truth = openTruth(options.truthFile, { log: options.log });
  const count = { published: 0, acked: 0, lost: 0, duplicates: 0, late: 0 };
  const wires = new Map<string, Wire>();
  const wireOf = (device: CityDevice): Wire | undefined =>
    wires.get(device.link === 'native' ? device.id : device.link);
  const fleet = createDeviceFleet({
    ...options,
    world,
    mode: options.faults,
    truth,
    wireOf,
    memory: options.state?.devices,
    count,
  });
  const crews = crewsOf(options, { world, truth });
  return {
    world,
    async start() {
      openWires(options, { wires, onAck: () => (count.acked += 1) });
      const shared = [...wires]
        .filter(([name]) => name === 'things-stack' || name === 'chirpstack')
        .map(([, wire]) => wire);
      const [own] = [...wires.values()].filter((wire) => !shared.includes(wire));
      await Promise.all((shared.length > 0 || !own ? shared : [own]).map((wire) => wire.ready(FIRST_CONNECT_MS)));
      fleet.start();
      for (const crew of crews) crew.start();
      options.log?.info({ devices: city.devices.length, connections: wires.size, crews: crews.length }, 'sim.start');
    },
    async stop() {
      fleet.stop();
      for (const crew of crews) crew.stop();
      await fleet.idle();
      await Promise.all([...wires.values()].map((wire) => wire.close()));
      truth.close();
    },
    stats: () => ({
      ...count,
      connections: wires.size,
      connected: [...wires.values()].filter(({ connected }) => connected).length,
      crews: crews.map((crew) => crew.stats()),
    }),
    saveState: () => ({ atMs: clock.nowMs(), world: world.state(), devices: fleet.memory() }),
  };
}

function openWires(options: SimOptions, { wires, onAck }: { wires: Map<string, Wire>; onAck: () => void }): void {
  const { mqttUrl: url, credentials, city, log } = options;
  for (const [link, credential] of Object.entries(credentials.integrations)) {
    const clientId = `ronde-sim-${credential.id}`;
    wires.set(
      link,
      openWire({ url, clientId, username: `integration:${credential.id}`, password: credential.secret, log, onAck }),
    );
  }
  for (const { id, link } of city.devices) {
    const password = credentials.devices[id];
    if (link === 'native' && password !== undefined)
      wires.set(id, openWire({ url, clientId: id, username: id, password, log, onAck }));
  }
}

function crewsOf(options: SimOptions, parts: { world: World; truth: ReturnType<typeof openTruth> }): Crew[] {
  const { city, httpUrl, crewTokens } = options;
  if (httpUrl === undefined) return [];
  return city.vehicles.flatMap((vehicle) => {
    const token = vehicle.crewId === undefined ? undefined : crewTokens[vehicle.crewId];
    return token === undefined
      ? []
      : [createCrew({ ...options, ...parts, httpUrl, vehicle, token, luck: options.faults === 'city' })];
  });
}
