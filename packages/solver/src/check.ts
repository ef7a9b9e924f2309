import type { Problem, Vehicle, Window } from './problem.ts';
import type { Route, Solution, Visit } from './solution.ts';

// Shares no code with the search on purpose: it reads the problem as given and believes nothing in the plan.

/** One broken rule. */
export interface Violation {
  readonly code:
    | 'LEG_UNREACHABLE'
    | 'TIME_INCONSISTENT'
    | 'WINDOW_MISSED'
    | 'BEFORE_RELEASE'
    | 'SHIFT_EXCEEDED'
    | 'DURATION_EXCEEDED'
    | 'OVER_CAPACITY'
    | 'NO_SITE_FOR_FRACTION'
    | 'VEHICLE_NOT_ALLOWED'
    | 'SERVED_TWICE'
    | 'STOP_LOST'
    | 'REQUIRED_UNSERVED'
    | 'LOCK_BROKEN'
    | 'VEHICLE_UNKNOWN'
    | 'COST_WRONG';
  /** such as "vehicle 2, visit 5" */
  readonly where: string;
  readonly message: string;
}

/** Outcome of a check. */
export interface CheckResult {
  readonly ok: boolean;
  readonly violations: readonly Violation[];
  /** cost recomputed from the problem alone */
  readonly cost: number;
}

type Report = (code: Violation['code'], where: string, message: string) => void;

const TOLERANCE = 1e-6;

function inWindows(windows: readonly Window[] | undefined, atS: number): boolean {
  return !windows?.length || windows.some(([openS, closeS]) => atS >= openS && atS <= closeS);
}

interface Leg {
  metres: number;
  seconds: number;
}

function legBetween(problem: Problem, vehicle: Vehicle, from: number, to: number): Leg {
  const profile = problem.profiles[vehicle.profile ?? 0]!;
  const at = from * problem.locations + to;
  return { metres: profile.distanceM[at]!, seconds: profile.durationS[at]! };
}

function checkTimes(problem: Problem, route: Route, report: Report): { metres: number; seconds: number } {
  const vehicle = problem.vehicles[route.vehicle]!;
  let [at, clock, metres] = [vehicle.startLocation, route.departS, 0];
  const drive = (to: number, arriveS: number, where: string): void => {
    const leg = legBetween(problem, vehicle, at, to);
    if (leg.metres >= 1e9 || leg.seconds >= 1e9) report('LEG_UNREACHABLE', where, 'no way leads there');
    if (Math.abs(clock + leg.seconds - arriveS) > TOLERANCE) {
      report('TIME_INCONSISTENT', where, `arrives at ${arriveS} s, the drive says ${clock + leg.seconds} s`);
    }
    metres += leg.metres;
    at = to;
  };
  for (const [index, visit] of route.visits.entries()) {
    const where = `vehicle ${route.vehicle}, visit ${index}`;
    const target = visit.kind === 'stop' ? problem.stops[visit.index] : problem.sites?.[visit.index];
    if (!target) {
      report('STOP_LOST', where, `there is no ${visit.kind} ${visit.index}`);
      continue;
    }
    drive(target.location, visit.arriveS, where);
    const work = ('tippingS' in target ? target.tippingS : 'serviceS' in target ? target.serviceS : 0) ?? 0;
    if (visit.startS < visit.arriveS) report('TIME_INCONSISTENT', where, 'starts before it arrives');
    // A truck may wait at a site, for what it fetches there to be released; at a stop it does not linger.
    const extra = visit.departS - visit.startS - work;
    if (extra < -TOLERANCE || (visit.kind === 'stop' && extra > TOLERANCE))
      report('TIME_INCONSISTENT', where, `should take ${work} s`);
    if (!inWindows(target.windows, visit.startS))
      report('WINDOW_MISSED', where, `starts at ${visit.startS} s, outside its windows`);
    clock = visit.departS;
  }
  drive(vehicle.endLocation, route.endS, `vehicle ${route.vehicle}, end`);
  return { metres, seconds: route.endS - route.departS };
}

function checkReleases(problem: Problem, route: Route, report: Report): void {
  let leftS = route.departS;
  for (const [index, visit] of route.visits.entries()) {
    if (visit.kind === 'disposal') leftS = visit.departS;
    const releaseS = visit.kind === 'stop' ? (problem.stops[visit.index]?.releaseS ?? -Infinity) : -Infinity;
    if (leftS < releaseS - TOLERANCE)
      report('BEFORE_RELEASE', `vehicle ${route.vehicle}, visit ${index}`, `set out ${releaseS - leftS} s too early`);
  }
}

function checkShift(problem: Problem, route: Route, report: Report): void {
  const vehicle = problem.vehicles[route.vehicle]!;
  const where = `vehicle ${route.vehicle}`;
  const [earliest, latest] = vehicle.shift ?? [0, Infinity];
  if (route.departS < earliest)
    report('SHIFT_EXCEEDED', where, `departs ${earliest - route.departS} s before the shift`);
  if (route.endS > latest) report('SHIFT_EXCEEDED', where, `returns ${route.endS - latest} s after the shift`);
  const over = route.endS - route.departS - (vehicle.maxDurationS ?? Infinity);
  if (over > TOLERANCE) report('DURATION_EXCEEDED', where, `is ${over} s too long`);
}

function accepts(fractions: readonly number[] | undefined, aboard: ReadonlySet<number>): boolean {
  return !fractions || [...aboard].every((fraction) => fractions.includes(fraction));
}

function checkLoads(problem: Problem, route: Route, report: Report): void {
  const vehicle = problem.vehicles[route.vehicle]!;
  const aboard = new Map<number, number>();
  for (const [k, amount] of (vehicle.initialLoad ?? []).entries()) aboard.set(k, amount);
  const fractions = new Set([...aboard.values()].some((amount) => amount > 0) ? (vehicle.initialFractions ?? [0]) : []);
  for (const [index, visit] of route.visits.entries()) {
    const where = `vehicle ${route.vehicle}, visit ${index}`;
    if (visit.kind === 'disposal') {
      if (!accepts(problem.sites?.[visit.index]?.fractions, fractions))
        report('NO_SITE_FOR_FRACTION', where, 'refuses a fraction aboard');
      fractions.clear();
      aboard.clear();
    } else {
      fractions.add(problem.stops[visit.index]?.fraction ?? 0);
      for (const [k, amount] of (problem.stops[visit.index]?.load ?? []).entries())
        aboard.set(k, (aboard.get(k) ?? 0) + amount);
    }
    for (const [k, amount] of aboard) {
      const over = amount - (vehicle.capacity?.[k] ?? Infinity);
      if (over > TOLERANCE) report('OVER_CAPACITY', where, `carries ${over} too much of load ${k}`);
      if (Math.abs((visit.loadAfter[k] ?? 0) - amount) > TOLERANCE)
        report('OVER_CAPACITY', where, `states ${visit.loadAfter[k]} aboard, has ${amount}`);
    }
  }
  if (!vehicle.mustEndEmpty || fractions.size === 0) return;
  const sites = (problem.sites ?? []).filter((site) => site.location === vehicle.endLocation);
  const tipped = [...fractions].every((fraction) => sites.some((site) => accepts(site.fractions, new Set([fraction]))));
  if (!tipped) report('NO_SITE_FOR_FRACTION', `vehicle ${route.vehicle}, end`, 'comes back loaded');
}

function checkLocked(problem: Problem, route: Route | undefined, vehicle: number, report: Report): void {
  for (const [index, code] of (problem.vehicles[vehicle]!.locked ?? []).entries()) {
    const visit: Visit | undefined = route?.visits[index];
    const same =
      code >= 0 ? visit?.kind === 'stop' && visit.index === code : visit?.kind === 'disposal' && visit.index === ~code;
    if (!same) report('LOCK_BROKEN', `vehicle ${vehicle}, visit ${index}`, 'is not the locked one');
  }
}

function checkService(problem: Problem, solution: Solution, report: Report): number {
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
    if (stop.prize === undefined) report('REQUIRED_UNSERVED', `stop ${index}`, 'is required');
    lost += stop.prize ?? 0;
  }
  return lost;
}

/**
 * Verifies a plan against the problem, rule by rule, from the times and loads that it states.
 * Tipping at the end location takes no time and heeds no opening hours.
 */
export function check(problem: Problem, solution: Solution): CheckResult {
  const violations: Violation[] = [];
  const report: Report = (code, where, message) => {
    violations.push({ code, where, message });
  };
  let cost = checkService(problem, solution, report);
  const byVehicle = new Map<number, Route>();
  for (const route of solution.routes) {
    const vehicle = problem.vehicles[route.vehicle];
    if (!vehicle || byVehicle.has(route.vehicle)) {
      report('VEHICLE_UNKNOWN', `vehicle ${route.vehicle}`, vehicle ? 'has two routes' : 'is not in the problem');
      continue;
    }
    byVehicle.set(route.vehicle, route);
    const { metres, seconds } = checkTimes(problem, route, report);
    checkReleases(problem, route, report);
    checkShift(problem, route, report);
    checkLoads(problem, route, report);
    cost += (vehicle.fixedCost ?? 0) + metres * (vehicle.costPerM ?? 1) + seconds * (vehicle.costPerS ?? 0);
  }
  for (const vehicle of problem.vehicles.keys()) checkLocked(problem, byVehicle.get(vehicle), vehicle, report);
  const off = Math.abs(cost - solution.cost);
  if (off > 1e-6 * Math.max(1, Math.abs(cost))) report('COST_WRONG', 'plan', `states ${solution.cost}, costs ${cost}`);
  return { ok: violations.length === 0, violations, cost };
}
