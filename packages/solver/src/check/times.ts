import type { DisposalSite, Problem, Stop, Vehicle, Window } from '../problem.ts';
import type { Route } from '../solution.ts';
import { legEnd, metresOf, workEnd } from './clock.ts';
import { TOLERANCE } from './violation.ts';
import type { Report } from './violation.ts';

function inWindows(windows: readonly Window[] | undefined, atS: number): boolean {
  return !windows?.length || windows.some(([openS, closeS]) => atS >= openS && atS <= closeS);
}

/** Whether a place is open to a vehicle at a time. */
export function isOpen(target: Stop | DisposalSite, vehicle: number, atS: number): boolean {
  const own = 'hours' in target ? (target.hours ?? []).filter(({ vehicles }) => vehicles.includes(vehicle)) : [];
  return inWindows(target.windows, atS) && own.every(({ windows }) => inWindows(windows, atS));
}

/** Latest release among the stops of the trip that begins behind a visit; -1 is the start. */
export function releaseAfter(problem: Problem, route: Pick<Route, 'visits'>, visit: number): number {
  let release = -Infinity;
  for (let i = visit + 1; route.visits[i]?.kind === 'stop'; i++)
    release = Math.max(release, problem.stops[route.visits[i]!.index]?.releaseS ?? -Infinity);
  return release;
}

function checkVisit(problem: Problem, route: Route, index: number, report: Report): void {
  const visit = route.visits[index]!;
  const where = `vehicle ${route.vehicle}, visit ${index}`;
  const target = visit.kind === 'stop' ? problem.stops[visit.index]! : problem.sites![visit.index]!;
  const doneS = workEnd(problem, problem.vehicles[route.vehicle]!, route.visits, index);
  if (visit.startS < visit.arriveS) report('TIME_INCONSISTENT', where, 'starts before it arrives');
  // A truck may wait at a site, for what it fetches there to be released; at a stop it does not linger.
  const extra = visit.departS - doneS;
  if (extra < -TOLERANCE || (visit.kind === 'stop' && extra > TOLERANCE))
    report('TIME_INCONSISTENT', where, `departs at ${visit.departS} s, its work ends at ${doneS} s`);
  if ((visit.leaveS ?? visit.departS) < visit.departS - TOLERANCE)
    report('TIME_INCONSISTENT', where, 'leaves before its work ends');
  if (!isOpen(target, route.vehicle, visit.startS))
    report('WINDOW_MISSED', where, `starts at ${visit.startS} s, outside its windows`);
  const release = visit.kind === 'disposal' ? releaseAfter(problem, route, index) : -Infinity;
  if ((visit.leaveS ?? visit.departS) < release - TOLERANCE)
    report('BEFORE_RELEASE', where, `leaves before ${release} s, when its next trip is released`);
}

/** Drives a route along the times it states; gives its metres. */
export function checkTimes(problem: Problem, route: Route, report: Report): number {
  const vehicle: Vehicle = problem.vehicles[route.vehicle]!;
  let [at, clock, metres] = [vehicle.startLocation, route.departS, 0];
  const drive = (to: number, arriveS: number, where: string): void => {
    const leg = metresOf(problem, vehicle, at, to);
    const end = legEnd(problem, vehicle, { from: at, to, leaveS: clock });
    if (leg >= 1e9 || end - clock >= 1e9) report('LEG_UNREACHABLE', where, 'no way leads there');
    if (Math.abs(end - arriveS) > TOLERANCE)
      report('TIME_INCONSISTENT', where, `arrives at ${arriveS} s, the drive says ${end} s`);
    metres += leg;
    at = to;
  };
  const release = releaseAfter(problem, route, -1);
  if (route.departS < release - TOLERANCE)
    report('BEFORE_RELEASE', `vehicle ${route.vehicle}`, `departs before ${release} s, when its trip is released`);
  for (const [index, visit] of route.visits.entries()) {
    const where = `vehicle ${route.vehicle}, visit ${index}`;
    const target = visit.kind === 'stop' ? problem.stops[visit.index] : problem.sites?.[visit.index];
    if (!target) {
      report('STOP_LOST', where, `there is no ${visit.kind} ${visit.index}`);
      continue;
    }
    drive(target.location, visit.arriveS, where);
    checkVisit(problem, route, index, report);
    clock = visit.leaveS ?? visit.departS;
  }
  drive(vehicle.endLocation, route.endS, `vehicle ${route.vehicle}, end`);
  return metres;
}

/** Holds a route against its shift and its longest duration. */
export function checkShift(problem: Problem, route: Route, report: Report): void {
  const vehicle = problem.vehicles[route.vehicle]!;
  const where = `vehicle ${route.vehicle}`;
  const [earliest, latest] = vehicle.shift ?? [0, Infinity];
  if (route.departS < earliest)
    report('SHIFT_EXCEEDED', where, `departs ${earliest - route.departS} s before the shift`);
  if (route.endS > latest) report('SHIFT_EXCEEDED', where, `returns ${route.endS - latest} s after the shift`);
  const over = route.endS - route.departS - (vehicle.maxDurationS ?? Infinity);
  if (over > TOLERANCE) report('DURATION_EXCEEDED', where, `is ${over} s too long`);
}
