import type { Problem, Route } from '@ronde/solver';

/** When a route is driven, seconds since the plan's start. */
export interface Timetable {
  departS: number;
  /** Start of service per visit. */
  startS: number[];
  /** When the place of a visit opens; undefined where it has no hours or is open already. */
  openS: (number | undefined)[];
  endS: number;
}

/** A crew that would stand longer than this at a closed place leaves the yard later. */
const LONGEST_WAIT_S = 45 * 60;

/**
 * Times a route as crews drive it: from the start of the shift, each place as early as it opens. The solver leaves as late
 * as it can, to save paid hours of waiting at a place that opens later; a crew is there from the start of its shift, and
 * bins that are full should not wait in the yard with it. Long waits, and those at the first place, are better spent there.
 */
export function timetableOf(problem: Problem, route: Route): Timetable {
  const vehicle = problem.vehicles[route.vehicle]!;
  const earliestS = Math.min(route.departS, vehicle.shift?.[0] ?? route.departS);
  const early = drive(problem, route, earliestS);
  if (vehicle.underWay) return early;
  const delayS = Math.max(early.firstWaitS, early.longestWaitS - LONGEST_WAIT_S);
  // up to the solver's departure a later one moves no end
  return delayS > 0 ? drive(problem, route, Math.max(earliestS, Math.min(earliestS + delayS, route.departS))) : early;
}

function drive(
  problem: Problem,
  route: Route,
  departS: number,
): Timetable & { firstWaitS: number; longestWaitS: number } {
  const vehicle = problem.vehicles[route.vehicle]!;
  const { durationS } = problem.profiles[vehicle.profile ?? 0]!;
  const openS: (number | undefined)[] = [];
  let at = vehicle.startLocation;
  let clockS = departS;
  let firstWaitS = 0;
  let longestWaitS = 0;
  const startS = route.visits.map(({ kind, index }, visit) => {
    const place = kind === 'stop' ? problem.stops[index]! : problem.sites![index]!;
    const workS = (kind === 'stop' ? problem.stops[index]!.serviceS : problem.sites![index]!.tippingS) ?? 0;
    const arriveS = clockS + durationS[at * problem.locations + place.location]!;
    const opens = place.windows?.find(([, closeS]) => closeS >= arriveS)?.[0] ?? 0;
    openS.push(opens > 0 ? opens : undefined);
    const beginS = opens > 0 ? Math.max(arriveS, opens) : arriveS;
    longestWaitS = Math.max(longestWaitS, beginS - arriveS);
    if (visit === 0) firstWaitS = beginS - arriveS;
    clockS = beginS + workS;
    at = place.location;
    return beginS;
  });
  const endS = clockS + durationS[at * problem.locations + vehicle.endLocation]!;
  return { departS, startS, openS, endS, firstWaitS, longestWaitS };
}
