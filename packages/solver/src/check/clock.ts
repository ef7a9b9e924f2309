import type { DisposalSite, Problem, Vehicle } from '../problem.ts';
import type { Visit } from '../solution.ts';
import { partsOf } from './contents.ts';

/** Metres of a leg. */
export function metresOf(problem: Problem, vehicle: Vehicle, from: number, to: number): number {
  return problem.profiles[vehicle.profile ?? 0]!.distanceM[from * problem.locations + to]!;
}

/** When a leg ends that begins at leaveS: a second at a time of day with its own pace covers its share of the leg. */
export function legEnd(
  problem: Problem,
  vehicle: Vehicle,
  { from, to, leaveS }: { from: number; to: number; leaveS: number },
): number {
  const profile = problem.profiles[vehicle.profile ?? 0]!;
  const at = from * problem.locations + to;
  const usual = profile.durationS[at]!;
  const paces = [
    { fromS: -Infinity, wholeS: usual },
    ...(profile.byTime ?? []).map(({ fromS, factor, durationS }) => ({
      fromS,
      wholeS: durationS ? durationS[at]! : usual * (factor ?? 1),
    })),
  ];
  let share = 1;
  let clock = leaveS;
  for (const [index, { wholeS }] of paces.entries()) {
    const untilS = paces[index + 1]?.fromS ?? Infinity;
    if (clock >= untilS) continue;
    if (share * wholeS <= untilS - clock) return clock + share * wholeS;
    share -= (untilS - clock) / wholeS;
    clock = untilS;
  }
  return clock;
}

/** When a truck that joins the queue of a site gets its turn: waiting at the end of one period, it is let in with the next. */
function turnS(site: DisposalSite, joinS: number): number {
  const periods = [{ fromS: -Infinity, waitS: 0 }, ...(site.queue ?? [])];
  let turn = Infinity;
  for (const [index, { fromS, waitS }] of periods.entries()) {
    if ((periods[index + 1]?.fromS ?? Infinity) <= joinS) continue;
    turn = Math.min(turn, Math.max(fromS, joinS) + waitS);
  }
  return turn;
}

/** Fractions of the stops from a visit on, up to the next disposal visit, going either way. */
function tripFractions(problem: Problem, visits: readonly Visit[], from: number, step: 1 | -1): Set<number> {
  const found = new Set<number>();
  for (let i = from; visits[i]?.kind === 'stop'; i += step) {
    const stop = problem.stops[visits[i]!.index];
    for (const { fraction } of stop ? partsOf(stop) : []) found.add(fraction);
  }
  return found;
}

/** Fractions of the last trip before a visit that brought any; tipping twice cleans nothing. */
function lastFractions(problem: Problem, vehicle: Vehicle, visits: readonly Visit[], before: number): Set<number> {
  let end = before - 1;
  while (visits[end]?.kind === 'disposal') end--;
  const found = tripFractions(problem, visits, end, -1);
  const isFirst = !visits.slice(0, end + 1).some(({ kind }) => kind === 'disposal');
  if (isFirst && vehicle.initialLoad?.some((amount) => amount > 0))
    for (const fraction of vehicle.initialFractions ?? [0]) found.add(fraction);
  return found;
}

/** Whether the truck must be cleaned out at a disposal visit, for what the next trip brings. */
function isCleanedOut(problem: Problem, vehicle: Vehicle, visits: readonly Visit[], at: number): boolean {
  const last = lastFractions(problem, vehicle, visits, at);
  return last.size > 0 && [...tripFractions(problem, visits, at + 1, 1)].some((fraction) => !last.has(fraction));
}

/** When the work of a visit is done that starts at startS. */
export function workEnd(problem: Problem, vehicle: Vehicle, visits: readonly Visit[], at: number): number {
  const { kind, index, startS } = visits[at]!;
  if (kind === 'stop') return startS + (problem.stops[index]?.serviceS ?? 0);
  const site = problem.sites![index]!;
  const weighed = startS + (site.weighInS ?? 0);
  const unloaded = turnS(site, weighed) + (site.tippingS ?? 0) - (site.weighInS ?? 0);
  const charged = site.chargeKw ? (3_600 * (visits[at]!.chargedKwh ?? 0)) / site.chargeKw : 0;
  return unloaded + charged + (isCleanedOut(problem, vehicle, visits, at) ? (vehicle.cleanOutS ?? 0) : 0);
}
