import type { Constraint } from './constraints/constraint.ts';
import { driveSequence } from './constraints/time.ts';
import { visitPrices } from './constraints/visit-price.ts';
import { driveExactly, RELAX } from './exact/timeline.ts';
import { FORBIDDEN } from './model.ts';
import type { Model } from './model.ts';

/** Money for driving a sequence, waiting and service apart. */
export function arcCost(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  const { start, end, arc } = model.vehicles[vehicle]!;
  const n = model.locations;
  let at = start;
  let sum = 0;
  for (let i = 0; i < len; i++) {
    const next = model.place[seq[i]!]!;
    sum += arc[at * n + next]!;
    at = next;
  }
  return sum + arc[at * n + end]!;
}

/** Seconds of driving in a sequence. */
export function travelTime(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  const { start, end, durationS } = model.vehicles[vehicle]!;
  const n = model.locations;
  let at = start;
  let sum = 0;
  for (let i = 0; i < len; i++) {
    const next = model.place[seq[i]!]!;
    sum += durationS[at * n + next]!;
    at = next;
  }
  return sum + durationS[at * n + end]!;
}

/** Seconds between departure and return; where the rules cannot be kept, those of the windows alone. */
function dutyTime(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  if (model.exact) {
    const { ok, departS, endS } = driveExactly(model, vehicle, { seq, len }, { late: true, relax: RELAX.none });
    if (ok) return endS - departS;
  }
  return driveSequence(model, vehicle, seq, len).durationS;
}

/** Cost of a whole route whatever rules it breaks; nothing for a vehicle that stays in. */
export function routeCost(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  const { fixedCost, costPerS, underWay } = model.vehicles[vehicle]!;
  if (len === 0 && !underWay) return 0;
  let driving = arcCost(model, vehicle, seq, len);
  if (model.visitPrices) driving += visitPrices(model, vehicle, seq, len);
  if (costPerS === 0) return fixedCost + driving;
  const standing = dutyTime(model, vehicle, seq, len) - travelTime(model, vehicle, seq, len);
  return fixedCost + driving + costPerS * standing;
}

/** Whether a sequence can be driven and keeps every rule. */
export function keepsRules(
  model: Model,
  rules: readonly Constraint[],
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
): boolean {
  if (len === 0 && !model.vehicles[vehicle]!.underWay) return true;
  if (arcCost(model, vehicle, seq, len) >= FORBIDDEN / 2) return false;
  for (const rule of rules) if (!rule.holds(model, vehicle, seq, len)) return false;
  return true;
}
