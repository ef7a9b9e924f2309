import { firstWay } from '../model.ts';
import { createRandom } from '../random.ts';
import type { RouteState } from './route-state.ts';
import type { State } from './state.ts';

/** A round met during the search; the cheapest order seen of its stops, for vehicles of its class. */
export interface PooledRoute {
  readonly classId: number;
  seq: Int32Array;
  cost: number;
  /** when it was last met */
  seen: number;
}

/** Distinct rounds of good plans, told apart by class of vehicle and set of stops. */
export interface RoutePool {
  readonly routes: readonly PooledRoute[];
  /** Enters a round, or a cheaper order of one that is there. */
  note(route: RouteState): void;
}

/** Two numbers of 32 bits for a set: sums do not depend on the order. */
interface Signature {
  low: number;
  high: number;
}

function createSigner({ model }: State): (route: RouteState) => Signature {
  // A generator of its own: what the pool draws must not change what the search draws.
  const random = createRandom(1);
  const size = model.stopCount + model.vehicles.length;
  const low = Int32Array.from({ length: size }, () => random.int(2 ** 32));
  const high = Int32Array.from({ length: size }, () => random.int(2 ** 32));
  const signature: Signature = { low: 0, high: 0 };
  return ({ vehicle, seq, len, locked }) => {
    const kind = model.stopCount + model.vehicles[vehicle]!.classId;
    signature.low = low[kind]!;
    signature.high = high[kind]!;
    for (let i = locked; i < len; i++) {
      if (seq[i]! >= model.stopCount) continue;
      const stop = firstWay(model, seq[i]!);
      signature.low = (signature.low + low[stop]!) | 0;
      signature.high = (signature.high + high[stop]!) | 0;
    }
    return signature;
  };
}

/**
 * Creates an empty pool.
 * @param limit rounds kept; when there are more, the half met longest ago goes
 */
export function createRoutePool(state: State, limit: number): RoutePool {
  const { model } = state;
  const sign = createSigner(state);
  const slots = 2 ** Math.ceil(Math.log2(limit * 2));
  const slotLow = new Int32Array(slots);
  const slotHigh = new Int32Array(slots);
  /** index into routes plus one; 0 is free */
  const slotRoute = new Int32Array(slots);
  let routes: PooledRoute[] = [];
  let signatures = new Int32Array(limit * 2);
  let clock = 0;

  function slotOf({ low, high }: Signature): number {
    let slot = low & (slots - 1);
    while (slotRoute[slot]! > 0 && (slotLow[slot] !== low || slotHigh[slot] !== high)) slot = (slot + 1) & (slots - 1);
    return slot;
  }

  function enter(route: PooledRoute, signature: Signature): void {
    const slot = slotOf(signature);
    slotLow[slot] = signatures[routes.length * 2] = signature.low;
    slotHigh[slot] = signatures[routes.length * 2 + 1] = signature.high;
    slotRoute[slot] = routes.push(route);
  }

  function halve(): void {
    const [old, oldSignatures] = [routes, signatures];
    const median = Float64Array.from(old, ({ seen }) => seen).sort()[old.length >> 1]!;
    routes = [];
    signatures = new Int32Array(limit * 2);
    slotRoute.fill(0);
    for (const [k, route] of old.entries()) {
      if (route.seen >= median) enter(route, { low: oldSignatures[k * 2]!, high: oldSignatures[k * 2 + 1]! });
    }
  }

  return {
    get routes() {
      return routes;
    },
    note(route) {
      const { seq, len, locked, cost, vehicle } = route;
      if (len === locked || route.broken) return;
      const signature = sign(route);
      const known = routes[slotRoute[slotOf(signature)]! - 1];
      clock++;
      if (known) {
        known.seen = clock;
        if (cost >= known.cost - 1e-6) return;
        known.cost = cost;
        known.seq = seq.slice(0, len);
        return;
      }
      if (routes.length >= limit) halve();
      enter({ classId: model.vehicles[vehicle]!.classId, seq: seq.slice(0, len), cost, seen: clock }, signature);
    },
  };
}
