import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';
import type { RouteState } from '../search/route-state.ts';
import type { Constraint, Shortfall } from './constraint.ts';
import { load } from './load.ts';

/** How sure a truck must be of not being overloaded. */
export interface RandomLoad {
  /** Float64Array stops·dims */
  readonly variance: Float64Array;
  /** per vehicle, the standard normal quantile of one minus its largest chance; -Infinity when it has none */
  readonly quantile: Float64Array;
}

/** Standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9) for p above 0.02425. */
export function normalQuantile(p: number): number {
  if (p > 1 - 0.02425) return -normalQuantileTail(1 - p);
  if (p < 0.02425) return normalQuantileTail(p);
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
  const q = p - 0.5;
  const r = q * q;
  const top = (((((a[0]! * r + a[1]!) * r + a[2]!) * r + a[3]!) * r + a[4]!) * r + 2.506628277459239) * q;
  return top / (((((b[0]! * r + b[1]!) * r + b[2]!) * r + b[3]!) * r + b[4]!) * r + 1);
}

function normalQuantileTail(p: number): number {
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const q = Math.sqrt(-2 * Math.log(p));
  const top = ((((c[0]! * q + c[1]!) * q + c[2]!) * q + c[3]!) * q + c[4]!) * q + 2.938163982698783;
  return top / ((((d[0]! * q + d[1]!) * q + d[2]!) * q + d[3]!) * q + 1);
}

/** Gives variances and quantiles; undefined when no vehicle bounds its chance of an overload. */
export function compileRandomLoad(problem: Problem, dims: number): RandomLoad | undefined {
  if (!problem.vehicles.some(({ overloadChance }) => overloadChance !== undefined)) return undefined;
  const variance = new Float64Array(problem.stops.length * dims);
  for (const [stop, { loadVariance }] of problem.stops.entries())
    for (let k = 0; k < dims; k++) variance[stop * dims + k] = loadVariance?.[k] ?? 0;
  const quantile = Float64Array.from(problem.vehicles, ({ overloadChance }) =>
    overloadChance === undefined ? -Infinity : normalQuantile(1 - overloadChance),
  );
  return { variance, quantile };
}

/**
 * What a load stays under with the chance that a normal quantile z stands for. A sum of masses is never negative and leans to
 * the right, so it is taken as gamma distributed, by the cube-root rule of Wilson & Hilferty (1931); a plain normal sum would
 * promise 5 % and give 5.6 % for half a dozen containers.
 */
export function loadQuantile(mean: number, variance: number, z: number): number {
  if (mean <= 0 || variance <= 0) return mean;
  const ninth = variance / (9 * mean * mean);
  return mean * Math.max(0, 1 - ninth + z * Math.sqrt(ninth)) ** 3;
}

/** The most by which any trip of a sequence may be over the capacity of a dimension. */
function worstExcess(
  model: Model,
  vehicle: number,
  { seq, len, k }: { seq: Int32Array; len: number; k: number },
): number {
  const { dims, stopCount, randomLoad } = model;
  const { capacity, initialLoad } = model.vehicles[vehicle]!;
  const { variance, quantile } = randomLoad!;
  let [mean, spread, worst] = [initialLoad[k]!, 0, -Infinity];
  for (let i = 0; i <= len; i++) {
    const node = i < len ? seq[i]! : stopCount;
    if (node < stopCount) {
      mean += model.load[node * dims + k]!;
      spread += variance[node * dims + k]!;
      continue;
    }
    worst = Math.max(worst, loadQuantile(mean, spread, quantile[vehicle]!) - capacity[k]!);
    [mean, spread] = [0, 0];
  }
  return worst;
}

/** Per gap and dimension, the variance of what is aboard there, and of the trip in all; means are those of the load rule. */
function refreshSpreads(model: Model, { seq, len, aboardSpread, tripSpread }: RouteState): void {
  const { dims, stopCount } = model;
  const { variance } = model.randomLoad!;
  for (let k = 0; k < dims; k++) {
    let sum = 0;
    aboardSpread[k] = 0;
    for (let i = 0; i < len; i++) {
      sum = seq[i]! < stopCount ? sum + variance[seq[i]! * dims + k]! : 0;
      aboardSpread[(i + 1) * dims + k] = sum;
    }
    for (let gap = len; gap >= 0; gap--) {
      tripSpread[gap * dims + k] = sum;
      if (gap > 0 && seq[gap - 1]! >= stopCount) sum = aboardSpread[(gap - 1) * dims + k]!;
    }
  }
}

/** Whether what is before a gap, or behind it, or both when no site parts them, may join a stop in one trip. */
function mayJoin(
  model: Model,
  route: RouteState,
  { gap, stop, before, behind }: { gap: number; stop: number; before: boolean; behind: boolean },
): boolean {
  const { dims, randomLoad, siteCount } = model;
  const { variance, quantile } = randomLoad!;
  const { capacity } = model.vehicles[route.vehicle]!;
  for (let k = 0; k < dims; k++) {
    const at = gap * dims + k;
    // Without sites there is one trip, and the load rule keeps its sum in the first entry.
    const trip = siteCount === 0 ? route.tripLoad[k]! : route.tripLoad[at]!;
    const aboard = siteCount === 0 ? 0 : route.aboard[at]!;
    const [mean, spread] =
      before && behind
        ? [trip, route.tripSpread[at]!]
        : before
          ? [aboard, route.aboardSpread[at]!]
          : [trip - aboard, route.tripSpread[at]! - route.aboardSpread[at]!];
    const [more, wider] = stop < 0 ? [0, 0] : [model.load[stop * dims + k]!, variance[stop * dims + k]!];
    if (loadQuantile(mean + more, Math.max(0, spread + wider), quantile[route.vehicle]!) > capacity[k]! + 1e-6)
      return false;
  }
  return true;
}

/** Keeps the chance that a trip is overloaded, in any dimension, within what its vehicle allows. */
export const randomLoad: Constraint = {
  name: 'random-load',
  curedByDisposal: true,
  supports: (model) => model.randomLoad !== undefined && model.dims > 0,
  refresh: refreshSpreads,
  admits(model, route, gap, a, b) {
    if (model.randomLoad!.quantile[route.vehicle] === -Infinity || !load.supports(model)) return true;
    if (b < 0) return mayJoin(model, route, { gap, stop: a, before: true, behind: true });
    const first = a < model.stopCount;
    return (
      mayJoin(model, route, { gap, stop: first ? a : -1, before: true, behind: false }) &&
      mayJoin(model, route, { gap, stop: first ? -1 : b, before: false, behind: true })
    );
  },
  holds(model, vehicle, seq, len) {
    if (model.randomLoad!.quantile[vehicle] === -Infinity) return true;
    for (let k = 0; k < model.dims; k++) if (worstExcess(model, vehicle, { seq, len, k }) > 1e-6) return false;
    return true;
  },
  shortfalls(model, vehicle, seq, len) {
    if (model.randomLoad!.quantile[vehicle] === -Infinity) return [];
    return Array.from({ length: model.dims }, (_, k) => k).flatMap((k): Shortfall[] => {
      const amount = worstExcess(model, vehicle, { seq, len, k });
      return amount > 1e-6 ? [{ code: 'OVERLOAD_RISK', amount, unit: 'load', dimension: k }] : [];
    });
  },
};
