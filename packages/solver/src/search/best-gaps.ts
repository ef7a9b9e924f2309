import { FORBIDDEN } from '../model.ts';
import type { Model } from '../model.ts';
import { placeAt } from '../operators/operator.ts';
import type { RouteState } from './route-state.ts';

/** Gaps kept for a stop: one that borders on a stop which leaves is of no use, and it borders on two gaps. */
const KEPT = 3;

/** For every visit of one route, the cheapest gaps in another: [i*KEPT+k], rising; gap -1 where there are fewer. */
export interface BestGaps {
  gaps: Int32Array;
  costs: Float64Array;
}

/** A gap and what a stop costs there. */
export interface Gap {
  gap: number;
  cost: number;
}

/** Makes empty lists. */
export function createBestGaps(): BestGaps {
  return { gaps: new Int32Array(0), costs: new Float64Array(0) };
}

/** What a place costs instead of visit i of a route, by legs. */
export function costInstead(model: Model, route: RouteState, i: number, place: number): number {
  const { arc } = route;
  const n = model.locations;
  const [before, after] = [placeAt(model, route, i - 1), placeAt(model, route, i + 1)];
  return arc[before * n + place]! + arc[place * n + after]! - arc[before * n + after]!;
}

/** What a stop costs in its cheapest gap. */
export function leastCost({ costs }: BestGaps, i: number): number {
  return costs[i * KEPT]!;
}

function keep({ gaps, costs }: BestGaps, at: number, gap: number, cost: number): void {
  let k = at + KEPT - 1;
  if (cost >= costs[k]!) return;
  for (; k > at && costs[k - 1]! > cost; k--) {
    costs[k] = costs[k - 1]!;
    gaps[k] = gaps[k - 1]!;
  }
  costs[k] = cost;
  gaps[k] = gap;
}

/** Finds the cheapest gaps of one route for the stops of another (Vidal 2022, §3.3), by legs alone. */
export function findBestGaps(model: Model, from: RouteState, to: RouteState, best: BestGaps): void {
  const size = from.len * KEPT;
  if (best.gaps.length < size)
    Object.assign(best, { gaps: new Int32Array(size * 2), costs: new Float64Array(size * 2) });
  best.gaps.fill(-1, 0, size);
  best.costs.fill(FORBIDDEN, 0, size);
  const { arc, arcIn } = to;
  const { place, locations: n } = model;
  let before = placeAt(model, to, to.locked - 1);
  for (let gap = to.locked; gap <= to.len; gap++) {
    const after = placeAt(model, to, gap);
    const was = arc[before * n + after]!;
    for (let i = from.locked; i < from.len; i++) {
      const row = place[from.seq[i]!]! * n;
      keep(best, i * KEPT, gap, arcIn[row + before]! + arc[row + after]! - was);
    }
    before = after;
  }
}

/** What a route saves when a visit leaves it. */
export function savedWithout(model: Model, route: RouteState, i: number): number {
  return costInstead(model, route, i, placeAt(model, route, i));
}

/** The cheapest gap for visit i of the route the lists are for, in a route that visit j leaves; gaps are those before j left. */
export function bestGapWithout(
  model: Model,
  { place, to, j }: { place: number; to: RouteState; j: number },
  { best, i }: { best: BestGaps; i: number },
  found: Gap,
): void {
  found.gap = j;
  found.cost = costInstead(model, to, j, place);
  for (let k = i * KEPT; k < (i + 1) * KEPT; k++) {
    const gap = best.gaps[k]!;
    if (gap < 0 || best.costs[k]! >= found.cost) return;
    if (gap === j || gap === j + 1) continue;
    found.gap = gap;
    found.cost = best.costs[k]!;
    return;
  }
}
