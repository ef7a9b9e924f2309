import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import { clockInserted, fitsClock, refreshClock } from './clock.ts';
import type { Constraint, Shortfall } from './constraint.ts';
import { driveSequence } from './drive.ts';
import { joinedDuration, refreshSegments } from './segments.ts';

export { driveSequence } from './drive.ts';
export type { Drive } from './drive.ts';

let used = new Int32Array(64);

/** Per gap, where its trip starts and the latest release before and after the gap in that trip. */
function refreshReleases(model: Model, route: RouteState): void {
  const { seq, len, tripFrom, headRelease, tailRelease } = route;
  const { stopCount } = model;
  const release = model.releaseS!;
  let [from, latest] = [0, -Infinity];
  for (let gap = 0; gap <= len; gap++) {
    if (gap > 0) {
      const node = seq[gap - 1]!;
      if (node >= stopCount) [from, latest] = [gap, -Infinity];
      else latest = Math.max(latest, release[node]!);
    }
    tripFrom[gap] = from;
    headRelease[gap] = latest;
  }
  latest = -Infinity;
  for (let gap = len; gap >= 0; gap--) {
    if (gap < len) latest = seq[gap]! >= stopCount ? -Infinity : Math.max(latest, release[seq[gap]!]!);
    tailRelease[gap] = latest;
  }
}

/** Keeps windows of stops and sites, releases, shifts and longest durations. */
export const time: Constraint = {
  name: 'time',
  curedByDisposal: false,
  supports: (model) => model.timed,
  refresh(model, route) {
    if (used.length < route.len + 2) used = new Int32Array(route.len * 2 + 2);
    if (model.releaseS) refreshReleases(model, route);
    if (model.spans) refreshSegments(model, route, used);
    else refreshClock(model, route);
  },
  inserted(model, route, gap, added) {
    if (model.spans || model.releaseS) this.refresh(model, route);
    else clockInserted(model, route, gap, added);
  },
  admits(model, route, gap, a, b) {
    if (!model.spans) return fitsClock(model, route, gap, a, b);
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
