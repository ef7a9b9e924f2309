import { judgePlace, mustConfirm } from '../exact/place.ts';
import { driveExactly, RELAX, traceVisits } from '../exact/timeline.ts';
import type { Model } from '../model.ts';
import type { Constraint, Shortfall } from './constraint.ts';
import { withInserted } from './draft.ts';

/** Seconds after the last window of each visit, over the sequence driven last. */
function lateness(model: Model, vehicle: number, seq: Int32Array): number {
  let sum = 0;
  for (const [i, { startS }] of traceVisits().entries()) {
    const own = model.exact!.hours?.[vehicle]!.get(seq[i]!);
    const close = own ? (own.at(-1) ?? -Infinity) : model.closeS[model.windowFrom[seq[i]! + 1]! - 1]!;
    sum += Math.max(0, startS - close);
  }
  return sum;
}

/** What the timeline lacks when everything else is forgiven. */
function shortfallsOf(model: Model, vehicle: number, seq: Int32Array, len: number): Shortfall[] {
  const { latestS, maxDurationS } = model.vehicles[vehicle]!;
  const driven = { seq, len };
  const tries: readonly [number, (endS: number, durationS: number) => Shortfall | undefined][] = [
    [
      RELAX.none,
      (_, durationS) =>
        durationS > maxDurationS
          ? { code: 'DURATION_EXCEEDED', amount: durationS - maxDurationS, unit: 's' }
          : undefined,
    ],
    [RELAX.shift, (endS) => ({ code: 'SHIFT_EXCEEDED', amount: endS - latestS, unit: 's' })],
    [RELAX.breaks, () => ({ code: 'BREAK_MISSING', amount: 1, unit: 'visits' })],
    [RELAX.windows, () => ({ code: 'WINDOW_MISSED', amount: lateness(model, vehicle, seq), unit: 's' })],
  ];
  for (const [relax, tell] of tries) {
    const { ok, departS, endS } = driveExactly(model, vehicle, driven, { late: true, relax });
    if (!ok) continue;
    const found = tell(endS, endS - departS);
    return found ? [found] : [];
  }
  return [
    { code: 'SHIFT_EXCEEDED', amount: 1, unit: 's' },
    { code: 'WINDOW_MISSED', amount: 1, unit: 's' },
  ];
}

/**
 * Keeps what only a whole sequence shows: breaks, travel by time of day, hours per vehicle, releases, queues at sites and
 * clean-outs, together with windows, shift and duration under them. Asked last, and only when the problem has such a rule.
 */
export const duty: Constraint = {
  name: 'duty',
  curedByDisposal: false,
  supports: (model) => model.exact !== undefined,
  refresh(_, route) {
    if (route.times) route.times.stale = true;
  },
  admits(model, route, gap, a, b) {
    const verdict = judgePlace(model, route, { gap, a, b });
    if (verdict !== 0) return verdict > 0;
    const seq = withInserted(route, gap, a, b);
    return this.holds(model, route.vehicle, seq, route.len + (b < 0 ? 1 : 2));
  },
  confirms(model, route, gap, a, b) {
    if (!mustConfirm(model, route, { a, b })) return true;
    return this.holds(model, route.vehicle, withInserted(route, gap, a, b), route.len + (b < 0 ? 1 : 2));
  },
  holds(model, vehicle, seq, len) {
    const { ok, departS, endS } = driveExactly(model, vehicle, { seq, len }, { late: false, relax: RELAX.none });
    return ok && endS - departS <= model.vehicles[vehicle]!.maxDurationS + 1e-6;
  },
  shortfalls: shortfallsOf,
};
