import { breakLengths, owedS } from '../constraints/breaks.ts';
import type { BreakModel } from '../constraints/breaks.ts';
import { addCleanOuts } from '../constraints/clean-out.ts';
import { addCharges } from '../constraints/energy.ts';
import { startInHours } from '../constraints/hours.ts';
import { queueS } from '../constraints/queue.ts';
import { fillReleases } from '../constraints/release.ts';
import { arrival } from '../constraints/travel-by-hour.ts';
import type { Model } from '../model.ts';
import { createLabel, createLabels, keepLabel } from './labels.ts';
import type { Label } from './labels.ts';

/** Rules that a timeline may leave out, to tell what keeps a sequence from being driven. */
export const RELAX = { none: 0, shift: 1, windows: 2, breaks: 4, all: 7 } as const;

const EPSILON = 1e-6;

/** A sequence being driven; filled by prepare. */
interface Run {
  model: Model;
  vehicle: number;
  seq: Int32Array;
  len: number;
  relax: number;
  rules: BreakModel | undefined;
  departS: number;
  /** breaks are tried that no waiting gives */
  resting: boolean;
}

let run: Run | undefined;
let labels = createLabels(64);
/** per element: seconds of work on top of the usual, and earliest drive on */
let extraS = new Float64Array(66);
let releasedS = new Float64Array(66);
let chargedKwh = new Float64Array(66);
const made: Label = createLabel();
const lengthsOut = new Float64Array(12);
const lengthsHome = new Float64Array(12);

function reserve(len: number): void {
  if (extraS.length >= len + 2) return;
  labels = createLabels(len * 2);
  extraS = new Float64Array(len * 2 + 2);
  releasedS = new Float64Array(len * 2 + 2);
  chargedKwh = new Float64Array(len * 2 + 2);
}

/** Takes up a sequence: what each visit takes and when each trip may begin, whatever the clock says. */
function prepare(model: Model, vehicle: number, seq: Int32Array, len: number): Run {
  reserve(len);
  extraS.fill(0, 0, len + 2);
  releasedS.fill(-Infinity, 0, len + 2);
  chargedKwh.fill(0, 0, len + 2);
  const exact = model.exact!;
  if (model.releaseS) fillReleases(model, seq, len, releasedS);
  if (exact.cleanOutS) addCleanOuts(model, vehicle, { seq, len }, extraS);
  if (model.energy) addCharges(model, vehicle, { seq, len }, { extraS, charged: chargedKwh });
  run ??= { model, vehicle, seq, len, relax: 0, rules: undefined, departS: 0, resting: false };
  run.model = model;
  run.vehicle = vehicle;
  run.seq = seq;
  run.len = len;
  run.relax = RELAX.none;
  run.rules = exact.breaks?.[vehicle];
  return run;
}

/** Lets the label stand still for so long: a break when it is long enough, else work. */
function rest(rules: BreakModel | undefined, idleS: number): void {
  if (!rules || idleS <= 0) return;
  if (idleS < rules.partS - EPSILON) {
    made.stretchS += idleS;
    return;
  }
  made.takenS += idleS;
  made.stretchS = 0;
  if (idleS >= rules.resetS - EPSILON || (made.firstTaken && idleS >= rules.secondS - EPSILON)) {
    made.drivenS = 0;
    made.firstTaken = 0;
  } else if (idleS >= rules.firstS - EPSILON) made.firstTaken = 1;
}

function isTired({ rules, relax }: Run): boolean {
  if (!rules || relax & RELAX.breaks) return false;
  return made.stretchS > rules.stretchS + EPSILON || made.drivenS > rules.drivenS + EPSILON;
}

function take(slot: number): void {
  made.departS = labels.departS[slot]!;
  made.takenS = labels.takenS[slot]!;
  made.stretchS = labels.stretchS[slot]!;
  made.drivenS = labels.drivenS[slot]!;
  made.firstTaken = labels.firstTaken[slot]!;
  made.parent = slot;
}

/** Stands for a while at element i, then drives on to a place. False when the crew may not drive that far. */
function driveOn(r: Run, element: number, { pauseS, to }: { pauseS: number; to: number }): boolean {
  const { model, vehicle, seq } = r;
  const { start, durationS } = model.vehicles[vehicle]!;
  const from = element === 0 ? start : model.place[seq[element - 1]!]!;
  const leg = from * model.locations + to;
  const leaveS = Math.max(made.departS + pauseS, releasedS[element]!);
  const paces = model.exact!.paces?.[vehicle];
  rest(r.rules, leaveS - made.departS);
  made.leaveS = leaveS;
  made.arriveS = paces ? arrival(paces, leg, leaveS) : leaveS + durationS[leg]!;
  made.stretchS += made.arriveS - leaveS;
  made.drivenS += made.arriveS - leaveS;
  return !isTired(r);
}

/** First start at a node from readyS on; -1 when it has closed. */
function startAt({ model, vehicle, relax }: Run, node: number, readyS: number): number {
  const own = model.exact!.hours?.[vehicle]!.get(node);
  if (own) {
    const start = startInHours(own, readyS);
    return start < 0 && relax & RELAX.windows ? readyS : start;
  }
  const last = model.windowFrom[node + 1]! - 1;
  let window = model.windowFrom[node]!;
  while (window < last && model.closeS[window]! < readyS) window++;
  if (model.closeS[window]! < readyS) return relax & RELAX.windows ? readyS : -1;
  return Math.max(readyS, model.openS[window]!);
}

/** Waits at a node and works there; keeps the label. False when it has closed, or the crew may not work that long. */
function work(r: Run, element: number, pauseS: number): boolean {
  const { model, seq } = r;
  const node = seq[element - 1]!;
  const startS = startAt(r, node, made.arriveS + pauseS);
  if (startS < 0) return false;
  rest(r.rules, startS - made.arriveS);
  const queue = node >= model.stopCount ? model.exact!.queues?.[node - model.stopCount] : undefined;
  const workS = model.serviceS[node]! + extraS[element]! + (queue ? queueS(queue, startS) : 0);
  made.startS = startS;
  made.departS = startS + workS;
  made.stretchS += workS;
  if (isTired(r)) return false;
  keepLabel(labels, element, made);
  return true;
}

/** Extends one slot of element i-1 to element i, with every break worth trying before and behind the drive. */
function extend(r: Run, element: number, slot: number): void {
  const { model, rules } = r;
  const to = model.place[r.seq[element - 1]!]!;
  // Before a drive and behind it come to the same, unless the drive itself counts or its pace changes.
  const early = r.resting && element > 1 && (rules!.drivenS < Infinity || model.exact!.paces !== undefined);
  const outs = early ? breakLengths(rules!, labels.takenS[slot]!, lengthsOut) : 0;
  for (let k = -1; k < outs; k++) {
    const pauseS = k < 0 ? 0 : lengthsOut[k]!;
    take(slot);
    if (!driveOn(r, element - 1, { pauseS, to })) continue;
    const homes = r.resting ? breakLengths(rules!, made.takenS, lengthsHome) : 0;
    for (let h = -1; h < homes; h++) {
      if (h >= 0) {
        take(slot);
        driveOn(r, element - 1, { pauseS, to });
      }
      work(r, element, h < 0 ? 0 : lengthsHome[h]!);
    }
  }
}

/** Ends the duty from one slot of the last element; the earliest lawful end over every last break is kept. */
function goHome(r: Run, slot: number): void {
  const { model, rules, len, relax } = r;
  const { end, latestS } = model.vehicles[r.vehicle]!;
  const outs = r.resting && len > 0 ? breakLengths(rules!, labels.takenS[slot]!, lengthsOut) : 0;
  for (let k = -1; k < outs; k++) {
    take(slot);
    if (!driveOn(r, len, { pauseS: k < 0 ? 0 : lengthsOut[k]!, to: end })) continue;
    if (!(relax & RELAX.shift) && made.arriveS > latestS + EPSILON) continue;
    if (rules && !(relax & RELAX.breaks)) {
      const workedS = rules.soFar.workedS + made.arriveS - r.departS - made.takenS;
      if (owedS(rules, workedS, rules.soFar.breakS + made.takenS) > 0) continue;
    }
    made.departS = made.arriveS;
    keepLabel(labels, len + 1, made);
  }
}

function earliestOf(element: number): number {
  const from = element * labels.width;
  let best = -1;
  for (let slot = from; slot < from + labels.count[element]!; slot++)
    if (best < 0 || labels.departS[slot]! < labels.departS[best]!) best = slot;
  return best;
}

/** Drives the sequence from a departure; gives the slot of the earliest end, or -1. */
function pass(r: Run, departS: number): number {
  const { rules, len } = r;
  r.departS = departS;
  labels.count.fill(0, 0, len + 2);
  made.departS = departS;
  made.takenS = 0;
  made.stretchS = rules?.soFar.sinceBreakS ?? 0;
  made.drivenS = rules?.soFar.drivenS ?? 0;
  made.firstTaken = rules?.soFar.firstPartTaken ? 1 : 0;
  made.parent = -1;
  keepLabel(labels, 0, made);
  for (let element = 1; element <= len; element++) {
    const from = (element - 1) * labels.width;
    for (let slot = from; slot < from + labels.count[element - 1]!; slot++) extend(r, element, slot);
    if (labels.count[element] === 0) return -1;
  }
  const from = len * labels.width;
  for (let slot = from; slot < from + labels.count[len]!; slot++) goHome(r, slot);
  return earliestOf(len + 1);
}

/** Whether the shift is too short for the driving, the work and the breaks they call for, even without any waiting. */
function isTooShort({ model, vehicle, seq, len, rules, relax }: Run, departS: number): boolean {
  if (!rules || relax & (RELAX.breaks | RELAX.shift)) return false;
  const { start, end, durationS, latestS } = model.vehicles[vehicle]!;
  let [at, workS] = [start, 0];
  for (let i = 0; i < len; i++) {
    const to = model.place[seq[i]!]!;
    workS += durationS[at * model.locations + to]! + model.serviceS[seq[i]!]!;
    at = to;
  }
  workS += durationS[at * model.locations + end]!;
  const { workedS, breakS } = rules.soFar;
  return departS + workS + owedS(rules, workedS + workS, breakS) > latestS + EPSILON;
}

/** Without breaks if that is lawful, since nothing ends earlier; else, if they are all that is amiss, with every choice of them. */
function earliestEnd(r: Run, departS: number): number {
  r.resting = false;
  if (isTooShort(r, departS)) return -1;
  const slot = pass(r, departS);
  if (slot >= 0 || !r.rules || r.relax & RELAX.breaks) return slot;
  const { relax } = r;
  r.relax |= RELAX.breaks;
  const curable = pass(r, departS) >= 0;
  r.relax = relax;
  if (!curable) return -1;
  r.resting = true;
  return pass(r, departS);
}

/** How a sequence is driven. */
export interface Timeline {
  ok: boolean;
  departS: number;
  endS: number;
}

const timeline: Timeline = { ok: false, departS: 0, endS: 0 };

/** Leaves as late as keeps the end, to the second, so that hours are not paid for waiting; the labels are of that departure. */
function leaveLate(r: Run, earliestS: number, endS: number): void {
  const { latestS } = r.model.vehicles[r.vehicle]!;
  let [good, bad] = [earliestS, Math.min(endS, latestS) + 1];
  while (bad - good > 1) {
    const middle = good + Math.max(1, Math.floor((bad - good) / 2));
    const slot = earliestEnd(r, middle);
    if (slot >= 0 && labels.departS[slot]! <= endS + EPSILON) good = middle;
    else bad = middle;
  }
  const slot = earliestEnd(r, good);
  timeline.departS = good;
  timeline.endS = labels.departS[slot]!;
}

/**
 * Drives a sequence with every rule that needs the whole of it: O(len) times the partial schedules that breaks call for.
 * It ends as early as can be, and then departs as late as keeps that end when late is set or the longest duration asks it.
 * The result is overwritten by the next call.
 */
export function driveExactly(
  model: Model,
  vehicle: number,
  { seq, len }: { seq: Int32Array; len: number },
  { late, relax }: { late: boolean; relax: number },
): Timeline {
  const r = prepare(model, vehicle, seq, len);
  const { earliestS, maxDurationS } = model.vehicles[vehicle]!;
  r.relax = relax;
  const first = Math.max(earliestS, releasedS[0]!);
  const slot = earliestEnd(r, first);
  timeline.ok = slot >= 0;
  timeline.departS = first;
  timeline.endS = slot >= 0 ? labels.departS[slot]! : Infinity;
  if (slot >= 0 && (late || timeline.endS - first > maxDurationS)) leaveLate(r, first, timeline.endS);
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
  const { len } = run!;
  const visits: TracedVisit[] = [];
  let element = len;
  let slot = earliestOf(len + 1);
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
