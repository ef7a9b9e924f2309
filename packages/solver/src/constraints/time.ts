import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import type { Constraint, Shortfall } from './constraint.ts';

/** A sequence driven as early as its windows allow; reused by every call to drive. */
export interface Drive {
  /** least time between departure and return for the windows used */
  durationS: number;
  /** earliest departure that gives durationS */
  departS: number;
  endS: number;
  /** seconds after the last window of a stop, after the shift, and over the longest duration */
  lateS: number;
  overtimeS: number;
  overDurationS: number;
}

const drive: Drive = { durationS: 0, departS: 0, endS: 0, lateS: 0, overtimeS: 0, overDurationS: 0 };

/** First window of a node that is still open at a time; the last one when all have closed. */
function windowAt(model: Model, node: number, arriveS: number): number {
  const last = model.windowFrom[node + 1]! - 1;
  let window = model.windowFrom[node]!;
  while (window < last && model.closeS[window]! < arriveS) window++;
  return window;
}

/**
 * Drives a sequence from start to end: O(len), without allocation. The result is overwritten by the next call.
 * Durations are joined as in Vidal et al. 2013, §4.1, over the windows that the earliest schedule uses.
 */
export function driveSequence(model: Model, vehicle: number, seq: Int32Array, len: number): Drive {
  const { start, end, durationS, earliestS, latestS, maxDurationS } = model.vehicles[vehicle]!;
  const n = model.locations;
  let clock = earliestS;
  let spent = 0;
  let early = earliestS;
  let late = latestS;
  let at = start;
  let missedS = 0;
  for (let i = 0; i < len; i++) {
    const node = seq[i]!;
    const travel = durationS[at * n + model.place[node]!]!;
    clock += travel;
    const window = windowAt(model, node, clock);
    const open = model.openS[window]!;
    const close = model.closeS[window]!;
    missedS += Math.max(0, clock - close);
    const reach = spent + travel;
    const wait = Math.max(0, open - reach - late);
    early = Math.max(open - reach, early) - wait;
    late = Math.max(early, Math.min(close - reach, late));
    spent = reach + wait + model.serviceS[node]!;
    clock = Math.max(clock, open) + model.serviceS[node]!;
    at = model.place[node]!;
  }
  const home = durationS[at * n + end]!;
  drive.endS = clock + home;
  drive.durationS = spent + home;
  drive.departS = early;
  drive.lateS = missedS;
  drive.overtimeS = Math.max(0, drive.endS - latestS);
  drive.overDurationS = Math.max(0, drive.durationS - maxDurationS);
  return drive;
}

/** Fills the head arrays, and returns the window each element uses by way of used. */
function refreshHeads(model: Model, route: RouteState, used: Int32Array): void {
  const { start, durationS, earliestS, latestS } = model.vehicles[route.vehicle]!;
  const { headS, headE, headL } = route;
  const n = model.locations;
  let clock = earliestS;
  let at = start;
  headS[0] = 0;
  headE[0] = earliestS;
  headL[0] = latestS;
  for (let i = 1; i <= route.len; i++) {
    const node = route.seq[i - 1]!;
    const travel = durationS[at * n + model.place[node]!]!;
    const window = windowAt(model, node, clock + travel);
    used[i] = window;
    const open = model.openS[window]!;
    const close = model.closeS[window]!;
    const reach = headS[i - 1]! + travel;
    const wait = Math.max(0, open - reach - headL[i - 1]!);
    headE[i] = Math.max(open - reach, headE[i - 1]!) - wait;
    headL[i] = Math.min(close - reach, headL[i - 1]!);
    headS[i] = reach + wait + model.serviceS[node]!;
    clock = Math.max(clock + travel, open) + model.serviceS[node]!;
    at = model.place[node]!;
  }
}

function refreshTails(model: Model, route: RouteState, used: Int32Array): void {
  const { end, durationS, earliestS, latestS } = model.vehicles[route.vehicle]!;
  const { tailS, tailE, tailL, len } = route;
  const n = model.locations;
  let at = end;
  tailS[len + 1] = 0;
  tailE[len + 1] = earliestS;
  tailL[len + 1] = latestS;
  for (let i = len; i >= 1; i--) {
    const node = route.seq[i - 1]!;
    const window = used[i]!;
    const open = model.openS[window]!;
    const close = model.closeS[window]!;
    const reach = model.serviceS[node]! + durationS[model.place[node]! * n + at]!;
    const wait = Math.max(0, tailE[i + 1]! - reach - close);
    tailE[i] = Math.max(tailE[i + 1]! - reach, open) - wait;
    tailL[i] = Math.min(tailL[i + 1]! - reach, close);
    tailS[i] = reach + wait + tailS[i + 1]!;
    at = model.place[node]!;
  }
}

/** Segment under construction: least duration, earliest and latest start. */
let segS = 0;
let segE = 0;
let segL = 0;

function extend(model: Model, travel: number, node: number, window: number): boolean {
  const reach = segS + travel;
  const open = model.openS[window]!;
  const close = model.closeS[window]!;
  if (segE + reach > close) return false;
  const wait = Math.max(0, open - reach - segL);
  segE = Math.max(open - reach, segE) - wait;
  segL = Math.min(close - reach, segL);
  segS = reach + wait + model.serviceS[node]!;
  return true;
}

function finish(route: RouteState, element: number, travel: number): number {
  const reach = segS + travel;
  if (segE + reach > route.tailL[element]!) return -1;
  return reach + Math.max(0, route.tailE[element]! - reach - segL) + route.tailS[element]!;
}

/** Least duration with a, and b unless negative, in a gap; -1 when it cannot be on time. */
function joinedDuration(model: Model, route: RouteState, gap: number, a: number, b: number): number {
  const { start, end, durationS } = model.vehicles[route.vehicle]!;
  const n = model.locations;
  const before = gap === 0 ? start : model.place[route.seq[gap - 1]!]!;
  const after = gap === route.len ? end : model.place[route.seq[gap]!]!;
  const placeA = model.place[a]!;
  const placeB = b < 0 ? -1 : model.place[b]!;
  const travelA = durationS[before * n + placeA]!;
  let best = -1;
  for (let wa = model.windowFrom[a]!; wa < model.windowFrom[a + 1]!; wa++) {
    segS = route.headS[gap]!;
    segE = route.headE[gap]!;
    segL = route.headL[gap]!;
    if (!extend(model, travelA, a, wa)) continue;
    if (b < 0) {
      best = shorter(best, finish(route, gap + 1, durationS[placeA * n + after]!));
      continue;
    }
    const keptS = segS;
    const keptE = segE;
    const keptL = segL;
    for (let wb = model.windowFrom[b]!; wb < model.windowFrom[b + 1]!; wb++) {
      segS = keptS;
      segE = keptE;
      segL = keptL;
      if (!extend(model, durationS[placeA * n + placeB]!, b, wb)) continue;
      best = shorter(best, finish(route, gap + 1, durationS[placeB * n + after]!));
    }
  }
  return best;
}

function shorter(best: number, found: number): number {
  return found >= 0 && (best < 0 || found < best) ? found : best;
}

let used = new Int32Array(64);

/** Keeps windows of stops and sites, shifts and longest durations. */
export const time: Constraint = {
  name: 'time',
  curedByDisposal: false,
  supports: (model) => model.timed,
  refresh(model, route) {
    if (used.length < route.len + 2) used = new Int32Array(route.len * 2 + 2);
    refreshHeads(model, route, used);
    refreshTails(model, route, used);
  },
  admits(model, route, gap, a, b) {
    route.joinedS = joinedDuration(model, route, gap, a, b);
    return route.joinedS >= 0 && route.joinedS <= model.vehicles[route.vehicle]!.maxDurationS;
  },
  holds(model, vehicle, seq, len) {
    const { lateS, overtimeS, overDurationS } = driveSequence(model, vehicle, seq, len);
    return lateS === 0 && overtimeS === 0 && overDurationS === 0;
  },
  shortfalls(model, vehicle, seq, len) {
    const { lateS, overtimeS, overDurationS } = driveSequence(model, vehicle, seq, len);
    const found: Shortfall[] = [];
    if (lateS > 0) found.push({ code: 'WINDOW_MISSED', amount: lateS, unit: 's' });
    if (overtimeS > 0) found.push({ code: 'SHIFT_EXCEEDED', amount: overtimeS, unit: 's' });
    if (overDurationS > 0) found.push({ code: 'DURATION_EXCEEDED', amount: overDurationS, unit: 's' });
    return found;
  },
};
