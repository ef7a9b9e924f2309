import type { Problem } from '../problem.ts';
import type { Route, Solution, Visit } from '../solution.ts';
import type { Report } from './violation.ts';

/** Sees that the locked visits come first, in their order. */
export function checkLocked(problem: Problem, route: Route | undefined, vehicle: number, report: Report): void {
  for (const [index, code] of (problem.vehicles[vehicle]!.locked ?? []).entries()) {
    const visit: Visit | undefined = route?.visits[index];
    const same =
      code >= 0 ? visit?.kind === 'stop' && visit.index === code : visit?.kind === 'disposal' && visit.index === ~code;
    if (!same) report('LOCK_BROKEN', `vehicle ${vehicle}, visit ${index}`, 'is not the locked one');
  }
}

/** What a stop needs of its vehicle that it does not have. */
function lackedBy(problem: Problem, vehicle: number, index: number): string | undefined {
  const { needs = [], atLeast = [] } = problem.stops[index] ?? {};
  const { skills = [], measures = [] } = problem.vehicles[vehicle] ?? {};
  const skill = needs.find((code) => !skills.includes(code));
  if (skill !== undefined) return `skill ${skill}`;
  const measure = atLeast.findIndex((least, k) => !((measures[k] ?? -Infinity) >= least));
  return measure < 0 ? undefined : `${atLeast[measure]} of measure ${measure}`;
}

/** Sees that each stop is served once, by a vehicle that may, or listed as left out; gives the prizes lost. */
export function checkService(problem: Problem, solution: Solution, report: Report): number {
  const seen = new Set<number>();
  for (const { vehicle, visits } of solution.routes) {
    for (const { kind, index } of visits) {
      if (kind !== 'stop') continue;
      // every way of serving a stop counts as the stop itself
      const served = problem.stops[index]?.alternativeTo ?? index;
      if (seen.has(served)) report('SERVED_TWICE', `stop ${index}`, 'is served more than once');
      seen.add(served);
      const allowed = problem.stops[index]?.allowedVehicles;
      if (allowed && !allowed.includes(vehicle))
        report('VEHICLE_NOT_ALLOWED', `stop ${index}`, `may not be served by vehicle ${vehicle}`);
      const lacks = lackedBy(problem, vehicle, index);
      if (lacks) report('VEHICLE_NOT_ALLOWED', `stop ${index}`, `needs ${lacks}, which vehicle ${vehicle} has not`);
    }
  }
  let lost = 0;
  for (const [index, stop] of problem.stops.entries()) {
    if (stop.alternativeTo !== undefined) continue;
    const left = solution.unserved.includes(index);
    if (left === seen.has(index))
      report(
        'STOP_LOST',
        `stop ${index}`,
        left ? 'is served and listed as unserved' : 'is neither served nor unserved',
      );
    if (seen.has(index)) continue;
    if (stop.prize === undefined || stop.serveByS !== undefined)
      report('REQUIRED_UNSERVED', `stop ${index}`, 'is required');
    else lost += stop.prize;
  }
  return lost;
}
