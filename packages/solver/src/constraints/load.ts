import { FREE } from '../model.ts';
import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import type { Constraint, Shortfall } from './constraint.ts';

/** Absorbs the rounding of sums of fractional loads. */
const EPSILON = 1e-6;

/** Per gap, what is aboard there and what will be when the trip ends. */
function refreshTrips(model: Model, route: RouteState): void {
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
}

/** Keeps what is aboard within capacity in every dimension; a disposal visit starts again from zero. */
export const load: Constraint = {
  name: 'load',
  curedByDisposal: true,
  supports: (model) =>
    model.dims > 0 && model.vehicles.some((vehicle) => vehicle.capacity.some((limit) => limit < FREE)),
  // Without sites a route is one trip, and what it holds in all is the first entry of tripLoad.
  wholeRoute: (model) => model.siteCount === 0,
  refresh(model, route) {
    const { dims } = model;
    const { initialLoad } = model.vehicles[route.vehicle]!;
    const { len, seq, tripLoad } = route;
    if (model.siteCount > 0) return refreshTrips(model, route);
    for (let k = 0; k < dims; k++) {
      let sum = initialLoad[k]!;
      for (let i = 0; i < len; i++) sum += model.load[seq[i]! * dims + k]!;
      tripLoad[k] = sum;
    }
  },
  inserted(model, route, gap) {
    const { dims } = model;
    if (model.siteCount > 0) return refreshTrips(model, route);
    for (let k = 0; k < dims; k++) route.tripLoad[k]! += model.load[route.seq[gap]! * dims + k]!;
  },
  admits(model, route, gap, a, b) {
    const { dims, stopCount } = model;
    const { capacity } = model.vehicles[route.vehicle]!;
    if (model.siteCount === 0) {
      for (let k = 0; k < dims; k++)
        if (route.tripLoad[k]! + model.load[a * dims + k]! > capacity[k]! + EPSILON) return false;
      return true;
    }
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
  mayExchange(model, route, leaving, joining) {
    const { dims } = model;
    const { capacity } = model.vehicles[route.vehicle]!;
    if (model.siteCount > 0) return true;
    for (let k = 0; k < dims; k++) {
      const change = model.load[joining * dims + k]! - model.load[leaving * dims + k]!;
      if (route.tripLoad[k]! + change > capacity[k]! + EPSILON) return false;
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
