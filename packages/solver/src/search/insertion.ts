import { time } from '../constraints/time.ts';
import { FORBIDDEN } from '../model.ts';
import type { Random } from '../random.ts';
import type { Neighbours } from './neighbours.ts';
import type { RouteState } from './route-state.ts';
import type { State } from './state.ts';

/** Neighbours next to which a stop is tried; routing.md found 40 to 60 as good as all. */
const TRIED = 40;

/** The cheapest place found for a stop: nodes a and b (or -1) into a gap of a route; route -1 when there is none. */
export interface Place {
  route: number;
  gap: number;
  a: number;
  b: number;
  cost: number;
}

/** Looks for places of stops in a state, with reusable buffers. */
export interface Inserter {
  /**
   * Finds the cheapest place for a stop; the result is overwritten by the next call.
   * @param limit places that cost this much or more do not count
   * @param blinkRate chance of overlooking a place (Christiaens & Vanden Berghe 2020, §4.3)
   */
  find(stop: number, limit: number, blinkRate: number): Place;
}

/** Extra cost of a then b (or a alone) in a gap, before waiting; the seconds of driving it adds go to addedTravelS. */
let addedTravelS = 0;
function arcDelta(state: State, route: RouteState, gap: number, { a, b }: { a: number; b: number }): number {
  const { place, locations: n, vehicles } = state.model;
  const { start, end, arc, durationS, costPerS } = vehicles[route.vehicle]!;
  const before = gap === 0 ? start : place[route.seq[gap - 1]!]!;
  const after = gap === route.len ? end : place[route.seq[gap]!]!;
  const first = place[a]!;
  const last = b < 0 ? first : place[b]!;
  const inner = b < 0 ? 0 : arc[first * n + last]!;
  if (costPerS > 0) {
    const through = b < 0 ? 0 : durationS[first * n + last]!;
    addedTravelS =
      durationS[before * n + first]! + through + durationS[last * n + after]! - durationS[before * n + after]!;
  }
  const closed = arc[before * n + after]!;
  const opened = arc[before * n + first]! + inner + arc[last * n + after]!;
  return opened >= FORBIDDEN / 2 ? FORBIDDEN : opened - closed;
}

/** Creates an inserter for a state. */
export function createInserter(state: State, neighbours: Neighbours, random: Random): Inserter {
  const { model, routes, rules } = state;
  const best: Place = { route: -1, gap: 0, a: 0, b: -1, cost: 0 };
  const pair = { a: 0, b: -1 };
  // A trip split in two may leave in time with the half that is released early.
  const split = model.releaseS !== undefined && model.siteCount > 0;
  const classSeen = new Int32Array(routes.length).fill(-1);
  let round = 0;

  /** 0 taken or too dear, 1 refused for good, 2 refused unless the truck tips. */
  function consider(route: RouteState, gap: number, a: number, b: number): number {
    const vehicle = model.vehicles[route.vehicle]!;
    pair.a = a;
    pair.b = b;
    let cost = arcDelta(state, route, gap, pair);
    if (cost >= FORBIDDEN / 2) return 1;
    if (route.len === 0 && !vehicle.underWay) cost = openingCost(route, cost);
    const waits = vehicle.costPerS > 0;
    const standing = waits ? model.serviceS[a]! + (b < 0 ? 0 : model.serviceS[b]!) : 0;
    // With windows, service may fill time that was waited away, so only the metres are a sure minimum.
    const least = waits
      ? model.timed
        ? cost - vehicle.costPerS * addedTravelS
        : cost + vehicle.costPerS * standing
      : cost;
    if (least >= best.cost) return 0;
    let curable = 0;
    for (const rule of rules) {
      if (rule.admits(model, route, gap, a, b)) continue;
      if (!rule.curedByDisposal && !(split && rule === time)) return 1;
      curable = 2;
    }
    if (curable) return curable;
    if (waits) {
      const was = route.len === 0 && !vehicle.underWay ? emptyDuration(route) : route.durationS;
      cost += vehicle.costPerS * (model.timed ? route.joinedS - was - addedTravelS : standing);
    }
    if (cost >= best.cost) return 0;
    best.route = route.vehicle;
    best.gap = gap;
    best.a = a;
    best.b = b;
    best.cost = cost;
    return 0;
  }

  /** An idle vehicle does not drive from start to end yet, so that leg is paid on opening. */
  function openingCost(route: RouteState, cost: number): number {
    const { start, end, arc, fixedCost } = model.vehicles[route.vehicle]!;
    return cost + arc[start * model.locations + end]! + fixedCost;
  }

  function emptyDuration(route: RouteState): number {
    const { start, end, durationS } = model.vehicles[route.vehicle]!;
    return durationS[start * model.locations + end]!;
  }

  function tryGap(route: RouteState, gap: number, stop: number, blinkRate: number): void {
    if (gap < route.locked || route.broken) return;
    if (blinkRate > 0 && random.float() < blinkRate) return;
    if (consider(route, gap, stop, -1) !== 2) return;
    for (let site = model.stopCount; site < model.stopCount + model.siteCount; site++) {
      consider(route, gap, stop, site);
      if (gap > 0 || model.vehicles[route.vehicle]!.underWay) consider(route, gap, site, stop);
    }
  }

  function tryNeighbours(stop: number, blinkRate: number): void {
    const from = stop * neighbours.width;
    const count = Math.min(TRIED, neighbours.width);
    for (let k = 0; k < count; k++) {
      const near = neighbours.list[from + k]!;
      const index = state.routeOf[near]!;
      if (index < 0) continue;
      const route = routes[index]!;
      const at = state.posOf[near]!;
      // Each gap is offered once, else the chance of overlooking it shrinks: behind a stop, or behind a site or the start.
      if (at > route.locked && route.seq[at - 1]! >= model.stopCount) tryGap(route, at, stop, blinkRate);
      tryGap(route, at + 1, stop, blinkRate);
    }
  }

  /** Both ends of every route in use, and one idle vehicle of each class. */
  function tryEnds(stop: number, blinkRate: number): void {
    for (const route of routes) {
      if (route.len === 0 && !model.vehicles[route.vehicle]!.underWay) {
        const { classId } = model.vehicles[route.vehicle]!;
        if (classSeen[classId] === round) continue;
        classSeen[classId] = round;
        tryGap(route, 0, stop, 0);
      } else {
        tryGap(route, route.locked, stop, blinkRate);
        if (route.len > route.locked) tryGap(route, route.len, stop, blinkRate);
      }
    }
  }

  return {
    find(stop, limit, blinkRate) {
      round++;
      best.route = -1;
      best.cost = Math.min(limit, FORBIDDEN / 2);
      tryNeighbours(stop, blinkRate);
      tryEnds(stop, blinkRate);
      return best;
    },
  };
}
