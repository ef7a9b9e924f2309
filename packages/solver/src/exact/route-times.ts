import type { Model } from '../model.ts';
import { createLabels, keepLabel } from './labels.ts';
import type { Labels } from './labels.ts';
import { begin, createRun, dropTooLong, extend, made, makeFirst } from './run.ts';
import type { Run } from './run.ts';
import { createTails, fillTails } from './tails.ts';
import type { Tails } from './tails.ts';
import { fillExtras } from './timeline.ts';

/** Partial schedules kept per visit: one tells all without breaks, and few do where only totals are owed. */
const WIDTHS = { plain: 1, totals: 16, tired: 48 } as const;

/**
 * What is kept of a route so that a place in it can be judged without driving all of it: the partial schedules up to each
 * visit, and how late one may come to each.
 */
export interface RouteTimes {
  /** the route has changed since it was filled */
  stale: boolean;
  /** partial schedules were dropped, or none was left: only the whole sequence tells */
  blind: boolean;
  /** what fits by this must be confirmed by the whole sequence */
  confirm: boolean;
  resting: boolean;
  departS: number;
  readonly heads: Labels;
  tails: Tails;
  /** seconds of driving and work of the whole route, and of driving alone, at the quickest */
  workS: number;
  drivenS: number;
  /** by element, as in the timeline; charging apart */
  readonly extraS: Float64Array;
  readonly releasedS: Float64Array;
  /** per gap, the fractions of its trip and of the part of it that is aboard there; filled where clean-outs matter */
  readonly tripMask: Int32Array;
  readonly aboardMask: Int32Array;
  /** the sequence it was filled for, with the extras and releases it had then; of a start they have in common all is kept */
  readonly filled: {
    len: number;
    readonly seq: Int32Array;
    readonly extraS: Float64Array;
    readonly releasedS: Float64Array;
  };
}

/** The part of a route that is read here. */
export interface TimedRoute {
  readonly vehicle: number;
  readonly seq: Int32Array;
  readonly len: number;
  times: RouteTimes | undefined;
}

let run: Run | undefined;

/** Whether a vehicle's break rules look at more than totals, so that partial schedules seldom compare. */
function tires(model: Model, vehicle: number): boolean {
  const rules = model.exact!.breaks?.[vehicle];
  return rules !== undefined && (rules.stretchS < Infinity || rules.drivenS < Infinity);
}

function createTimes(model: Model, vehicle: number, visits: number): RouteTimes {
  const { earliestS } = model.vehicles[vehicle]!;
  const width = model.exact!.breaks?.[vehicle] ? (tires(model, vehicle) ? WIDTHS.tired : WIDTHS.totals) : WIDTHS.plain;
  return {
    stale: true,
    blind: false,
    confirm: false,
    resting: false,
    departS: earliestS,
    heads: createLabels(visits, width),
    tails: createTails(model, vehicle, earliestS, visits + 2),
    workS: 0,
    drivenS: 0,
    extraS: new Float64Array(visits + 2),
    releasedS: new Float64Array(visits + 2),
    tripMask: new Int32Array(visits + 2),
    aboardMask: new Int32Array(visits + 2),
    filled: {
      len: -1,
      seq: new Int32Array(visits + 2),
      extraS: new Float64Array(visits + 2),
      releasedS: new Float64Array(visits + 2),
    },
  };
}

/** Whether a node charges a vehicle's battery, which changes what is charged elsewhere. */
export function charges({ energy, stopCount }: Model, vehicle: number, node: number): boolean {
  return (
    energy !== undefined &&
    node >= stopCount &&
    energy.capacityKwh[vehicle]! < Infinity &&
    energy.chargeKw[node - stopCount]! > 0
  );
}

/** Whether breaks may be owed at all before the shift is over. */
function mayRest(model: Model, vehicle: number, departS: number): boolean {
  const rules = model.exact!.breaks?.[vehicle];
  if (!rules) return false;
  const { latestS, maxDurationS } = model.vehicles[vehicle]!;
  const spanS = Math.min(latestS - departS, maxDurationS);
  return tires(model, vehicle) || rules.soFar.workedS + spanS > (rules.overS[0] ?? Infinity);
}

function fillMasks(model: Model, { vehicle, seq, len }: TimedRoute, { tripMask, aboardMask }: RouteTimes): void {
  let from = 0;
  let mask = model.vehicles[vehicle]!.initialMask;
  for (let gap = 0; gap <= len; gap++) {
    aboardMask[gap] = mask;
    if (gap < len && seq[gap]! < model.stopCount) {
      mask |= model.mask[seq[gap]!]!;
      continue;
    }
    tripMask.fill(mask, from, gap + 1);
    from = gap + 1;
    mask = 0;
  }
}

/** How many visits at the start are as they were when the route was filled last, and takes note of how it is now. */
function keptVisits({ filled, extraS, releasedS }: RouteTimes, { seq, len }: TimedRoute): number {
  let same = 0;
  const most = Math.min(len, filled.len);
  while (
    same < most &&
    filled.seq[same] === seq[same] &&
    filled.extraS[same + 1] === extraS[same + 1] &&
    filled.releasedS[same] === releasedS[same]
  )
    same++;
  filled.len = len;
  for (let i = same; i <= len; i++) {
    if (i < len) filled.seq[i] = seq[i]!;
    filled.extraS[i + 1] = extraS[i + 1]!;
    filled.releasedS[i] = releasedS[i]!;
  }
  return same;
}

/** Fills the partial schedules, from the visits kept on; false when one had to be dropped or none was left. */
function fillHeads(model: Model, route: TimedRoute, times: RouteTimes): boolean {
  const { vehicle, seq, len } = route;
  const { place, locations: n, vehicles } = model;
  const { heads, extraS, releasedS } = times;
  const r = (run ??= createRun(model));
  begin(r, model, vehicle);
  r.resting = times.resting;
  r.departS = times.departS;
  heads.overflowed = false;
  const kept = keptVisits(times, route);
  heads.count.fill(0, kept + 1, len + 2);
  if (kept === 0) {
    heads.count[0] = 0;
    makeFirst(r, times.departS);
    keepLabel(heads, 0, made);
  }
  let at = kept === 0 ? vehicles[vehicle]!.start : place[seq[kept - 1]!]!;
  for (let element = kept + 1; element <= len; element++) {
    r.node = seq[element - 1]!;
    r.leg = at * n + place[r.node]!;
    at = place[r.node]!;
    r.notBeforeS = releasedS[element - 1]!;
    r.underWay = element > 1;
    r.extraS = extraS[element]!;
    r.aheadS = times.tails.workS[element]!;
    r.aheadDrivenS = times.tails.drivenS[element]!;
    const from = (element - 1) * heads.width;
    for (let slot = from; slot < from + heads.count[element - 1]!; slot++)
      extend(r, heads, slot, { labels: heads, element, guard: dropTooLong });
    if (heads.count[element]! > 0 && !heads.overflowed) continue;
    times.filled.len = element - 1;
    return false;
  }
  return true;
}

function fill(model: Model, route: TimedRoute, times: RouteTimes): void {
  const { vehicle, seq, len } = route;
  const { start, end, earliestS, durationS } = model.vehicles[vehicle]!;
  fillExtras(model, vehicle, route, times);
  const departS = Math.max(earliestS, times.releasedS[0]!);
  if (departS !== times.departS) {
    times.departS = departS;
    times.filled.len = -1;
    times.tails = createTails(model, vehicle, departS, times.extraS.length);
  }
  if (model.exact!.cleanOutS) fillMasks(model, route, times);
  times.confirm = tires(model, vehicle);
  for (let i = 0; i < len && !times.confirm; i++) times.confirm = charges(model, vehicle, seq[i]!);
  times.resting = mayRest(model, vehicle, departS);
  fillTails(model, vehicle, route, times);
  times.blind = !fillHeads(model, route, times);
  const first = len > 0 ? model.place[seq[0]!]! : end;
  const firstLegS = durationS[start * model.locations + first]!;
  times.workS = firstLegS + times.tails.workS[1]!;
  times.drivenS = firstLegS + times.tails.drivenS[1]!;
  times.stale = false;
}

/** Gives what is kept of a route, filled anew when the route has changed. */
export function timesOf(model: Model, route: TimedRoute): RouteTimes {
  if (!route.times || route.times.extraS.length < route.len + 2)
    route.times = createTimes(model, route.vehicle, Math.max(16, route.len * 2));
  if (route.times.stale) fill(model, route, route.times);
  return route.times;
}
