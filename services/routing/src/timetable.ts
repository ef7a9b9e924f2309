import type { Problem, Route } from '@ronde/solver';

/** When a route is driven, seconds since the plan's start. */
export interface Timetable {
  departS: number;
  /** Start of service per visit. */
  startS: number[];
  endS: number;
}

/**
 * Times a route as crews drive it: from the start of the shift, each place as early as it opens. The solver leaves as late
 * as it can, to save paid hours of waiting at a place that opens later; a crew is there from the start of its shift, and
 * bins that are full should not wait in the yard with it.
 */
export function timetableOf(problem: Problem, route: Route): Timetable {
  const vehicle = problem.vehicles[route.vehicle]!;
  const { durationS } = problem.profiles[vehicle.profile ?? 0]!;
  const departS = Math.min(route.departS, vehicle.shift?.[0] ?? route.departS);
  let at = vehicle.startLocation;
  let clockS = departS;
  const startS = route.visits.map(({ kind, index }) => {
    const place = kind === 'stop' ? problem.stops[index]! : problem.sites![index]!;
    const workS = (kind === 'stop' ? problem.stops[index]!.serviceS : problem.sites![index]!.tippingS) ?? 0;
    const arriveS = clockS + durationS[at * problem.locations + place.location]!;
    const open = place.windows?.find(([, closeS]) => closeS >= arriveS)?.[0] ?? arriveS;
    const beginS = Math.max(arriveS, open);
    clockS = beginS + workS;
    at = place.location;
    return beginS;
  });
  return { departS, startS, endS: clockS + durationS[at * problem.locations + vehicle.endLocation]! };
}
