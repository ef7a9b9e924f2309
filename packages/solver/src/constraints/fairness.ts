import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';

/** How much of each area may be left out. The only rule that no single route can keep or break. */
export interface Areas {
  /** per stop, or -1 */
  readonly of: Int32Array;
  /** per stop: 1 where stops are counted, its prize where prizes are shared */
  readonly weight: Float64Array;
  /** per area, the most weight that may be left out */
  readonly most: Float64Array;
  /** per area, money for a unit of weight too much; as dear as a required stop left out */
  readonly pricePerWeight: Float64Array;
}

/**
 * Gives the bounds of the areas; undefined when no area has one.
 * @param penalty cost of a required stop left out
 */
export function compileAreas({ areas, stops }: Problem, penalty: number): Areas | undefined {
  if (!areas?.length) return undefined;
  const of = Int32Array.from(stops, ({ area, alternativeTo }) => (alternativeTo === undefined ? (area ?? -1) : -1));
  const shared = areas.map(({ leastPrizeShare }) => leastPrizeShare !== undefined);
  const weight = Float64Array.from(stops, ({ prize }, stop) => (shared[of[stop]!] ? (prize ?? 0) : 1));
  const total = areas.map((_, area) => weight.reduce((sum, w, stop) => sum + (of[stop] === area ? w : 0), 0));
  const count = areas.map((_, area) => Math.max(1, of.filter((a) => a === area).length));
  return {
    of,
    weight,
    most: Float64Array.from(areas, ({ maxUnserved, leastPrizeShare }, area) =>
      leastPrizeShare === undefined ? (maxUnserved ?? Infinity) : (1 - leastPrizeShare) * total[area]! + 1e-6,
    ),
    pricePerWeight: Float64Array.from(areas, (_, area) => (penalty * count[area]!) / Math.max(1e-9, total[area]!)),
  };
}

/** The part of a search's state that knows what is left out. */
export interface Left {
  readonly model: Model;
  /** per area, the weight left out */
  readonly areaLeft: Float64Array;
  requiredLeft: number;
  missingCost: number;
  cost: number;
}

/** Takes note that a stop is left out (1) or served again (-1). An area beyond its bound counts as a required stop missing. */
export function weighArea(left: Left, stop: number, sign: 1 | -1): void {
  const { of, weight, most, pricePerWeight } = left.model.areas!;
  const area = of[stop]!;
  if (area < 0) return;
  const before = Math.max(0, left.areaLeft[area]! - most[area]!);
  left.areaLeft[area]! += sign * weight[stop]!;
  const after = Math.max(0, left.areaLeft[area]! - most[area]!);
  const money = (after - before) * pricePerWeight[area]!;
  left.cost += money;
  left.missingCost += money;
  left.requiredLeft += (after > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
}

/** Whether a stop's area needs more served, whatever the stop's own prize. */
export function isAreaShort({ model, areaLeft }: Left, stop: number): boolean {
  if (!model.areas) return false;
  const area = model.areas.of[stop]!;
  return area >= 0 && areaLeft[area]! > model.areas.most[area]!;
}
