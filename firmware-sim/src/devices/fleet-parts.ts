import type { CityDevice } from '../city/model.ts';
import { createBatteries, type Batteries } from '../faults/battery.ts';
import { drawDeviceClock } from '../faults/clocks.ts';
import { createCounters, type Counters } from '../faults/counter.ts';
import { createFirmware, type Firmware } from '../faults/firmware.ts';
import { createLosses, type Losses } from '../faults/loss.ts';
import type { FaultMix, FaultName, Probe } from '../faults/model.ts';
import { createOutages, type Outages } from '../faults/outage.ts';
import { createSensorBench, type Begun, type SensorBench } from '../faults/sensor-bench.ts';
import type { Ids, Network } from '../networks/model.ts';
import { createRng, mixSeed, seedOf } from '../rng.ts';
import type { SimType, TypeBook } from '../type-book.ts';

/** What a device remembers over a restart: [frame counter, charge, session, what changed for good]. */
export type DeviceMemory = [
  fCnt: number,
  charge: number,
  session: number,
  lasting?: Partial<Record<FaultName, number>>,
];

/** All devices of a simulation with what is wrong with them: objects hold what never changes, columns what does. */
export interface FleetParts {
  devices: readonly CityDevice[];
  types: readonly SimType[];
  networks: readonly Network[];
  probes: readonly Probe[];
  ids: readonly Ids[];
  bench: SensorBench;
  losses: Losses;
  outages: Outages;
  batteries: Batteries;
  counters: Counters;
  firmware: Firmware;
  /** How wrong each device's clock is, ms; NaN = none. */
  clockOffMs: Float64Array;
  rngStates: Int32Array;
}

export interface FleetPartsOptions {
  devices: readonly CityDevice[];
  types: TypeBook;
  networkOf(device: CityDevice): Network;
  mix: FaultMix;
  seed: number;
  memory?: Record<string, DeviceMemory> | undefined;
  onBegin?: ((begun: Begun) => void) | undefined;
}

/** Draws a fleet: the same seed gives the same devices with the same troubles. */
export function createFleetParts(options: FleetPartsOptions): FleetParts {
  const { devices, mix, seed, memory, onBegin } = options;
  const count = devices.length;
  const ids = (device: number): string => devices[device]!.id;
  const types = devices.map(({ typeId, standsFor }) => options.types.of(standsFor ?? typeId));
  const networks = devices.map(options.networkOf);
  const probes = devices.map((device, index) => probeOf(device, types[index]!));
  const given = { seed, ids };
  const draw = createRng(0);
  const luck = (device: number, about: number): void => draw.seek(mixSeed(seedOf(seed, ids(device)), about));
  const parts: FleetParts = {
    devices,
    types,
    networks,
    probes,
    ids: devices.map(namesOf),
    bench: createSensorBench(probes, { mix, ...given, ...(onBegin && { onBegin }) }),
    losses: createLosses(count, { factor: mix.loss ?? 0, ...given }),
    outages: createOutages(count, { factor: mix.outage ?? 0, onBegin }),
    batteries: createBatteries(count, { factor: mix.battery ?? 0, ...given }),
    firmware: createFirmware(count, { factor: mix.firmware ?? 0, onBegin }),
    counters: createCounters(count, {
      mix,
      // own firmware with a counter of one byte, as the measured fleet had
      bitsOf: (device) => (isOwn(networks[device]!) && lucky(device) ? 8 : networks[device]!.counterBits),
      luckOf: (device) => (luck(device, 103), draw.next()),
    }),
    clockOffMs: new Float64Array(count),
    rngStates: new Int32Array(count),
  };
  function lucky(device: number): boolean {
    luck(device, 104);
    return draw.chance(mix.counter ?? 0);
  }
  for (let device = 0; device < count; device++) {
    luck(device, 105);
    parts.clockOffMs[device] = drawDeviceClock(draw, { none: mix['no-clock'] ?? 0, wrong: mix['wrong-clock'] ?? 0 });
    const kept = memory?.[ids(device)];
    parts.rngStates[device] = seedOf(seed, `device ${ids(device)} ${kept?.[0] ?? 0}`);
    if (kept) restore(parts, device, kept);
  }
  return parts;
}

/** Tells whether a device speaks for itself over a connection of its own. */
export function isOwn({ source }: Network): boolean {
  return source === 'native';
}

/** What a device remembers, for the state file. */
export function memoryOf(parts: FleetParts, device: number): DeviceMemory {
  const { batteries, counters, firmware, bench } = parts;
  const [fCnt, session] = counters.memoryOf(device);
  const change = firmware.changeOf(device);
  const lasting = { ...bench.lastingOf(device), ...(change > 0 && { firmware: change }) };
  const charge = batteries.chargeOf(device);
  return Object.keys(lasting).length > 0 ? [fCnt, charge, session, lasting] : [fCnt, charge, session];
}

function restore(parts: FleetParts, device: number, memory: DeviceMemory): void {
  const [fCnt, charge, session, lasting = {}] = memory;
  // a restart is a join: the session that was broken off is not taken up again
  parts.counters.restore(device, [fCnt, session + 1]);
  parts.batteries.restore(device, charge);
  parts.firmware.restore(device, lasting.firmware ?? 0);
  parts.bench.restore(device, lasting);
}

function probeOf({ mounting }: CityDevice, type: SimType): Probe {
  return {
    emptyM: mounting?.emptyDistanceM ?? 1,
    fullM: mounting?.fullDistanceM ?? 0,
    blindM: type.blindM,
    codesM: type.codesM,
    level: type.level,
  };
}

function namesOf({ id, externalIds }: CityDevice): Ids {
  return {
    deviceId: id,
    devEui: externalIds?.devEui ?? '',
    imei: externalIds?.imei ?? '',
    networkId: externalIds?.networkId ?? '',
  };
}
