import { breakLengths, drivingBreakS, owedS } from '../constraints/breaks.ts';
import type { BreakModel } from '../constraints/breaks.ts';
import { startInHours } from '../constraints/hours.ts';
import type { HoursOfVehicle } from '../constraints/hours.ts';
import { queueS } from '../constraints/queue.ts';
import { arrival } from '../constraints/travel-by-hour.ts';
import type { Paces } from '../constraints/travel-by-hour.ts';
import type { Model } from '../model.ts';
import { createLabel, keepLabel } from './labels.ts';
import type { Label, Labels } from './labels.ts';

/** Rules that a timeline may leave out, to tell what keeps a sequence from being driven. */
export const RELAX = { none: 0, shift: 1, windows: 2, breaks: 4, all: 7 } as const;

export const EPSILON = 1e-6;
/** A refusal wants to be this much beyond what is possible: paces and queues turned backwards are not exact to the bit. */
export const MARGIN_S = 1e-3;

/** A vehicle under way, and the step it is about to make: a leg, and a visit or the end behind it. */
export interface Run {
  model: Model;
  vehicle: number;
  relax: number;
  rules: BreakModel | undefined;
  paces: Paces | undefined;
  hours: HoursOfVehicle | undefined;
  departS: number;
  /** breaks are tried that no waiting gives */
  resting: boolean;
  /** the leg's index in the matrices, and the earliest moment to set out on it */
  leg: number;
  notBeforeS: number;
  /** a break may come before the leg: something was done already */
  underWay: boolean;
  /** what is visited behind it, and seconds of work there on top of the usual */
  node: number;
  extraS: number;
  /** work, and driving, behind the leg, at the quickest */
  aheadS: number;
  aheadDrivenS: number;
  /** since these were last reset: standing still in all, and so little at once that it is work; whether the crew got tired */
  stoodS: number;
  lostS: number;
  tiredOut: boolean;
}

/** The partial schedule under construction: one for all, since no two are made at once. */
export const made: Label = createLabel();

const lengthsOut = new Float64Array(12);
const lengthsHome = new Float64Array(12);

/** Creates a run, to be set up by begin. */
export function createRun(model: Model): Run {
  return {
    model,
    vehicle: 0,
    relax: RELAX.none,
    rules: undefined,
    paces: undefined,
    hours: undefined,
    departS: 0,
    resting: false,
    leg: 0,
    notBeforeS: -Infinity,
    underWay: false,
    node: 0,
    extraS: 0,
    aheadS: 0,
    aheadDrivenS: 0,
    stoodS: 0,
    lostS: 0,
    tiredOut: false,
  };
}

/** Sets a run up for a vehicle. */
export function begin(r: Run, model: Model, vehicle: number): void {
  const exact = model.exact!;
  r.model = model;
  r.vehicle = vehicle;
  r.relax = RELAX.none;
  r.rules = exact.breaks?.[vehicle];
  r.paces = exact.paces?.[vehicle];
  r.hours = exact.hours?.[vehicle];
  r.resting = false;
}

/** The partial schedule at the start of a duty. */
export function makeFirst({ rules }: Run, departS: number): void {
  made.departS = departS;
  made.takenS = 0;
  made.restedS = rules && rules.stretchS < Infinity ? departS - rules.soFar.sinceBreakS : 0;
  made.drivenS = rules && rules.drivenS < Infinity ? rules.soFar.drivenS : 0;
  made.firstTaken = rules?.soFar.firstPartTaken ? 1 : 0;
  made.parent = -1;
}

/** Lets the label stand still up to a moment: a break when it is long enough, else work. */
function rest(r: Run, fromS: number, untilS: number): void {
  const { rules } = r;
  const idleS = untilS - fromS;
  if (!rules || idleS <= 0) return;
  r.stoodS += idleS;
  if (idleS < rules.partS - EPSILON) {
    r.lostS += idleS;
    return;
  }
  // More than what can ever be owed is of no use, and what no rule asks for must not tell labels apart.
  made.takenS = Math.min(made.takenS + idleS, rules.mostOwedS);
  if (rules.stretchS < Infinity) made.restedS = untilS;
  if (rules.drivenS === Infinity) return;
  if (idleS >= rules.resetS - EPSILON || (made.firstTaken && idleS >= rules.secondS - EPSILON)) {
    made.drivenS = 0;
    made.firstTaken = 0;
  } else if (idleS >= rules.firstS - EPSILON) made.firstTaken = 1;
}

function isTired(r: Run, nowS: number): boolean {
  const { rules } = r;
  if (!rules || r.relax & RELAX.breaks) return false;
  if (nowS - made.restedS <= rules.stretchS + EPSILON && made.drivenS <= rules.drivenS + EPSILON) return false;
  r.tiredOut = true;
  return true;
}

/** Goes on from a kept label. */
export function take(labels: Labels, slot: number): void {
  made.departS = labels.departS[slot]!;
  made.takenS = labels.takenS[slot]!;
  made.restedS = labels.restedS[slot]!;
  made.drivenS = labels.drivenS[slot]!;
  made.firstTaken = labels.firstTaken[slot]!;
  made.parent = slot;
}

/** Stands for a while, then drives the leg. False when the crew may not drive that far. */
export function driveOn(r: Run, pauseS: number): boolean {
  const leaveS = Math.max(made.departS + pauseS, r.notBeforeS);
  rest(r, made.departS, leaveS);
  made.leaveS = leaveS;
  made.arriveS = r.paces ? arrival(r.paces, r.leg, leaveS) : leaveS + r.model.vehicles[r.vehicle]!.durationS[r.leg]!;
  if (r.rules && r.rules.drivenS < Infinity) made.drivenS += made.arriveS - leaveS;
  return !isTired(r, made.arriveS);
}

/** First start at the node from readyS on; -1 when it has closed. */
function startAt({ model, hours, relax, node }: Run, readyS: number): number {
  const own = hours?.get(node);
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

/** Waits at the node and works there. False when it has closed, or the crew may not work that long. */
export function work(r: Run, pauseS: number): boolean {
  const { model, node } = r;
  const startS = startAt(r, made.arriveS + pauseS);
  if (startS < 0) return false;
  rest(r, made.arriveS, startS);
  const queue = node >= model.stopCount ? model.exact!.queues?.[node - model.stopCount] : undefined;
  const workS = model.serviceS[node]! + r.extraS + (queue ? queueS(queue, startS) : 0);
  made.startS = startS;
  made.departS = startS + workS;
  return !isTired(r, made.departS);
}

/** Whether a break before the leg can differ from one behind it: the drive itself counts, or its pace changes. */
function restsEarly({ resting, underWay, rules, paces }: Run): boolean {
  return resting && underWay && (rules!.drivenS < Infinity || paces !== undefined);
}

/**
 * Whether the work ahead of an arrival, and the break it calls for, surely go beyond the shift.
 * @param lostS standing still that might have been made a break
 * @param stoodS all standing still that might have been part of one
 */
export function isTooLong(r: Run, lostS: number, stoodS: number): boolean {
  const { rules, aheadS } = r;
  if (!rules) return false;
  const takenS = made.takenS + lostS;
  const workedS = rules.soFar.workedS + made.arriveS - r.departS - takenS + aheadS;
  let stillS = owedS(rules, workedS, rules.soFar.breakS + takenS);
  if (rules.drivenS < Infinity) stillS = Math.max(stillS, drivingBreakS(rules, made, r.aheadDrivenS) - stoodS);
  return made.arriveS + aheadS + stillS > r.model.vehicles[r.vehicle]!.latestS + MARGIN_S;
}

/** A guard that drops what surely comes home too late. */
export const dropTooLong: Guard = (r) => (isTooLong(r, 0, 0) ? -1 : 0);

/** Judges an arrival: above 0 it surely gets home, below 0 surely not. */
export type Guard = (r: Run) => number;

/**
 * Makes the step from a kept label, with every break worth trying before and behind the drive.
 * @returns true as soon as the guard is sure that one of them gets home
 */
export function extend(
  r: Run,
  labels: Labels,
  slot: number,
  into: { labels: Labels; element: number; guard?: Guard },
): boolean {
  const { rules } = r;
  const outs = restsEarly(r) ? breakLengths(rules!, labels.takenS[slot]!, lengthsOut) : 0;
  for (let k = -1; k < outs; k++) {
    const pauseS = k < 0 ? 0 : lengthsOut[k]!;
    take(labels, slot);
    if (!driveOn(r, pauseS)) continue;
    if (into.guard) {
      const verdict = into.guard(r);
      if (verdict > 0) return true;
      if (verdict < 0) continue;
    }
    const homes = r.resting ? breakLengths(rules!, made.takenS, lengthsHome) : 0;
    for (let h = -1; h < homes; h++) {
      if (h >= 0) {
        take(labels, slot);
        driveOn(r, pauseS);
      }
      if (work(r, h < 0 ? 0 : lengthsHome[h]!)) keepLabel(into.labels, into.element, made);
    }
  }
  return false;
}

/** Ends the duty from a kept label behind the leg; every lawful end over every last break is kept. */
export function goHome(r: Run, labels: Labels, slot: number, into: { labels: Labels; element: number }): void {
  const { rules, relax } = r;
  const { latestS } = r.model.vehicles[r.vehicle]!;
  const outs = r.resting && r.underWay ? breakLengths(rules!, labels.takenS[slot]!, lengthsOut) : 0;
  for (let k = -1; k < outs; k++) {
    take(labels, slot);
    if (!driveOn(r, k < 0 ? 0 : lengthsOut[k]!)) continue;
    if (!(relax & RELAX.shift) && made.arriveS > latestS + EPSILON) continue;
    if (rules && !(relax & RELAX.breaks)) {
      const workedS = rules.soFar.workedS + made.arriveS - r.departS - made.takenS;
      if (owedS(rules, workedS, rules.soFar.breakS + made.takenS) > 0) continue;
    }
    made.departS = made.arriveS;
    keepLabel(into.labels, into.element, made);
  }
}
