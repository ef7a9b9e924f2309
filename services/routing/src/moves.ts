import { RondeError, type MoveInput, type MoveObstacle, type MoveQuote, type Round, type Stop } from '@ronde/contracts';
import type { Clock } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { lay, type Shortfall, type Solution } from '@ronde/solver';
import type { Travel } from '@ronde/travel';
import { planStart, type Duty } from './build-problem.ts';
import { fits } from './candidates.ts';
import { COMMITTED_STOPS, isEnded } from './committed.ts';
import type { RoutingConfig } from './config.ts';
import { dutiesOf } from './duties.ts';
import { readFleet } from './fleet.ts';
import type { Forecaster } from './forecaster.ts';
import type { Learnings } from './learnings.ts';
import { makeRound } from './make-round.ts';
import { candidateOf, moveProblem, openStops, stateOf, type MoveGiven, type MoveProblem } from './move-problem.ts';
import { diffRounds } from './round-diff.ts';
import type { RoundStore } from './round-store.ts';

/** An operator's moves of stops: priced before anybody commits, obeyed afterwards, and learned from. */
export interface Moves {
  /** Prices a move. @throws RondeError RESOURCE_UNKNOWN or STATE_CONFLICT when there is nothing to price */
  quote(move: MoveInput): Promise<{ quote: MoveQuote; state: unknown }>;
  /**
   * Commits a move when `check` accepts the rounds as they are now.
   * @throws RondeError STATE_CONFLICT when a hard rule is broken, or a soft one without `force`
   */
  commit(move: MoveInput, check: (state: unknown) => void): Promise<Round[]>;
}

export interface MovesDeps {
  registry: Registry;
  clock: Clock;
  travel: Travel;
  rounds: RoundStore;
  learnings: Pick<Learnings, 'moved' | 'unmoved' | 'familiarTo'>;
  forecaster: Pick<Forecaster, 'fullAtMs'>;
  config: RoutingConfig;
}

interface Laid extends MoveGiven {
  /** Absent when the move cannot be at all. */
  solution?: { before: Solution; after: Solution };
  obstacles: MoveObstacle[];
  /** The rounds as they would be, those that change only. */
  rounds: { before: Round; after: Round }[];
}

const LONGEST_SHIFT_MS = 16 * 3_600_000;

/** Gives the moves. */
export function createMoves(deps: MovesDeps): Moves {
  const layOut = async (move: MoveInput): Promise<Laid> => {
    const { given, fleet, startMs } = await givenOf(move, deps);
    const assets = new Map(fleet.assets.map((asset) => [asset.id, asset]));
    const barred = obstaclesOf(given, fits(given.duties[given.to]!.vehicle, candidateOf(given.stop, assets)));
    // no price for what cannot be: a promise to a crew, or a place among those
    if (barred.some(({ code }) => code !== 'vehicle-does-not-fit')) return { ...given, obstacles: barred, rounds: [] };
    const problem = await moveProblem(given, { ...deps, fleet, startMs });
    const [before, after] = [lay(problem.built.problem, problem.before), lay(problem.built.problem, problem.after)];
    const solution = { before: before.solution, after: after.solution };
    const obstacles = [...barred, ...newShortfalls(given.duties, before.shortfalls, after.shortfalls)];
    const rounds = roundsAfter({ ...given, problem, solution, isUndo: move.undo === true }, deps);
    return { ...given, solution, obstacles, rounds };
  };
  const stateNow = ({ roundId, toRoundId }: MoveInput): unknown => {
    const ids = [roundId, toRoundId ?? roundId];
    return deps.rounds
      .open()
      .filter(({ id }) => ids.includes(id))
      .map(stateOf);
  };
  return {
    async quote(move) {
      const quote = await layOut(move).then(quoteOf, quoteOfBarred);
      return { quote, state: stateNow(move) };
    },
    commit: (move, check) =>
      deps.rounds.alone(async () => {
        check(stateNow(move));
        const laid = await layOut(move);
        const inTheWay = laid.obstacles.filter(({ hard }) => hard || move.force !== true);
        if (inTheWay.length > 0) {
          throw barredBy(...inTheWay);
        }
        await deps.rounds.save(
          laid.rounds.map(({ before, after }) => ({ round: after, changes: changesOf(laid, before, after) })),
        );
        const [from, to] = [laid.duties[laid.from]!, laid.duties[laid.to]!];
        const at = deps.clock.iso();
        const vehicles = { fromVehicleId: from.vehicle.id, toVehicleId: to.vehicle.id };
        if (from !== to && move.undo === true) await deps.learnings.unmoved(laid.stop.assetIds, vehicles);
        else if (from !== to) await deps.learnings.moved(laid.stop.assetIds, { ...vehicles, at });
        return laid.rounds.map(({ after }) => after);
      }),
  };
}

function barredBy(...obstacles: MoveObstacle[]): RondeError {
  return new RondeError('STATE_CONFLICT', obstacles.map(({ text }) => text).join('; '), { details: { obstacles } });
}

/** A move that there is nothing to reckon for has no price, and its obstacles all the same. */
function quoteOfBarred(error: unknown): MoveQuote {
  const obstacles = error instanceof RondeError ? error.details?.['obstacles'] : undefined;
  if (!(error instanceof RondeError) || obstacles === undefined) throw error;
  const nothing = { feasible: false, costEur: 0, distanceM: 0, durationS: 0, rounds: [] };
  return { ...nothing, obstacles: obstacles as MoveObstacle[], text: error.message };
}

async function givenOf(move: MoveInput, { registry, rounds, clock, config }: MovesDeps) {
  const open = new Map(rounds.open().map((round) => [round.id, round]));
  const roundOf = (id: string): Round => {
    const round = open.get(id);
    if (!round) throw new RondeError('RESOURCE_UNKNOWN', `no round ${id} is published or active`);
    return round;
  };
  const [from, to] = [roundOf(move.roundId), roundOf(move.toRoundId ?? move.roundId)];
  const stop = from.stops.find(({ id, kind }) => id === move.stopId && kind === 'asset');
  if (!stop)
    throw new RondeError('RESOURCE_UNKNOWN', `round ${from.id} has no stop ${move.stopId} that serves an asset`);
  const behindStopId = move.behindStopId ?? null;
  if (
    behindStopId !== null &&
    ((from === to && behindStopId === stop.id) || !to.stops.some(({ id }) => id === behindStopId))
  )
    throw new RondeError('RESOURCE_UNKNOWN', `round ${to.id} has no other stop ${behindStopId} to come behind`);
  const fleet = await readFleet(registry, config.TENANT);
  const startMs = planStart(clock.nowMs());
  const duties = dutiesOf(
    fleet,
    {
      fromMs: startMs,
      toMs: startMs + LONGEST_SHIFT_MS,
      commit: COMMITTED_STOPS,
      vehicleIds: [from.vehicleId, to.vehicleId],
    },
    rounds,
  ).filter(({ round }) => round?.id === from.id || round?.id === to.id);
  const indexOf = ({ id }: Round): number => duties.findIndex(({ round }) => round?.id === id);
  const given: MoveGiven = { stop, duties, from: indexOf(from), to: indexOf(to), behindStopId };
  if (given.from < 0 || given.to < 0)
    throw barredBy({
      code: 'shift-over',
      text: 'the shift of one of the rounds is over, or its vehicle is out',
      hard: true,
    });
  return { given, fleet, startMs };
}

/** What nobody can wish away: work that is over, promises to crews, vehicles that cannot. */
function obstaclesOf({ stop, duties, from, to, behindStopId }: MoveGiven, doesFit: boolean): MoveObstacle[] {
  const found: MoveObstacle[] = [];
  const target = duties[to]!;
  if (isEnded(stop)) found.push({ code: 'ended', text: 'the work at this stop is over', hard: true });
  else if (duties[from]!.locked.some(({ id }) => id === stop.id))
    found.push({ code: 'committed', text: 'the crew is on its way there: it is one of its next stops', hard: true });
  const isAhead = openStops(target).some(({ id }) => id === behindStopId);
  const isFirst = behindStopId === null || target.locked.at(-1)?.id === behindStopId;
  if (!isAhead && !isFirst)
    found.push({ code: 'committed', text: 'that place is among the next stops of the crew', hard: true });
  if (!doesFit) {
    const text = `${target.vehicle.name} cannot lift it or does not take its fraction or area`;
    found.push({ code: 'vehicle-does-not-fit', text, hard: true, vehicle: target.vehicle.name });
  }
  return found;
}

interface ObstacleKind {
  code: MoveObstacle['code'];
  say: (amount: number) => string;
  hard: boolean;
  isTime?: boolean;
}
const CODES: Record<string, ObstacleKind> = {
  SHIFT_EXCEEDED: { code: 'no-time', say: (s) => `${minutesOf(s)} min overtime`, hard: false, isTime: true },
  DURATION_EXCEEDED: {
    code: 'no-time',
    say: (s) => `${minutesOf(s)} min longer than a duty may last`,
    hard: false,
    isTime: true,
  },
  WINDOW_MISSED: {
    code: 'closed',
    say: (s) => `${minutesOf(s)} min after a place has closed`,
    hard: false,
    isTime: true,
  },
  OVER_CAPACITY: { code: 'no-capacity', say: (load) => `${Math.ceil(load)} over what it holds`, hard: false },
  NO_SITE_FOR_FRACTION: { code: 'no-site', say: () => 'no site takes what it would carry', hard: true },
  BREAK_MISSING: { code: 'no-time', say: (s) => `${minutesOf(s)} min of break missing`, hard: false, isTime: true },
  OVERLOAD_RISK: { code: 'no-capacity', say: () => 'more likely to be overloaded than it may', hard: false },
  NO_COMPARTMENT: {
    code: 'no-capacity',
    say: (load) => `${Math.ceil(load)} over what a compartment holds`,
    hard: false,
  },
  BATTERY_EMPTY: { code: 'no-capacity', say: (kwh) => `${kwh.toFixed(1)} kWh short`, hard: true },
  TOO_UNFAMILIAR: { code: 'vehicle-does-not-fit', say: () => 'more stops than its crew may not know', hard: false },
  VEHICLE_NOT_ALLOWED: { code: 'vehicle-does-not-fit', say: () => 'may not serve it', hard: true },
};

function minutesOf(seconds: number): number {
  return Math.ceil(seconds / 60);
}

/** Rules that hold before a move and not after it, or that it breaks further. */
function newShortfalls(duties: Duty[], before: Shortfall[][], after: Shortfall[][]): MoveObstacle[] {
  const amountOf = (list: Shortfall[], code: string): number =>
    list.filter((shortfall) => shortfall.code === code).reduce((sum, { amount }) => sum + amount, 0);
  return after.flatMap((shortfalls, index) =>
    [...new Set(shortfalls.map(({ code }) => code as string))].flatMap((code): MoveObstacle[] => {
      const amount = amountOf(shortfalls, code);
      if (amount <= amountOf(before[index]!, code)) return [];
      const known: ObstacleKind = CODES[code] ?? { code: 'no-time', say: () => code, hard: false };
      const vehicle = duties[index]!.vehicle.name;
      const minutes = known.isTime === true && { minutes: minutesOf(amount) };
      return [{ code: known.code, hard: known.hard, text: `${vehicle}: ${known.say(amount)}`, vehicle, ...minutes }];
    }),
  );
}

/** Makes the next versions of the rounds that a move changes; what is said of stops that stay is left as it was. */
function roundsAfter(
  {
    stop,
    duties,
    from,
    to,
    behindStopId,
    problem,
    solution,
    isUndo,
  }: MoveGiven & {
    problem: MoveProblem;
    solution: { after: Solution };
    isUndo: boolean;
  },
  { clock, forecaster }: MovesDeps,
): Laid['rounds'] {
  return [...new Set([from, to])].map((index) => {
    const before = duties[index]!.round!;
    const made = makeRound(problem.built, index, before, {
      route: solution.after.routes.find(({ vehicle }) => vehicle === index),
      planId: before.planId,
      leftOut: before.leftOut,
      fullAt: forecaster.fullAtMs,
      nowMs: clock.nowMs(),
    })!;
    const known = new Map([...before.stops, ...(index === to ? [stop] : [])].map((old) => [old.assetIds.join(), old]));
    const stops = made.stops.map((next): Stop => {
      const old = next.kind === 'asset' && !isEnded(next) ? known.get(next.assetIds.join()) : undefined;
      if (!old) return next;
      const said = { ...next, reason: old.reason, ...(old.why && { why: old.why }) };
      const isMoved = index === to && old.assetIds.join() === stop.assetIds.join();
      if (isMoved && isUndo) {
        const { pinned: _, ...free } = said;
        return free;
      }
      const isLate = Date.parse(made.endsAt) > duties[index]!.shift.endMs;
      const pinned = { at: clock.iso(), behindStopId, ...(isLate && { overtimeUntil: made.endsAt }) };
      return isMoved ? { ...said, pinned } : said;
    });
    return { before, after: { ...made, stops } };
  });
}

function changesOf({ duties, from, to }: Laid, before: Round, after: Round) {
  const nameOf = (index: number): string => duties[index]!.vehicle.name;
  const other = before.id === duties[to]!.round!.id ? from : to;
  const name = from === to ? undefined : nameOf(other);
  return diffRounds(before, after, { cameFrom: () => name, goesTo: () => name });
}

function quoteOf({ solution, obstacles, rounds, duties, to, from, stop }: Laid): MoveQuote {
  const added = (name: 'cost' | 'distanceM' | 'durationS'): number =>
    solution ? solution.after[name] - solution.before[name] : 0;
  const [costEur, distanceM, durationS] = [Math.round(added('cost')) / 100, added('distanceM'), added('durationS')];
  const signed = (value: number, digits: number): string =>
    `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  const where = from === to ? 'within the round' : `to ${duties[to]!.vehicle.name}`;
  const price = `${signed(costEur, 2)} EUR, ${signed(distanceM / 1000, 1)} km, ${signed(durationS / 60, 0)} min`;
  return {
    feasible: obstacles.length === 0,
    obstacles,
    costEur,
    distanceM,
    durationS,
    text: `${stop.name ?? stop.assetIds[0]} ${where}: ${price}${obstacles.map(({ text }) => `; ${text}`).join('')}`,
    rounds: rounds.map(({ after }) => ({
      roundId: after.id,
      version: after.version,
      endsAt: after.endsAt,
      distanceM: after.distanceM,
      stops: after.stops.map((next) => ({
        id: next.id,
        name: next.name ?? next.assetIds[0] ?? next.id,
        eta: next.eta,
      })),
    })),
  };
}
