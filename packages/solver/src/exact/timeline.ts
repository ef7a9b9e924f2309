import { dutyBreakS } from '../constraints/breaks.ts';
import { addCleanOuts } from '../constraints/clean-out.ts';
import { addCharges } from '../constraints/energy.ts';
import { fillReleases } from '../constraints/release.ts';
import type { Model } from '../model.ts';
import { createLabels, earliestOf, keepLabel } from './labels.ts';
import type { Labels } from './labels.ts';
import { begin, createRun, dropTooLong, EPSILON, extend, goHome, made, makeFirst, RELAX } from './run.ts';
import type { Run } from './run.ts';

export { RELAX } from './run.ts';

/** Labels per visit where the usual ones do not suffice. */
const WIDE = 192;

/** A sequence being driven; filled by prepare. */
interface Sequence {
  readonly run: Run;
  seq: Int32Array;
  len: number;
  labels: Labels;
  /** driving and work at the quickest, without any waiting; what sites and hours add is left out */
  workS: number;
  drivenS: number;
}

let current: Sequence | undefined;
let narrow = createLabels(64);
/** per element: seconds of work on top of the usual, and earliest drive on */
let extraS = new Float64Array(66);
let releasedS = new Float64Array(66);
let chargedKwh = new Float64Array(66);

function reserve(len: number): void {
  if (extraS.length >= len + 2) return;
  narrow = createLabels(len * 2);
  extraS = new Float64Array(len * 2 + 2);
  releasedS = new Float64Array(len * 2 + 2);
  chargedKwh = new Float64Array(len * 2 + 2);
}

/** Writes what each visit takes on top of the usual, charging apart, and when each trip may begin, by element. */
export function fillExtras(
  model: Model,
  vehicle: number,
  sequence: { seq: Int32Array; len: number },
  out: { extraS: Float64Array; releasedS: Float64Array },
): void {
  out.extraS.fill(0, 0, sequence.len + 2);
  out.releasedS.fill(-Infinity, 0, sequence.len + 2);
  if (model.releaseS) fillReleases(model, sequence.seq, sequence.len, out.releasedS);
  if (model.exact!.cleanOutS) addCleanOuts(model, vehicle, sequence, out.extraS);
}

/** Takes up a sequence. */
function prepare(model: Model, vehicle: number, { seq, len }: { seq: Int32Array; len: number }): Sequence {
  reserve(len);
  fillExtras(model, vehicle, { seq, len }, { extraS, releasedS });
  chargedKwh.fill(0, 0, len + 2);
  if (model.energy) addCharges(model, vehicle, { seq, len }, { extraS, charged: chargedKwh });
  current ??= { run: createRun(model), seq, len, labels: narrow, workS: 0, drivenS: 0 };
  current.seq = seq;
  current.len = len;
  current.labels = narrow;
  begin(current.run, model, vehicle);
  sumUp(current);
  return current;
}

/** Sets a run up for the step to an element of a sequence; the last one is the end. */
function aim({ run: r, seq, len }: Sequence, element: number): void {
  const { place, locations: n, vehicles } = r.model;
  const { start, end } = vehicles[r.vehicle]!;
  const from = element === 1 ? start : place[seq[element - 2]!]!;
  r.leg = from * n + (element > len ? end : place[seq[element - 1]!]!);
  r.notBeforeS = releasedS[element - 1]!;
  r.underWay = element > 1;
  r.node = element > len ? -1 : seq[element - 1]!;
  r.extraS = extraS[element]!;
  r.aheadDrivenS -= vehicles[r.vehicle]!.durationS[r.leg]!;
  r.aheadS -= vehicles[r.vehicle]!.durationS[r.leg]!;
}

/** Drives the sequence from a departure; gives the slot of the earliest end, or -1. */
function pass(s: Sequence, departS: number): number {
  const { run: r, len, labels } = s;
  r.departS = departS;
  labels.overflowed = false;
  labels.count.fill(0, 0, len + 2);
  makeFirst(r, departS);
  keepLabel(labels, 0, made);
  r.aheadS = s.workS;
  r.aheadDrivenS = s.drivenS;
  const guard = r.rules && r.relax === RELAX.none ? dropTooLong : undefined;
  for (let element = 1; element <= len + 1; element++) {
    aim(s, element);
    const from = (element - 1) * labels.width;
    for (let slot = from; slot < from + labels.count[element - 1]!; slot++) {
      if (element > len) goHome(r, labels, slot, { labels, element });
      else extend(r, labels, slot, { labels, element, guard });
    }
    if (element <= len) r.aheadS -= r.model.serviceS[r.node]!;
    if (labels.count[element] === 0) return -1;
  }
  return earliestOf(labels, len + 1);
}

function sumUp(s: Sequence): void {
  const { model, vehicle } = s.run;
  const { start, end, durationS } = model.vehicles[vehicle]!;
  let [at, workS, drivenS] = [start, 0, 0];
  for (let i = 0; i < s.len; i++) {
    const to = model.place[s.seq[i]!]!;
    drivenS += durationS[at * model.locations + to]!;
    workS += model.serviceS[s.seq[i]!]!;
    at = to;
  }
  s.drivenS = drivenS + durationS[at * model.locations + end]!;
  s.workS = workS + s.drivenS;
}

/** Seconds of break that the driving and the work call for at least. */
function leastBreak({ run: { rules, relax }, workS, drivenS }: Sequence): number {
  return rules && !(relax & RELAX.breaks) ? dutyBreakS(rules, workS, drivenS) : 0;
}

/** With every choice of breaks; again with more room where some had to be dropped and none was left. */
function restingEnd(s: Sequence, departS: number): number {
  s.run.resting = true;
  const slot = pass(s, departS);
  if (slot >= 0 || !s.labels.overflowed || s.labels.width >= WIDE) return slot;
  s.labels = createLabels(s.len, WIDE);
  return pass(s, departS);
}

/** Without breaks if that is lawful, since nothing ends earlier; else, if they are all that is amiss, with every choice of them. */
function earliestEnd(s: Sequence, departS: number): number {
  const { run: r } = s;
  const { latestS } = r.model.vehicles[r.vehicle]!;
  r.resting = false;
  const leastS = leastBreak(s);
  if (r.rules && !(r.relax & RELAX.shift) && departS + s.workS + leastS > latestS + EPSILON) return -1;
  // Where some break is due for certain, only one that waiting gives could do without the choice of them.
  if (leastS === 0) {
    const slot = pass(s, departS);
    if (slot >= 0 || !r.rules || r.relax & RELAX.breaks) return slot;
  }
  const { relax } = r;
  r.relax |= RELAX.breaks;
  const curable = pass(s, departS) >= 0;
  r.relax = relax;
  return curable ? restingEnd(s, departS) : -1;
}

/** How a sequence is driven. */
export interface Timeline {
  ok: boolean;
  departS: number;
  endS: number;
}

const timeline: Timeline = { ok: false, departS: 0, endS: 0 };

/** Leaves as late as keeps the end, to the second, so that hours are not paid for waiting; the labels are of that departure. */
function leaveLate(s: Sequence, earliestS: number, endS: number): void {
  const { model, vehicle } = s.run;
  const { latestS } = model.vehicles[vehicle]!;
  const latestStartS = Math.min(endS - s.workS - leastBreak(s) + EPSILON, latestS);
  let [good, bad] = [earliestS, Math.floor(latestStartS) + 1];
  while (bad - good > 1) {
    const middle = good + Math.max(1, Math.floor((bad - good) / 2));
    const slot = earliestEnd(s, middle);
    if (slot >= 0 && s.labels.departS[slot]! <= endS + EPSILON) good = middle;
    else bad = middle;
  }
  const slot = earliestEnd(s, good);
  timeline.departS = good;
  timeline.endS = s.labels.departS[slot]!;
}

/**
 * Drives a sequence with every rule that needs the whole of it: O(len) times the partial schedules that breaks call for.
 * It ends as early as can be, and then departs as late as keeps that end when late is set or the longest duration asks it.
 * The result is overwritten by the next call.
 */
export function driveExactly(
  model: Model,
  vehicle: number,
  sequence: { seq: Int32Array; len: number },
  { late, relax }: { late: boolean; relax: number },
): Timeline {
  const s = prepare(model, vehicle, sequence);
  const { earliestS, maxDurationS } = model.vehicles[vehicle]!;
  s.run.relax = relax;
  const first = Math.max(earliestS, releasedS[0]!);
  const slot = earliestEnd(s, first);
  timeline.ok = slot >= 0;
  timeline.departS = first;
  timeline.endS = slot >= 0 ? s.labels.departS[slot]! : Infinity;
  if (slot >= 0 && (late || timeline.endS - first > maxDurationS)) leaveLate(s, first, timeline.endS);
  return timeline;
}

/** One visit of a traced sequence. */
export interface TracedVisit {
  readonly arriveS: number;
  readonly startS: number;
  readonly departS: number;
  readonly leaveS: number;
  readonly chargedKwh: number;
}

/** Gives the times per visit of the sequence that driveExactly drove last with late set, and found a way. */
export function traceVisits(): TracedVisit[] {
  const { len, labels } = current!;
  const visits: TracedVisit[] = [];
  let element = len;
  let slot = earliestOf(labels, len + 1);
  let leaveS = labels.leaveS[slot]!;
  slot = labels.parent[slot]!;
  while (labels.parent[slot]! >= 0) {
    visits.push({
      arriveS: labels.arriveS[slot]!,
      startS: labels.startS[slot]!,
      departS: labels.departS[slot]!,
      leaveS,
      chargedKwh: chargedKwh[element--]!,
    });
    leaveS = labels.leaveS[slot]!;
    slot = labels.parent[slot]!;
  }
  return visits.reverse();
}
