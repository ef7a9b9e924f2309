import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import { windowAt } from './drive.ts';

// The full form of the time rule: least durations of parts of a route joined as in Vidal et al. 2013, §4.1.

/** Segment under construction: least duration, earliest and latest start for it. */
let segS = 0;
let segE = 0;
let segL = 0;

/** Appends a node, or a moment to wait for, after some travel; false when it comes after its close. */
function extend(travel: number, openS: number, closeS: number, serviceS: number): boolean {
  const reach = segS + travel;
  if (segE + reach > closeS) return false;
  const wait = Math.max(0, openS - reach - segL);
  segE = Math.max(openS - reach, segE) - wait;
  segL = Math.min(closeS - reach, segL);
  segS = reach + wait + serviceS;
  return true;
}

function keepHead(route: RouteState, element: number): void {
  route.headS[element] = segS;
  route.headE[element] = segE;
  route.headL[element] = segL;
}

/** Fills the head arrays, and returns the window each element uses by way of used. */
function refreshHeads(model: Model, route: RouteState, used: Int32Array): void {
  const { start, durationS, earliestS, latestS } = model.vehicles[route.vehicle]!;
  const { locations: n, stopCount, releaseS } = model;
  segS = 0;
  segE = earliestS;
  segL = latestS;
  let clock = earliestS;
  let at = start;
  for (let i = 0; i <= route.len; i++) {
    if (i > 0) {
      const node = route.seq[i - 1]!;
      const travel = durationS[at * n + model.place[node]!]!;
      const window = windowAt(model, node, clock + travel);
      used[i] = window;
      extend(travel, model.openS[window]!, model.closeS[window]!, model.serviceS[node]!);
      clock = Math.max(clock + travel, model.openS[window]!) + model.serviceS[node]!;
      at = model.place[node]!;
    }
    if (releaseS && (i === 0 || route.seq[i - 1]! >= stopCount)) {
      route.rawS[i] = segS;
      route.rawE[i] = segE;
      route.rawL[i] = segL;
      extend(0, route.tailRelease[i]!, Infinity, 0);
      clock = Math.max(clock, route.tailRelease[i]!);
    }
    keepHead(route, i);
  }
}

/** Fills, per element, the part of its trip up to it, as if the trip could start at any time. */
function refreshTrips(model: Model, route: RouteState, used: Int32Array): void {
  const { start, durationS } = model.vehicles[route.vehicle]!;
  const { locations: n, stopCount } = model;
  let at = start;
  for (let i = 0; i <= route.len; i++) {
    const node = i === 0 ? -1 : route.seq[i - 1]!;
    if (node < 0 || node >= stopCount) {
      segS = 0;
      segE = -1e12;
      segL = 1e12;
    } else {
      const window = used[i]!;
      const travel = durationS[at * n + model.place[node]!]!;
      extend(travel, model.openS[window]!, model.closeS[window]!, model.serviceS[node]!);
    }
    if (node >= 0) at = model.place[node]!;
    route.inS[i] = segS;
    route.inE[i] = segE;
    route.inL[i] = segL;
  }
}

function refreshTails(model: Model, route: RouteState, used: Int32Array): void {
  const { end, durationS, earliestS, latestS } = model.vehicles[route.vehicle]!;
  const { tailS, tailE, tailL, len } = route;
  const { locations: n, stopCount, releaseS } = model;
  let at = end;
  let early = earliestS;
  let late = latestS;
  let spent = 0;
  tailS[len + 1] = 0;
  tailE[len + 1] = early;
  tailL[len + 1] = late;
  for (let i = len; i >= 1; i--) {
    const node = route.seq[i - 1]!;
    const travel = durationS[model.place[node]! * n + at]!;
    early -= travel;
    late -= travel;
    spent += travel;
    if (releaseS && node >= stopCount) early = Math.max(early, route.tailRelease[i]!);
    const open = model.openS[used[i]!]!;
    const close = model.closeS[used[i]!]!;
    const service = model.serviceS[node]!;
    const wait = Math.max(0, early - service - close);
    early = Math.max(early - service, open) - wait;
    late = Math.min(late - service, close);
    spent += service + wait;
    tailS[i] = spent;
    tailE[i] = early;
    tailL[i] = late;
    at = model.place[node]!;
  }
}

/** Fills the head, tail and trip arrays of a route that changed. */
export function refreshSegments(model: Model, route: RouteState, used: Int32Array): void {
  refreshHeads(model, route, used);
  refreshTails(model, route, used);
  if (model.releaseS) refreshTrips(model, route, used);
}

/** Sets the segment under construction to the part before a gap, its trip released at some time. */
function startAt(route: RouteState, gap: number, releaseS: number): boolean {
  const from = route.tripFrom[gap]!;
  segS = route.rawS[from]!;
  segE = route.rawE[from]!;
  segL = route.rawL[from]!;
  extend(0, releaseS, Infinity, 0);
  if (segE + segS > route.inL[gap]!) return false;
  const wait = Math.max(0, route.inE[gap]! - segS - segL);
  const reach = segS;
  segE = Math.max(route.inE[gap]! - reach, segE) - wait;
  segL = Math.min(route.inL[gap]! - reach, segL);
  segS = reach + wait + route.inS[gap]!;
  return true;
}

/** Sets the segment under construction to the part before a gap when a, and then b, will follow. */
function head(model: Model, route: RouteState, gap: number, a: number, b: number): boolean {
  if (model.releaseS) {
    const trip = Math.max(route.headRelease[gap]!, route.tailRelease[gap]!);
    const part = b < 0 ? trip : route.headRelease[gap]!;
    const wanted = a < model.stopCount ? Math.max(part, model.releaseS[a]!) : part;
    if (wanted !== trip) return startAt(route, gap, wanted);
  }
  segS = route.headS[gap]!;
  segE = route.headE[gap]!;
  segL = route.headL[gap]!;
  return true;
}

function finish(route: RouteState, element: number, travel: number): number {
  const reach = segS + travel;
  if (segE + reach > route.tailL[element]!) return -1;
  return reach + Math.max(0, route.tailE[element]! - reach - segL) + route.tailS[element]!;
}

function visit(model: Model, node: number, window: number, travel: number): boolean {
  return extend(travel, model.openS[window]!, model.closeS[window]!, model.serviceS[node]!);
}

/** Waits at a new site for what the rest of the trip brings. */
function leaveSite(model: Model, route: RouteState, gap: number, stop: number): void {
  const rest = stop < 0 ? route.tailRelease[gap]! : Math.max(route.tailRelease[gap]!, model.releaseS![stop]!);
  extend(0, rest, Infinity, 0);
}

function shorter(best: number, found: number): number {
  return found >= 0 && (best < 0 || found < best) ? found : best;
}

/** Least duration with a, and b unless negative, in a gap; -1 when it cannot be on time. */
export function joinedDuration(model: Model, route: RouteState, gap: number, a: number, b: number): number {
  const { start, end, durationS } = model.vehicles[route.vehicle]!;
  const { locations: n, place, windowFrom, stopCount } = model;
  const before = gap === 0 ? start : place[route.seq[gap - 1]!]!;
  const after = gap === route.len ? end : place[route.seq[gap]!]!;
  const placeA = place[a]!;
  const placeB = b < 0 ? -1 : place[b]!;
  let best = -1;
  for (let wa = windowFrom[a]!; wa < windowFrom[a + 1]!; wa++) {
    if (!head(model, route, gap, a, b) || !visit(model, a, wa, durationS[before * n + placeA]!)) continue;
    if (b < 0) {
      best = shorter(best, finish(route, gap + 1, durationS[placeA * n + after]!));
      continue;
    }
    if (model.releaseS && a >= stopCount) leaveSite(model, route, gap, b);
    const keptS = segS;
    const keptE = segE;
    const keptL = segL;
    for (let wb = windowFrom[b]!; wb < windowFrom[b + 1]!; wb++) {
      segS = keptS;
      segE = keptE;
      segL = keptL;
      if (!visit(model, b, wb, durationS[placeA * n + placeB]!)) continue;
      if (model.releaseS && b >= stopCount) leaveSite(model, route, gap, -1);
      best = shorter(best, finish(route, gap + 1, durationS[placeB * n + after]!));
    }
  }
  return best;
}
