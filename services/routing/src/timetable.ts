import { checkBreaks, legEnd, workEnd } from '@ronde/solver';
import type { Break, Problem, Route, Visit } from '@ronde/solver';

/** When a route is driven, seconds since the plan's start. */
export interface Timetable {
  departS: number;
  /** Start of service per visit. */
  startS: number[];
  /** Seconds of driving to each visit, and of work there. */
  legS: number[];
  workS: number[];
  /** When the place of a visit opens; undefined where it has no hours or is open already. */
  openS: (number | undefined)[];
  endS: number;
  breaks: TimedBreak[];
}

/** A break where the vehicle stands: at a visit, before its work or after it. */
export interface TimedBreak extends Break {
  visit: number;
  place: 'before' | 'after';
}

/** A crew that would stand longer than this at a closed place leaves the yard later. */
const LONGEST_WAIT_S = 45 * 60;

/**
 * Times a route as crews drive it: from the start of the shift, each place as early as it opens. The solver leaves as late
 * as it can, to save paid hours of waiting at a place that opens later; a crew is there from the start of its shift, and
 * bins that are full should not wait in the yard with it. Long waits, and those at the first place, are better spent there.
 * Breaks stay where the solver put them; where more waiting would break a rule of rest, its own times are kept.
 */
export function timetableOf(problem: Problem, route: Route): Timetable {
  const vehicle = problem.vehicles[route.vehicle]!;
  const earliestS = Math.min(route.departS, vehicle.shift?.[0] ?? route.departS);
  const early = drive(problem, route, earliestS);
  const delayS = vehicle.underWay ? 0 : Math.max(early.firstWaitS, early.longestWaitS - LONGEST_WAIT_S);
  // up to the solver's departure a later one moves no end
  const departS = Math.max(earliestS, Math.min(earliestS + delayS, route.departS));
  const driven = departS > earliestS ? drive(problem, route, departS) : early;
  return vehicle.breaks && !isRested(problem, driven.route) ? drive(problem, route, route.departS) : driven;
}

interface Driven extends Timetable {
  route: Route;
  firstWaitS: number;
  longestWaitS: number;
}

function drive(problem: Problem, planned: Route, departS: number): Driven {
  const vehicle = problem.vehicles[planned.vehicle]!;
  const visits: Visit[] = [...planned.visits];
  const openS: (number | undefined)[] = [];
  const legS: number[] = [];
  const workS: number[] = [];
  let [at, clockS] = [vehicle.startLocation, departS];
  let [firstWaitS, longestWaitS] = [0, 0];
  planned.visits.forEach((visit, index) => {
    const place = visit.kind === 'stop' ? problem.stops[visit.index]! : problem.sites![visit.index]!;
    const arriveS = legEnd(problem, vehicle, { from: at, to: place.location, leaveS: clockS });
    legS.push(arriveS - clockS);
    const restedS = arriveS + restWithin(planned, visit.arriveS, visit.startS);
    const opens = place.windows?.find(([, closeS]) => closeS >= restedS)?.[0] ?? 0;
    openS.push(opens > 0 ? opens : undefined);
    const startS = opens > 0 ? Math.max(restedS, opens) : restedS;
    longestWaitS = Math.max(longestWaitS, startS - restedS);
    if (index === 0) firstWaitS = startS - restedS;
    visits[index] = { ...visit, arriveS, startS };
    const doneS = workEnd(problem, vehicle, visits, index);
    workS.push(doneS - startS);
    clockS = doneS + restWithin(planned, visit.departS, visit.leaveS ?? visit.departS);
    visits[index] = { ...visits[index], departS: doneS, leaveS: clockS };
    at = place.location;
  });
  const endS = legEnd(problem, vehicle, { from: at, to: vehicle.endLocation, leaveS: clockS });
  const breaks = restsOf(visits, vehicle.breaks?.leastPartS);
  const route = { ...planned, departS, visits, endS, breaks };
  return {
    departS,
    startS: visits.map(({ startS }) => startS),
    legS,
    workS,
    openS,
    endS,
    breaks,
    route,
    firstWaitS,
    longestWaitS,
  };
}

/** Seconds of break that a route states within a stand. */
function restWithin({ breaks = [] }: Route, fromS: number, untilS: number): number {
  return breaks
    .filter(({ startS, endS }) => startS >= fromS && endS <= untilS)
    .reduce((sum, { startS, endS }) => sum + endS - startS, 0);
}

/** Stands that are long enough are breaks. */
function restsOf(visits: readonly Visit[], leastPartS: number | undefined): TimedBreak[] {
  if (leastPartS === undefined) return [];
  return visits.flatMap(({ arriveS, startS, departS, leaveS = departS }, visit): TimedBreak[] => [
    ...(startS - arriveS >= leastPartS ? [{ startS: arriveS, endS: startS, visit, place: 'before' as const }] : []),
    ...(leaveS - departS >= leastPartS ? [{ startS: departS, endS: leaveS, visit, place: 'after' as const }] : []),
  ]);
}

function isRested(problem: Problem, route: Route): boolean {
  let isLawful = true;
  checkBreaks(problem, route, () => (isLawful = false));
  return isLawful;
}
