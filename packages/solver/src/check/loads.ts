import type { Problem } from '../problem.ts';
import type { Route } from '../solution.ts';
import { loadOf, partsOf } from './contents.ts';
import { TOLERANCE } from './violation.ts';
import type { Report } from './violation.ts';

function accepts(fractions: readonly number[] | undefined, aboard: ReadonlySet<number>): boolean {
  return !fractions || [...aboard].every((fraction) => fractions.includes(fraction));
}

/** Follows what is aboard from visit to visit. */
export function checkLoads(problem: Problem, route: Route, report: Report): void {
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
      const stop = problem.stops[visit.index];
      for (const { fraction } of stop ? partsOf(stop) : []) fractions.add(fraction);
      for (const [k, amount] of (stop ? loadOf(stop) : []).entries()) aboard.set(k, (aboard.get(k) ?? 0) + amount);
    }
    for (const [k, amount] of aboard) {
      const over = amount - (vehicle.capacity?.[k] ?? Infinity);
      if (over > TOLERANCE) report('OVER_CAPACITY', where, `carries ${over} too much of load ${k}`);
      if (Math.abs((visit.loadAfter[k] ?? 0) - amount) > TOLERANCE)
        report('OVER_CAPACITY', where, `states ${visit.loadAfter[k]} aboard, has ${amount}`);
    }
  }
  for (const fraction of vehicle.mayEndWith ?? []) fractions.delete(fraction);
  if (!vehicle.mustEndEmpty || fractions.size === 0) return;
  const sites = (problem.sites ?? []).filter((site) => site.location === vehicle.endLocation);
  const tipped = [...fractions].every((fraction) => sites.some((site) => accepts(site.fractions, new Set([fraction]))));
  if (!tipped) report('NO_SITE_FOR_FRACTION', `vehicle ${route.vehicle}, end`, 'comes back loaded');
}
