import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import { windowAt } from './drive.ts';

// The cheaper form of the time rule, for problems in which the length of a shift neither costs nor is limited:
// then the earliest departure before a gap and the latest start behind it say all there is to know.

/** Fills leaveS and, where the model has releases, the trip arrays. */
function refreshHeads(model: Model, route: RouteState): void {
  const { start, durationS, earliestS } = model.vehicles[route.vehicle]!;
  const { leaveS, rawS, inS, inE, inL, seq, len, usedWindow } = route;
  const { place, serviceS, openS, closeS, windowFrom, stopCount, releaseS, locations: n } = model;
  let clock = earliestS;
  let at = start;
  for (let i = 0; i <= len; i++) {
    if (i > 0) {
      const node = seq[i - 1]!;
      const travel = durationS[at * n + place[node]!]!;
      clock += travel;
      let window = windowFrom[node]!;
      if (windowFrom[node + 1]! - window > 1) window = windowAt(model, node, clock);
      usedWindow[i] = window;
      clock = Math.max(clock, openS[window]!) + serviceS[node]!;
      at = place[node]!;
      if (releaseS && node < stopCount) {
        inS[i] = inS[i - 1]! + travel + serviceS[node]!;
        inL[i] = Math.min(inL[i - 1]!, closeS[usedWindow[i]!]! - inS[i - 1]! - travel);
        inE[i] = Math.max(inE[i - 1]! + travel, openS[window]!) + serviceS[node]!;
      }
    }
    if (releaseS && (i === 0 || seq[i - 1]! >= stopCount)) {
      rawS[i] = clock;
      inS[i] = 0;
      inE[i] = -Infinity;
      inL[i] = Infinity;
      clock = Math.max(clock, route.tailRelease[i]!);
    }
    leaveS[i] = clock;
  }
}

/** Fills leaveS and dueS of a route that changed. */
export function refreshClock(model: Model, route: RouteState): void {
  const { end, durationS, latestS } = model.vehicles[route.vehicle]!;
  const { dueS, seq, len, usedWindow } = route;
  const { place, serviceS, closeS, locations: n } = model;
  refreshHeads(model, route);
  let at = end;
  let due = latestS;
  dueS[len + 1] = due;
  for (let i = len; i >= 1; i--) {
    const node = seq[i - 1]!;
    due = Math.min(due - serviceS[node]! - durationS[place[node]! * n + at]!, closeS[usedWindow[i]!]!);
    dueS[i] = due;
    at = place[node]!;
  }
}

/** The same after nodes went into a gap: clocks from there on, and latest starts from there back; for models without releases. */
export function clockInserted(model: Model, route: RouteState, gap: number, added: number): void {
  const { start, end, durationS, latestS } = model.vehicles[route.vehicle]!;
  const { leaveS, dueS, seq, len, usedWindow } = route;
  const { place, serviceS, openS, closeS, windowFrom, locations: n } = model;
  // what follows the gap moves up unchanged, but for what the new clocks change below
  dueS.copyWithin(gap + 1 + added, gap + 1, len + 2 - added);
  usedWindow.copyWithin(gap + 1 + added, gap + 1, len + 1 - added);
  leaveS.copyWithin(gap + 1 + added, gap + 1, len + 1 - added);
  let clock = leaveS[gap]!;
  let at = gap === 0 ? start : place[seq[gap - 1]!]!;
  let later = gap + added;
  for (let i = gap + 1; i <= len; i++) {
    const node = seq[i - 1]!;
    clock += durationS[at * n + place[node]!]!;
    let window = windowFrom[node]!;
    if (windowFrom[node + 1]! - window > 1) window = windowAt(model, node, clock);
    if (i <= gap + added || usedWindow[i] !== window) later = i;
    usedWindow[i] = window;
    clock = Math.max(clock, openS[window]!) + serviceS[node]!;
    if (i > gap + added && leaveS[i] === clock) break;
    leaveS[i] = clock;
    at = place[node]!;
  }
  dueS[len + 1] = latestS;
  for (let i = later; i >= 1; i--) {
    const node = seq[i - 1]!;
    const next = i === len ? end : place[seq[i]!]!;
    const due = Math.min(dueS[i + 1]! - serviceS[node]! - durationS[place[node]! * n + next]!, closeS[usedWindow[i]!]!);
    if (due === dueS[i] && i <= gap) return;
    dueS[i] = due;
  }
}

/** Earliest departure before a gap when the trip around it is released at some time; Infinity when that is too late. */
export function leaveAfterRelease(route: RouteState, gap: number, releaseS: number): number {
  const from = route.tripFrom[gap]!;
  const starts = Math.max(route.rawS[from]!, releaseS);
  if (starts > route.inL[gap]!) return Infinity;
  return Math.max(route.inE[gap]!, starts + route.inS[gap]!);
}

/** Whether a, and then b unless negative, can be on time in a gap. */
export function fitsClock(model: Model, route: RouteState, gap: number, a: number, b: number): boolean {
  const { start, end, durationS } = model.vehicles[route.vehicle]!;
  const { place, serviceS, openS, closeS, windowFrom, stopCount, releaseS, locations: n } = model;
  const { seq, len } = route;
  const before = gap === 0 ? start : place[seq[gap - 1]!]!;
  const after = gap === len ? end : place[seq[gap]!]!;
  let clock = route.leaveS[gap]!;
  if (releaseS) {
    const trip = Math.max(route.headRelease[gap]!, route.tailRelease[gap]!);
    const part = b < 0 ? trip : route.headRelease[gap]!;
    const wanted = a < stopCount ? Math.max(part, releaseS[a]!) : part;
    if (wanted !== trip) clock = leaveAfterRelease(route, gap, wanted);
  }
  let at = before;
  for (let node = a; node >= 0; node = node === a ? b : -1) {
    clock += durationS[at * n + place[node]!]!;
    let window = windowFrom[node]!;
    const last = windowFrom[node + 1]! - 1;
    while (window < last && closeS[window]! < clock) window++;
    if (clock > closeS[window]!) return false;
    if (clock < openS[window]!) clock = openS[window]!;
    clock += serviceS[node]!;
    if (releaseS && b >= 0 && node >= stopCount) {
      const rest = node === a ? Math.max(route.tailRelease[gap]!, releaseS[b]!) : route.tailRelease[gap]!;
      if (clock < rest) clock = rest;
    }
    at = place[node]!;
  }
  return clock + durationS[at * n + after]! <= route.dueS[gap + 1]!;
}
