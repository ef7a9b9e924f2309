import { FREE } from '../model.ts';
import type { Constraint, Shortfall } from './constraint.ts';

/** Absorbs the rounding of sums of fractional loads. */
const EPSILON = 1e-6;

/** Keeps what is aboard within capacity in every dimension; a disposal visit starts again from zero. */
export const load: Constraint = {
  name: 'load',
  curedByDisposal: true,
  supports: (model) =>
    model.dims > 0 && model.vehicles.some((vehicle) => vehicle.capacity.some((limit) => limit < FREE)),
  refresh(model, route) {
    const { dims, stopCount } = model;
    const { initialLoad } = model.vehicles[route.vehicle]!;
    const { aboard, tripLoad, len, seq } = route;
    for (let k = 0; k < dims; k++) {
      let sum = initialLoad[k]!;
      aboard[k] = sum;
      for (let i = 0; i < len; i++) {
        sum = seq[i]! < stopCount ? sum + model.load[seq[i]! * dims + k]! : 0;
        aboard[(i + 1) * dims + k] = sum;
      }
      for (let gap = len; gap >= 0; gap--) {
        tripLoad[gap * dims + k] = sum;
        if (gap > 0 && seq[gap - 1]! >= stopCount) sum = aboard[(gap - 1) * dims + k]!;
      }
    }
  },
  admits(model, route, gap, a, b) {
    const { dims, stopCount } = model;
    const { capacity } = model.vehicles[route.vehicle]!;
    const stop = a < stopCount ? a : b;
    for (let k = 0; k < dims; k++) {
      const at = gap * dims + k;
      // The trip the stop ends up in: the whole one, what follows the new site, or what precedes it.
      const others =
        b < 0 ? route.tripLoad[at]! : a >= stopCount ? route.tripLoad[at]! - route.aboard[at]! : route.aboard[at]!;
      if (others + model.load[stop * dims + k]! > capacity[k]! + EPSILON) return false;
    }
    return true;
  },
  holds(model, vehicle, seq, len) {
    const { dims, stopCount } = model;
    const { capacity, initialLoad } = model.vehicles[vehicle]!;
    for (let k = 0; k < dims; k++) {
      let sum = initialLoad[k]!;
      for (let i = 0; i < len; i++) {
        sum = seq[i]! < stopCount ? sum + model.load[seq[i]! * dims + k]! : 0;
        if (sum > capacity[k]! + EPSILON) return false;
      }
    }
    return true;
  },
  shortfalls(model, vehicle, seq, len) {
    const { dims, stopCount } = model;
    const { capacity, initialLoad } = model.vehicles[vehicle]!;
    const found: Shortfall[] = [];
    for (let k = 0; k < dims; k++) {
      let [sum, worst] = [initialLoad[k]!, 0];
      for (let i = 0; i < len; i++) {
        sum = seq[i]! < stopCount ? sum + model.load[seq[i]! * dims + k]! : 0;
        worst = Math.max(worst, sum - capacity[k]!);
      }
      if (worst > EPSILON) found.push({ code: 'OVER_CAPACITY', amount: worst, unit: 'load', dimension: k });
    }
    return found;
  },
};
