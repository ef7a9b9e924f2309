import { keepsRules, routeCost } from '../evaluate.ts';
import { FORBIDDEN, waysOf } from '../model.ts';
import type { Model } from '../model.ts';
import type { Inserter, Place } from './insertion.ts';
import type { RouteState } from './route-state.ts';
import { assign, dropStops } from './state.ts';
import type { State } from './state.ts';

const kept: Place = { route: -1, gap: 0, a: 0, b: -1, cost: 0 };

/** Finds the cheapest place of a stop over all its ways; the result is overwritten by the next call. */
export function findWay(
  model: Model,
  inserter: Inserter,
  stop: number,
  { limit, blinkRate }: { limit: number; blinkRate: number },
): Place {
  const place = inserter.find(stop, limit, blinkRate);
  const { nextWay } = model;
  if (!nextWay || nextWay[stop]! < 0) return place;
  Object.assign(kept, place);
  for (let way = nextWay[stop]!; way >= 0; way = nextWay[way]!) {
    const other = inserter.find(way, kept.route < 0 ? limit : kept.cost, blinkRate);
    if (other.route >= 0) Object.assign(kept, other);
  }
  return kept;
}

/** The cheapest ways for a fixed order, by a dynamic programme over (position, way). */
function cheapestWays(model: Model, route: RouteState): Int32Array {
  const { arc, start, end } = model.vehicles[route.vehicle]!;
  const { place, locations: n } = model;
  let labels = [{ at: start, cost: 0, from: -1 }];
  const table: { node: number; cost: number; from: number }[][] = [];
  for (let i = 0; i < route.len; i++) {
    const ways = i < route.locked ? [route.seq[i]!] : waysOf(model, route.seq[i]!);
    const row = ways.map((node) => {
      let [cost, from] = [Infinity, 0];
      for (const [index, label] of labels.entries()) {
        const reached = label.cost + arc[label.at * n + place[node]!]!;
        if (reached < cost) [cost, from] = [reached, index];
      }
      return { node, cost, from };
    });
    table.push(row);
    labels = row.map(({ node, cost, from }) => ({ at: place[node]!, cost, from }));
  }
  const ends = labels.map(({ at, cost }) => cost + arc[at * n + end]!);
  let way = ends.indexOf(Math.min(...ends));
  const seq = new Int32Array(route.len);
  for (let i = route.len - 1; i >= 0; i--) {
    seq[i] = table[i]![way]!.node;
    way = table[i]![way]!.from;
  }
  return seq;
}

/**
 * Chooses the way of every stop anew for the order of a route: exact where windows and the price of time leave the choice
 * to the legs. Keeps what it had where the new ways break a rule or cost more.
 */
export function chooseWays(state: State, route: RouteState): boolean {
  const { model, rules } = state;
  if (!model.nextWay || route.len === 0 || route.broken) return false;
  const seq = cheapestWays(model, route);
  if (seq.every((node, i) => node === route.seq[i])) return false;
  const cost = routeCost(model, route.vehicle, seq, seq.length);
  if (cost >= Math.min(route.cost - 1e-6, FORBIDDEN / 2)) return false;
  if (!keepsRules(model, rules, route.vehicle, { seq, len: seq.length })) return false;
  dropStops(state, route);
  assign(state, route, seq, seq.length);
  return true;
}
