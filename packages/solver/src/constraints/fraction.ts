import type { Model } from '../model.ts';
import type { Constraint } from './constraint.ts';

/** Counts the trips that end where some fraction aboard is refused. */
function refusals(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  const { initialMask, endMask } = model.vehicles[vehicle]!;
  let [aboard, refused] = [initialMask, 0];
  for (let i = 0; i < len; i++) {
    const mask = model.mask[seq[i]!]!;
    if (seq[i]! < model.stopCount) {
      aboard |= mask;
    } else {
      if (aboard & ~mask) refused++;
      aboard = 0;
    }
  }
  return refused + (aboard & ~endMask ? 1 : 0);
}

/** Has every load tipped where all its fractions are accepted, and the truck empty at the end where it must be. */
export const fraction: Constraint = {
  name: 'fraction',
  curedByDisposal: true,
  supports: (model) => model.siteCount > 0 || model.vehicles.some((vehicle) => vehicle.endMask !== -1),
  refresh(model, route) {
    const { initialMask, endMask } = model.vehicles[route.vehicle]!;
    const { seq, len, aboardMask, sinkMask } = route;
    aboardMask[0] = initialMask;
    for (let i = 0; i < len; i++) {
      aboardMask[i + 1] = seq[i]! < model.stopCount ? aboardMask[i]! | model.mask[seq[i]!]! : 0;
    }
    let sink = endMask;
    for (let gap = len; gap >= 0; gap--) {
      sinkMask[gap] = sink;
      if (gap > 0 && seq[gap - 1]! >= model.stopCount) sink = model.mask[seq[gap - 1]!]!;
    }
  },
  admits(model, route, gap, a, b) {
    const mask = model.mask[a]!;
    if (a >= model.stopCount)
      return (route.aboardMask[gap]! & ~mask) === 0 && (model.mask[b]! & ~route.sinkMask[gap]!) === 0;
    const sink = b < 0 ? route.sinkMask[gap]! : model.mask[b]!;
    return b < 0 ? (mask & ~sink) === 0 : ((mask | route.aboardMask[gap]!) & ~sink) === 0;
  },
  holds: (model, vehicle, seq, len) => refusals(model, vehicle, seq, len) === 0,
  shortfalls(model, vehicle, seq, len) {
    const amount = refusals(model, vehicle, seq, len);
    return amount > 0 ? [{ code: 'NO_SITE_FOR_FRACTION', amount, unit: 'visits' }] : [];
  },
};
