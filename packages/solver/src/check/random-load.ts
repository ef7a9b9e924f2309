import type { Problem } from '../problem.ts';
import type { Route } from '../solution.ts';
import type { Report } from './violation.ts';

/** The search works with a closed formula; this is how far its chances may be off. */
const SLACK = 0.002;

/** ln Γ(x) for x > 0 (Lanczos, g = 7). */
function logGamma(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const series = terms.reduce((sum, term, i) => sum + term / (x + i), 0.9999999999998099);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/** Chance that a gamma variable of a shape, in units of its scale, stays below x: by its series. */
function gammaBelow(shape: number, x: number): number {
  if (x <= 0) return 0;
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < 100_000 && term > sum * 1e-14; n++) sum += term *= x / (shape + n);
  return sum * Math.exp(shape * Math.log(x) - x - logGamma(shape));
}

/** Chance that a trip of some mean and variance weighs more than it may, its mass taken as gamma distributed. */
export function overloadChance(mean: number, variance: number, capacity: number): number {
  if (variance <= 0) return mean > capacity ? 1 : 0;
  // nothing of such a trip is left beyond this
  if (capacity > mean + 40 * Math.sqrt(variance)) return 0;
  return 1 - gammaBelow((mean * mean) / variance, (capacity * mean) / variance);
}

/** Holds the chance of an overload of every trip and dimension against what the vehicle allows. */
export function checkRandomLoads(problem: Problem, route: Route, report: Report): void {
  const { overloadChance: allowed, capacity = [], initialLoad = [] } = problem.vehicles[route.vehicle]!;
  if (allowed === undefined) return;
  for (const [k, limit] of capacity.entries()) {
    let [mean, variance] = [initialLoad[k] ?? 0, 0];
    for (const [index, visit] of route.visits.entries()) {
      const stop = visit.kind === 'stop' ? problem.stops[visit.index] : undefined;
      mean = visit.kind === 'stop' ? mean + (stop?.load?.[k] ?? 0) : 0;
      variance = visit.kind === 'stop' ? variance + (stop?.loadVariance?.[k] ?? 0) : 0;
      const chance = overloadChance(mean, variance, limit);
      if (chance > allowed + SLACK)
        report('OVERLOAD_RISK', `vehicle ${route.vehicle}, visit ${index}`, `is overloaded with chance ${chance}`);
    }
  }
}
