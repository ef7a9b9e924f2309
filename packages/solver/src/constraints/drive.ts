import type { Model } from '../model.ts';

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
export function windowAt(model: Model, node: number, arriveS: number): number {
  const last = model.windowFrom[node + 1]! - 1;
  let window = model.windowFrom[node]!;
  while (window < last && model.closeS[window]! < arriveS) window++;
  return window;
}

/** Latest release among the stops from an index up to the next disposal visit; only for models with releases. */
export function tripRelease(model: Model, seq: Int32Array, from: number, len: number): number {
  const release = model.releaseS!;
  let latest = -Infinity;
  for (let i = from; i < len && seq[i]! < model.stopCount; i++) latest = Math.max(latest, release[seq[i]!]!);
  return latest;
}

/**
 * Drives a sequence from start to end: O(len), without allocation. The result is overwritten by the next call.
 * Durations are joined as in Vidal et al. 2013, §4.1, over the windows that the earliest schedule uses.
 */
export function driveSequence(model: Model, vehicle: number, seq: Int32Array, len: number): Drive {
  const { start, end, durationS, earliestS, latestS, maxDurationS } = model.vehicles[vehicle]!;
  const { locations: n, stopCount, releaseS } = model;
  let clock = earliestS;
  if (releaseS) clock = Math.max(clock, tripRelease(model, seq, 0, len));
  let spent = 0;
  let early = clock;
  let late = Math.max(latestS, clock);
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
    if (!releaseS || node < stopCount) continue;
    const released = tripRelease(model, seq, i + 1, len);
    const idle = Math.max(0, released - spent - late);
    early = Math.max(released - spent, early) - idle;
    spent += idle;
    clock = Math.max(clock, released);
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
