import { randomBytes } from 'node:crypto';
import type { CrewEvent, LatLon, Round, Stop, Vehicle } from '@ronde/contracts';
import type { City } from '../city/model.ts';
import { distanceM } from '../city/streets.ts';
import { HOUR_MS, MINUTE_MS, type SimClock, type SimLog } from '../clock.ts';
import { emptiedLine } from '../devices/truth-lines.ts';
import type { World } from '../fill/world.ts';
import { createRng, seedOf } from '../rng.ts';
import type { Truth } from '../truth.ts';
import { chooseOutcome, type Outcome } from './outcome.ts';
import { createTablet, type Tablet } from './tablet.ts';

/** A crew that drives the rounds its tablet shows. */
export interface Crew {
  start(): void;
  stop(): void;
  stats(): { crewId: string; stops: number; emptied: number; online: boolean; pending: number };
  tablet: Tablet;
}

export interface CrewOptions {
  city: City;
  vehicle: Vehicle;
  token: string;
  httpUrl: string;
  clock: SimClock;
  world: World;
  truth: Truth;
  seed: number;
  /** Sudden losses of coverage, skips and problems; false = every stop is emptied. */
  luck: boolean;
  log?: SimLog | undefined;
}

const ENDED = new Set(['done', 'skipped', 'problem']);
/** Roads are longer than the crow flies. */
const DETOUR = 1.3;
const IDLE_LOOK_MS = 2 * MINUTE_MS;
/** A crew that is this early at a place with opening times waits for the planned time. */
const LONGEST_WAIT_MS = HOUR_MS;
const OFFLINE_PER_STOP = 0.02;

/** Makes a crew, not yet at work. It starts a round at its start time and always takes the next stop of the newest version. */
export function createCrew(options: CrewOptions): Crew {
  const { clock, vehicle, city, world, truth } = options;
  const rng = createRng(seedOf(options.seed, `crew ${vehicle.id}`));
  const depot = city.depots.find(({ id }) => id === vehicle.depotId)!.position;
  const did = new Set<string>();
  const count = { stops: 0, emptied: 0 };
  let position: LatLon = depot;
  let busy = false;
  let cancel = (): void => undefined;
  let cancelReturn = (): void => undefined;
  const tablet = createTablet({
    httpUrl: options.httpUrl,
    token: options.token,
    log: options.log,
    onRounds: () => wake(0),
  });

  function wake(delayMs: number): void {
    if (busy) return;
    cancel();
    cancel = clock.after(delayMs, next);
  }
  const wait = (delayMs: number, then: () => void): void => {
    busy = true;
    cancel = clock.after(delayMs, () => {
      busy = false;
      then();
    });
  };
  /** Picks the next thing to do; looks again soon when there is nothing. */
  function next(): void {
    const nowMs = clock.nowMs();
    const round = currentRound(tablet.rounds(), nowMs, did);
    const stop = round?.stops.find((candidate) => !ENDED.has(candidate.status) && !did.has(keyOf(round, candidate)));
    if (!round || !stop) {
      position = round ? position : depot;
      return wake(IDLE_LOOK_MS);
    }
    const drivenM = DETOUR * distanceM(position, stop);
    wait((drivenM / (vehicle.speedKmh / 3.6)) * 1000 * (options.luck ? rng.between(0.9, 1.25) : 1), () =>
      arrive(round, stop),
    );
  }
  const arrive = (round: Round, stop: Stop): void => {
    position = { lat: stop.lat, lon: stop.lon };
    const event = (kind: CrewEvent['kind'], extra: Partial<CrewEvent> = {}): void =>
      tell(round, stop, { kind, ...extra });
    event('arrived', { offSiteM: Math.round(rng.between(2, 35)) });
    const hasHours = stop.assetIds.some((id) => city.assets.find((asset) => asset.id === id)?.timeWindows);
    // the planned time comes after a break before the work: how early a crew is shows when that is over
    const earlyMs = (): number =>
      hasHours ? Math.min(LONGEST_WAIT_MS, Math.max(0, Date.parse(stop.eta) - clock.nowMs())) : 0;
    const serviceMs = (stop.serviceS ?? 60) * 1000 * (options.luck ? rng.between(0.8, 1.3) : 1);
    rest(round, { stop, place: 'before' }, () => wait(earlyMs() + serviceMs, () => finish(round, stop, event)));
  };
  /** Has the break that the round puts there, says so, and goes on. */
  const rest = (round: Round, { stop, place }: { stop: Stop; place: 'before' | 'after' }, then: () => void): void => {
    const latest = tablet.rounds().find(({ id }) => id === round.id) ?? round;
    const planned = latest.breaks?.find((one) => one.stopId === stop.id && one.place === place && !one.taken);
    if (!planned) return then();
    const restedS = Math.round((Date.parse(planned.endsAt) - Date.parse(planned.startsAt)) / 1000);
    wait(restedS * 1000, () => {
      tell(round, stop, { kind: 'rested', restedS });
      then();
    });
  };
  const finish = (
    round: Round,
    stop: Stop,
    event: (kind: CrewEvent['kind'], extra?: Partial<CrewEvent>) => void,
  ): void => {
    const atMs = clock.nowMs();
    const full = Math.max(
      0,
      ...stop.assetIds.flatMap((id) => world.demandOf(id).map(({ chamber }) => world.levelAt(id, chamber, atMs))),
    );
    const outcome: Outcome = options.luck && stop.kind === 'asset' ? chooseOutcome(full, rng) : { kind: 'emptied' };
    const assetId = stop.assetIds.length === 1 ? { assetId: stop.assetIds[0] } : {};
    if (outcome.overflowed) event('full', assetId);
    event(outcome.kind, {
      ...assetId,
      ...(outcome.reason && { reason: outcome.reason }),
      ...(outcome.note && { note: outcome.note }),
    });
    did.add(keyOf(round, stop));
    count.stops += 1;
    if (outcome.kind === 'emptied') empty(stop, atMs, outcome.left ?? 0);
    if (options.luck && rng.chance(OFFLINE_PER_STOP)) loseCoverage();
    rest(round, { stop, place: 'after' }, next);
  };
  const empty = (stop: Stop, atMs: number, left: number): void => {
    for (const assetId of stop.assetIds) {
      world.empty(assetId, atMs, left);
      count.emptied += 1;
      truth.write(emptiedLine({ atMs, assetId, by: vehicle.id, left }));
    }
  };
  const tell = (round: Round, stop: Stop, what: Partial<CrewEvent> & { kind: CrewEvent['kind'] }): void => {
    const latest = tablet.rounds().find(({ id }) => id === round.id) ?? round;
    const atMs = clock.nowMs();
    tablet.report({
      id: uuidv7(atMs),
      roundId: round.id,
      roundVersion: latest.version,
      stopId: stop.id,
      deviceAt: new Date(atMs).toISOString(),
      ...what,
    });
  };
  const loseCoverage = (): void => {
    if (!tablet.online) return;
    tablet.goOffline();
    cancelReturn();
    cancelReturn = clock.after(rng.between(4, 25) * MINUTE_MS, () => tablet.goOnline());
  };
  return {
    tablet,
    start() {
      tablet.start();
      wake(0);
    },
    stop() {
      cancel();
      cancelReturn();
      tablet.stop();
      busy = true;
    },
    stats: () => ({ crewId: vehicle.crewId ?? vehicle.id, ...count, online: tablet.online, pending: tablet.pending() }),
  };
}

/** The round under way: started, not over, with work left; the earliest first. */
function currentRound(rounds: Round[], nowMs: number, did: Set<string>): Round | undefined {
  return rounds
    .filter(
      (round) => (round.status === 'published' || round.status === 'active') && Date.parse(round.startsAt) <= nowMs,
    )
    .filter((round) => round.stops.some((stop) => !ENDED.has(stop.status) && !did.has(keyOf(round, stop))))
    .sort((a, b) => a.startsAt.localeCompare(b.startsAt))[0];
}

function keyOf(round: Round, stop: Stop): string {
  return `${round.id}/${stop.id}`;
}

/** UUIDv7 (RFC 9562): unique over restarts, so not from the seeded source. */
function uuidv7(atMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(atMs, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
