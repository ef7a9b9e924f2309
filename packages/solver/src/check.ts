import { checkAppointments } from './check/appointments.ts';
import { checkBreaks } from './check/breaks.ts';
import { neglectedAreas } from './check/areas.ts';
import { checkCompartments } from './check/contents.ts';
import { checkEnergy } from './check/energy.ts';
import { checkLoads } from './check/loads.ts';
import { checkPrices } from './check/prices.ts';
import { checkRandomLoads } from './check/random-load.ts';
import { checkLocked, checkService } from './check/service.ts';
import { checkShift, checkTimes } from './check/times.ts';
import type { Report, Violation } from './check/violation.ts';
import type { Problem } from './problem.ts';
import type { Route, Solution } from './solution.ts';

export type { Violation } from './check/violation.ts';

// Shares no code with the search on purpose: it reads the problem as given and believes nothing in the plan.

/** Outcome of a check. */
export interface CheckResult {
  readonly ok: boolean;
  readonly violations: readonly Violation[];
  /** cost recomputed from the problem alone */
  readonly cost: number;
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
  let cost = checkService(problem, solution, report) + checkPrices(problem, solution, report);
  const byVehicle = new Map<number, Route>();
  for (const route of solution.routes) {
    const vehicle = problem.vehicles[route.vehicle];
    if (!vehicle || byVehicle.has(route.vehicle)) {
      report('VEHICLE_UNKNOWN', `vehicle ${route.vehicle}`, vehicle ? 'has two routes' : 'is not in the problem');
      continue;
    }
    byVehicle.set(route.vehicle, route);
    const metres = checkTimes(problem, route, report);
    const seconds = route.endS - route.departS;
    checkShift(problem, route, report);
    checkBreaks(problem, route, report);
    checkAppointments(problem, route, report);
    checkLoads(problem, route, report);
    checkCompartments(problem, route, report);
    checkRandomLoads(problem, route, report);
    checkEnergy(problem, route, report);
    cost += (vehicle.fixedCost ?? 0) + metres * (vehicle.costPerM ?? 1) + seconds * (vehicle.costPerS ?? 0);
  }
  for (const vehicle of problem.vehicles.keys()) checkLocked(problem, byVehicle.get(vehicle), vehicle, report);
  for (const { area, message } of neglectedAreas(problem, solution.unserved))
    report('AREA_NEGLECTED', `area ${area}`, message);
  const off = Math.abs(cost - solution.cost);
  if (off > 1e-6 * Math.max(1, Math.abs(cost))) report('COST_WRONG', 'plan', `states ${solution.cost}, costs ${cost}`);
  return { ok: violations.length === 0, violations, cost };
}
