import { addedVisitPrice } from '../constraints/visit-price.ts';
import { time } from '../constraints/time.ts';
import { FORBIDDEN } from '../model.ts';
import type { Model } from '../model.ts';
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

/** Draws after how many places the next one is overlooked, instead of drawing at every place. */
function drawBlink(random: Random, rate: number): number {
  return rate > 0 ? 1 + Math.floor(Math.log(random.float() || 1e-12) / Math.log(1 - rate)) : -1;
}

/** Creates an inserter for a state. */
export function createInserter(state: State, neighbours: Neighbours, random: Random): Inserter {
  const { model, routes, rules, routeOf, posOf, afterPlace, afterArc } = state;
  const { place, stopCount, siteCount, locations: n } = model;
  const best: Place = { route: -1, gap: 0, a: 0, b: -1, cost: 0 };
  const routeRules = rules.filter((rule) => rule.wholeRoute?.(model));
  const gapRules = rules.filter((rule) => !rule.wholeRoute?.(model));
  // A trip split in two may leave in time with the half that is released early.
  const split = model.releaseS !== undefined && siteCount > 0;
  const curable = gapRules.map((rule) => rule.curedByDisposal || (split && rule === time));
  const idleHint = new Int32Array(routes.length);
  const classes = listClasses(model);
  /** per route, the search it was last asked in, and whether it may take the stop */
  const askedIn = new Int32Array(routes.length).fill(-1);
  const open = new Uint8Array(routes.length);
  let round = 0;
  let blink = -1;
  let rate = 0;
  const doubtful = rules.filter((rule) => rule.confirms);
  /** every place that is let through is confirmed at once, not only the one chosen */
  let strict = false;

  /** Whether the rules that judge a route as a whole let it take a stop. */
  function mayTake(route: RouteState, stop: number): boolean {
    if (askedIn[route.vehicle] === round) return open[route.vehicle] === 1;
    askedIn[route.vehicle] = round;
    open[route.vehicle] = 0;
    if (route.broken || route.closed) return false;
    for (let i = 0; i < routeRules.length; i++) if (!routeRules[i]!.admits(model, route, 0, stop, -1)) return false;
    open[route.vehicle] = 1;
    return true;
  }

  /** Cost of a, and then b, in a gap, waiting and service apart. */
  function legsAdded(route: RouteState, gap: number, a: number, b: number): number {
    const { arc, seq, len } = route;
    const { start, end } = model.vehicles[route.vehicle]!;
    const before = gap === 0 ? start : place[seq[gap - 1]!]!;
    const after = gap === len ? end : place[seq[gap]!]!;
    const first = place[a]!;
    const last = b < 0 ? first : place[b]!;
    const opened = arc[before * n + first]! + (b < 0 ? 0 : arc[first * n + last]!) + arc[last * n + after]!;
    if (opened >= FORBIDDEN / 2) return FORBIDDEN;
    return opened - (route.inUseAt < 0 ? 0 : arc[before * n + after]!);
  }

  /** Seconds of driving that a, and then b, add in a gap. */
  function travelAdded(route: RouteState, gap: number, a: number, b: number): number {
    const { start, end, durationS } = model.vehicles[route.vehicle]!;
    const before = gap === 0 ? start : place[route.seq[gap - 1]!]!;
    const after = gap === route.len ? end : place[route.seq[gap]!]!;
    const first = place[a]!;
    const last = b < 0 ? first : place[b]!;
    const through = b < 0 ? 0 : durationS[first * n + last]!;
    return durationS[before * n + first]! + through + durationS[last * n + after]! - durationS[before * n + after]!;
  }

  /** 0 taken or too dear, 1 refused for good, 2 refused unless the truck tips. */
  function judge(route: RouteState, gap: number, a: number, b: number): number {
    let verdict = 0;
    for (let i = 0; i < gapRules.length; i++) {
      if (gapRules[i]!.admits(model, route, gap, a, b)) continue;
      if (!curable[i]) return 1;
      verdict = 2;
    }
    return verdict === 0 && strict && !isConfirmed(route, { gap, a, b }) ? 1 : verdict;
  }

  function isConfirmed(route: RouteState, { gap, a, b }: { gap: number; a: number; b: number }): boolean {
    for (let i = 0; i < doubtful.length; i++) if (!doubtful[i]!.confirms!(model, route, gap, a, b)) return false;
    return true;
  }

  function take(route: RouteState, gap: number, a: number, b: number, cost: number): void {
    if (cost >= best.cost) return;
    best.route = route.vehicle;
    best.gap = gap;
    best.a = a;
    best.b = b;
    best.cost = cost;
  }

  /** The same where time costs: what waiting and service add, less the waiting they fill. */
  function considerWaits(route: RouteState, gap: number, a: number, b: number, legs: number): number {
    const { costPerS, durationS, start, end } = model.vehicles[route.vehicle]!;
    const travel = travelAdded(route, gap, a, b);
    const standing = model.serviceS[a]! + (b < 0 ? 0 : model.serviceS[b]!);
    // With windows, service may fill time that was waited away, so only the metres are a sure minimum.
    if (legs + costPerS * (model.timed ? -travel : standing) >= best.cost) return 0;
    const verdict = judge(route, gap, a, b);
    if (verdict) return verdict;
    const was = route.inUseAt < 0 ? durationS[start * n + end]! : route.durationS;
    take(route, gap, a, b, legs + costPerS * (model.timed ? route.joinedS - was - travel : standing));
    return 0;
  }

  /** Tries a, and then b unless negative, in a gap; legs is what the driving adds. */
  function consider(route: RouteState, gap: number, a: number, b: number, legs: number): number {
    if (legs >= FORBIDDEN / 2) return 1;
    if (model.visitPrices) legs += addedVisitPrice(model, route, gap, a < stopCount ? a : b);
    if (route.waits) return considerWaits(route, gap, a, b, legs);
    if (legs >= best.cost) return 0;
    const verdict = judge(route, gap, a, b);
    if (verdict === 0) take(route, gap, a, b, legs);
    return verdict;
  }

  function tryGap(route: RouteState, gap: number, stop: number, legs: number): void {
    if (consider(route, gap, stop, -1, legs) !== 2) return;
    const opening = route.inUseAt < 0 ? model.vehicles[route.vehicle]!.fixedCost : 0;
    for (let site = stopCount; site < stopCount + siteCount; site++) {
      consider(route, gap, stop, site, opening + legsAdded(route, gap, stop, site));
      if (gap > 0 || model.vehicles[route.vehicle]!.underWay)
        consider(route, gap, site, stop, opening + legsAdded(route, gap, site, stop));
    }
  }

  function blinks(): boolean {
    if (--blink !== 0) return false;
    blink = drawBlink(random, rate);
    return true;
  }

  function tryNeighbours(stop: number): void {
    const from = stop * neighbours.width;
    const to = from + Math.min(TRIED, neighbours.width);
    const row = place[stop]! * n;
    for (let k = from; k < to; k++) {
      const near = neighbours.list[k]!;
      const index = routeOf[near]!;
      if (index < 0) continue;
      const route = routes[index]!;
      if (!mayTake(route, stop)) continue;
      // Each gap is offered once, else the chance of overlooking it shrinks: behind a stop, or behind a site or the start.
      if (siteCount > 0) tryBehindSite(route, posOf[near]!, stop);
      const legs = route.arcIn[row + place[near]!]! + route.arc[row + afterPlace[near]!]! - afterArc[near]!;
      if (blinks() || (legs >= best.cost && !route.waits)) continue;
      const gap = posOf[near]! + 1;
      if (gap >= route.locked) tryGap(route, gap, stop, legs);
    }
  }

  function tryBehindSite(route: RouteState, gap: number, stop: number): void {
    if (gap <= route.locked || route.seq[gap - 1]! < stopCount || blinks()) return;
    tryGap(route, gap, stop, legsAdded(route, gap, stop, -1));
  }

  /** Both ends of every route in use. */
  function tryEnds(stop: number): void {
    const row = place[stop]! * n;
    for (let i = 0; i < state.inUseCount; i++) {
      const route = routes[state.inUse[i]!]!;
      if (!mayTake(route, stop)) continue;
      const { arc, arcIn, locked, len } = route;
      let legs = arcIn[row + route.headFrom]! + arc[row + route.headTo]! - route.headArc;
      if (!blinks() && (legs < best.cost || route.waits)) tryGap(route, locked, stop, legs);
      if (len === locked) continue;
      legs = arcIn[row + route.tailFrom]! + arc[row + model.vehicles[route.vehicle]!.end]! - route.tailArc;
      if (!blinks() && (legs < best.cost || route.waits)) tryGap(route, len, stop, legs);
    }
  }

  function isIdle(vehicle: number): boolean {
    return routes[vehicle]!.inUseAt < 0 && !routes[vehicle]!.closed;
  }

  /** One idle vehicle of each class. */
  function tryIdle(stop: number): void {
    for (let c = 0; c < classes.length; c++) {
      const members = classes[c]!;
      if (idleHint[c]! >= members.length || !isIdle(members[idleHint[c]!]!)) idleHint[c] = nextIdle(members);
      if (idleHint[c]! >= members.length) continue;
      const route = routes[members[idleHint[c]!]!]!;
      if (!mayTake(route, stop)) continue;
      tryGap(route, 0, stop, legsAdded(route, 0, stop, -1) + model.vehicles[route.vehicle]!.fixedCost);
    }
  }

  function nextIdle(members: Int32Array): number {
    let at = 0;
    while (at < members.length && !isIdle(members[at]!)) at++;
    return at;
  }

  function search(stop: number, limit: number): void {
    round++;
    best.route = -1;
    best.cost = Math.min(limit, FORBIDDEN / 2);
    tryNeighbours(stop);
    tryEnds(stop);
    tryIdle(stop);
  }

  return {
    find(stop, limit, blinkRate) {
      if (blinkRate !== rate || blink < 0) {
        rate = blinkRate;
        blink = drawBlink(random, rate);
      }
      search(stop, limit);
      if (best.route < 0 || isConfirmed(routes[best.route]!, best)) return best;
      strict = true;
      search(stop, limit);
      strict = false;
      return best;
    },
  };
}

/** The vehicles of each class, in order. */
function listClasses(model: Model): Int32Array[] {
  const classes: number[][] = [];
  for (const [vehicle, { classId }] of model.vehicles.entries()) (classes[classId] ??= []).push(vehicle);
  return classes.map((members) => Int32Array.from(members));
}
