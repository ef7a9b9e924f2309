import type { Round, RoundBreak, Stop } from '@ronde/contracts';
import { DUTCH_WORKING_HOURS, EU_DRIVING_TIME, type DutySoFar } from '@ronde/solver';
import { isEnded, whereabouts } from './committed.ts';

interface Rest {
  startMs: number;
  endMs: number;
}

const LEAST_MS = DUTCH_WORKING_HOURS.leastPartS * 1000;
const DRIVING = EU_DRIVING_TIME.driving!;

/**
 * The planned break that a crew is on where it stands, or has taken since it left: it leads to no event, so it is taken to be
 * had as planned until the crew is seen at work again.
 */
export function currentBreak(round: Round): (Rest & { planned: RoundBreak }) | undefined {
  const where = whereabouts(round);
  const place = where?.there ? 'before' : 'after';
  const fromAt = where?.there ? where.stop.arrivedAt : where?.stop.endedAt;
  if (!where || fromAt === undefined) return undefined;
  const planned = (round.breaks ?? []).find(
    (rest) => rest.stopId === where.stop.id && rest.place === place && rest.taken !== true,
  );
  if (!planned) return undefined;
  const startMs = Date.parse(fromAt);
  return { startMs, endMs: startMs + lengthOf(planned), planned };
}

/**
 * Breaks that a crew has had, in order: those it told of, and planned ones where it stood still as long as a break must at
 * least last. A stand that nobody planned may be a jam, and counts as work.
 */
export function breaksHad(round: Round): RoundBreak[] {
  const current = currentBreak(round);
  const had = (round.breaks ?? []).flatMap((rest): RoundBreak[] => {
    if (rest.taken) return [rest];
    if (rest === current?.planned) return [spanned(rest, current.startMs, current.endMs)];
    const stood = stoodAt(round, rest);
    if (!stood || stood.endMs - stood.startMs < LEAST_MS) return [];
    return [spanned(rest, stood.startMs, Math.min(stood.endMs, stood.startMs + lengthOf(rest)))];
  });
  return had.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
}

/** What a crew has done of its duty until a moment: worked, driven and rested. */
export function dutySoFar(round: Round, untilMs: number): Required<DutySoFar> {
  const startMs = Math.min(Date.parse(round.startsAt), untilMs);
  const rests = breaksHad(round)
    .map((rest): Rest => ({ startMs: Date.parse(rest.startsAt), endMs: Math.min(untilMs, Date.parse(rest.endsAt)) }))
    .filter(({ startMs: from, endMs }) => endMs - from >= LEAST_MS);
  const breakMs = rests.reduce((sum, rest) => sum + rest.endMs - rest.startMs, 0);
  const lastMs = rests.at(-1)?.endMs ?? startMs;
  return {
    workedS: seconds(untilMs - startMs - breakMs),
    breakS: seconds(breakMs),
    sinceBreakS: seconds(untilMs - lastMs),
    ...drivenSince(round, rests),
  };
}

/** Seconds driven since the last break that counts for driving, and whether the first half of a split one was had. */
function drivenSince(round: Round, rests: Rest[]): Pick<Required<DutySoFar>, 'drivenS' | 'firstPartTaken'> {
  const events = [
    ...drives(round, rests).map(({ atMs, driveS }) => ({ atMs, driveS, restS: 0 })),
    ...rests.map(({ startMs, endMs }) => ({ atMs: endMs, driveS: 0, restS: (endMs - startMs) / 1000 })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  let [drivenS, firstPartTaken] = [0, false];
  for (const { driveS, restS } of events) {
    drivenS += driveS;
    if (restS >= DRIVING.resetS || (firstPartTaken && restS >= DRIVING.secondS)) [drivenS, firstPartTaken] = [0, false];
    else if (restS >= DRIVING.firstS) firstPartTaken = true;
  }
  return { drivenS: Math.round(drivenS), firstPartTaken };
}

/** Legs driven, by the moment each ended. What a plan reckoned with stands in where a crew gave no arrival. */
function drives(round: Round, rests: Rest[]): { atMs: number; driveS: number }[] {
  let leftMs = Date.parse(round.startsAt);
  return reached(round).map((stop) => {
    const endMs = Date.parse(stop.endedAt ?? stop.arrivedAt ?? stop.eta);
    const atMs = stop.arrivedAt ? Date.parse(stop.arrivedAt) : endMs - (stop.serviceS ?? 0) * 1000;
    const restMs = rests.reduce(
      (sum, rest) => sum + Math.max(0, Math.min(atMs, rest.endMs) - Math.max(leftMs, rest.startMs)),
      0,
    );
    const tookS = Math.max(0, (atMs - leftMs - restMs) / 1000);
    leftMs = endMs;
    // what goes beyond the way is standing, or a jam: driving at most twice as long as planned
    return { atMs, driveS: Math.min(tookS, 2 * (stop.legS ?? tookS)) };
  });
}

/** How long a vehicle stood where a break was planned, beyond the work or the way; undefined while nobody can tell. */
function stoodAt(round: Round, { stopId, place }: RoundBreak): Rest | undefined {
  const order = reached(round);
  const at = order.findIndex(({ id }) => id === stopId);
  const stop = order[at];
  if (!stop?.endedAt) return undefined;
  if (place === 'before') {
    if (!stop.arrivedAt) return undefined;
    const startMs = Date.parse(stop.arrivedAt);
    return { startMs, endMs: Date.parse(stop.endedAt) - (stop.serviceS ?? 0) * 1000 };
  }
  const next = order[at + 1];
  if (!next?.arrivedAt) return undefined;
  return { startMs: Date.parse(stop.endedAt), endMs: Date.parse(next.arrivedAt) - (next.legS ?? 0) * 1000 };
}

/** Stops that a crew has come to, in the order in which it did. */
function reached({ stops }: Round): Stop[] {
  const momentOf = ({ arrivedAt, endedAt, eta }: Stop): number => Date.parse(arrivedAt ?? endedAt ?? eta);
  return stops
    .filter((stop) => isEnded(stop) || stop.status === 'arrived')
    .toSorted((a, b) => momentOf(a) - momentOf(b));
}

function spanned(rest: RoundBreak, startMs: number, endMs: number): RoundBreak {
  return { ...rest, startsAt: new Date(startMs).toISOString(), endsAt: new Date(endMs).toISOString() };
}

function lengthOf({ startsAt, endsAt }: RoundBreak): number {
  return Date.parse(endsAt) - Date.parse(startsAt);
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}
