import type { FaultMix, FaultName } from '../faults/model.ts';
import { temperatureC } from '../fill/weather.ts';
import type { World } from '../fill/world.ts';
import type { Rng } from '../rng.ts';
import type { Truth } from '../truth.ts';
import type { Composer } from './compose.ts';
import type { Counts } from './engine.ts';
import type { FleetParts } from './fleet-parts.ts';
import type { Transmitter } from './transmit.ts';
import { deathLine, sampleLine, type Fate } from './truth-lines.ts';

/** When a device measures, and how long after its last time. */
export interface Turn {
  atMs: number;
  sinceMs: number;
}

export interface ReporterOptions {
  parts: FleetParts;
  composer: Composer;
  transmitter: Transmitter;
  world: World;
  fleet: { seed: number };
  mix: FaultMix;
  rng: Rng;
  truth: Truth;
  count: Counts;
}

/** What a lost message cost: nobody heard at which spreading factor. */
const LOST_AT = 8;

/**
 * Makes the function that measures and sends for one device after the other; it gives false when the device has fallen
 * silent for good.
 */
export function createReporter(options: ReporterOptions): (device: number, turn: Turn) => boolean {
  const { parts, composer, transmitter, world, rng, truth, count, fleet } = options;
  const { bench, batteries, counters, devices } = parts;
  const places = devices.map(({ assetId, chamber }) =>
    assetId === undefined || chamber === undefined ? -1 : world.placeOf(assetId, chamber),
  );
  return (device, turn) => {
    const { atMs } = turn;
    const fate = fateOf(options, device, turn);
    if (fate === 'dead') {
      truth.write(deathLine(devices[device]!, atMs));
      return false;
    }
    count.reports += 1;
    const level = world.levelOf(places[device]!, atMs);
    const celsius = temperatureC(fleet.seed, atMs);
    const sample = bench.measure(device, { level, temperatureC: celsius, ...turn }, rng);
    const signs = [...bench.signs, ...changes(options, device, turn)];
    const fCnt = counters.next(device);
    if (truth.on) truth.write(sampleLine(devices[device]!, { atMs, level, celsius, sample, fCnt, fate, signs }));
    if (fate === 'lost') {
      batteries.spend(device, LOST_AT);
      count.lost += 1;
      return true;
    }
    const delivery = composer.compose(device, { atMs, sample, fCnt });
    batteries.spend(device, delivery.air.spreadingFactor);
    if (fate === 'kept') transmitter.keep(device, delivery);
    else transmitter.send(device, delivery, atMs);
    return true;
  };
}

function fateOf({ parts, mix, rng }: ReporterOptions, device: number, turn: Turn): Fate {
  const failure = parts.batteries.failure(device);
  if (failure >= 1) return 'dead';
  if (failure > 0 && rng.chance(failure)) return 'lost';
  const lossy = parts.devices[device]!.lossy ?? parts.networks[device]!.lossy;
  if (parts.outages.isOut(device, turn, rng)) return !lossy && mix.backlog ? 'kept' : 'lost';
  // the others send over a mobile network that repeats until it is through
  return lossy && parts.losses.loses(device, rng) ? 'lost' : 'sent';
}

/** What happens to the device itself before it sends: an update, a restart, a join that its network tells of. */
function changes({ parts, transmitter, composer, rng }: ReporterOptions, device: number, turn: Turn): FaultName[] {
  const { firmware, counters, networks, devices, ids } = parts;
  const network = networks[device]!;
  const hasPorts = network.onlyPort === undefined;
  // who sends values by name has no payload that could change
  if (network.carries === 'bytes') firmware.update(device, { ...turn, hasPorts }, rng);
  const happened = counters.happens(device, turn.sinceMs, { rng, joins: network.joins });
  if (happened === undefined) return [];
  if (happened === 'rejoin' && network.joined) {
    const session = counters.sessionOf(device);
    const atMs = composer.wireMs(turn.atMs);
    const message = network.joined({ ids: ids[device]!, typeId: devices[device]!.typeId, session, atMs });
    transmitter.tell(device, message, turn.atMs);
  }
  return [happened];
}
