import { dutyBreakS } from '../constraints/breaks.ts';
import type { Model } from '../model.ts';
import { createLabels, earliestOf } from './labels.ts';
import type { Labels } from './labels.ts';
import { charges, timesOf } from './route-times.ts';
import type { RouteTimes, TimedRoute } from './route-times.ts';
import { begin, createRun, driveOn, EPSILON, extend, goHome, isTooLong, made, MARGIN_S, take, work } from './run.ts';
import type { Run } from './run.ts';
import type { Tails, Tier } from './tails.ts';

/** The place being judged: a route, what is kept of it, and nodes a and b (or -1) in a gap. */
interface Place {
  model: Model;
  route: TimedRoute;
  times: RouteTimes;
  gap: number;
  a: number;
  b: number;
  /** element of the route that the arrival being weighed is at */
  element: number;
}

let run: Run | undefined;
let place: Place | undefined;
/** by the width of their labels */
const scratch: Labels[] = [];

/** The row of a tier for what is still to be had of its break; -1 when it has none. */
function rowFor({ needS, row, rows, stepS }: Tier, takenS: number): number {
  const parts = needS <= takenS ? 0 : Math.ceil((needS - takenS) / stepS - 1e-9);
  return parts < rows ? row + parts : -1;
}

/** Whether a crew that comes home by a moment without another break may get too tired on the way. */
function maySlump({ rules, paces }: Run, endS: number): boolean {
  if (!rules) return false;
  const spanS = endS - made.arriveS;
  const drivenS = paces ? spanS : place!.times.tails.drivenS[place!.element]!;
  return endS - made.restedS > rules.stretchS || made.drivenS + drivenS > rules.drivenS;
}

/** Whether an arrival at an element of the route surely gets home from there. */
function surely(r: Run, tails: Tails, element: number): boolean {
  const base = element * tails.rows;
  for (let t = 0; t < tails.tiers.length; t++) {
    const tier = tails.tiers[t]!;
    const row = rowFor(tier, made.takenS);
    if (row < 0 || made.arriveS > tails.latestS[base + row]!) continue;
    if (!maySlump(r, tier.endS)) return true;
  }
  return false;
}

/** Weighs the arrival under construction: 1 gets home, -1 does not, 0 is for the rest of the way to tell. */
function weigh(r: Run): number {
  const { element, times } = place!;
  const { tails } = times;
  r.aheadS = tails.workS[element]!;
  r.aheadDrivenS = tails.drivenS[element]!;
  if (made.arriveS > tails.latestS[element * tails.rows]! + MARGIN_S) return -1;
  if (isTooLong(r, 0, 0)) return -1;
  return surely(r, tails, element) ? 1 : 0;
}

/** The same of one that had no break on purpose since the gap; what it says below 0 holds for every break there as well. */
function weighAny(r: Run): number {
  const { element, times } = place!;
  const { tails } = times;
  r.aheadS = tails.workS[element]!;
  r.aheadDrivenS = tails.drivenS[element]!;
  if (made.arriveS > tails.latestS[element * tails.rows]! + MARGIN_S) return -1;
  // Standing still for too short a time might have been made a break; with another pace, later may be quicker.
  if (!r.paces && isTooLong(r, r.lostS, r.stoodS)) return -1;
  return surely(r, tails, element) ? 1 : 0;
}

/** Sets the run up for the leg into the gap, or the one behind a node in it; to is a node, or -1 for what follows. */
function aim(r: Run, from: number, to: number): void {
  const { model, route, times, gap } = place!;
  const { seq, len } = route;
  const { start, end } = model.vehicles[route.vehicle]!;
  const begins = from >= 0 ? model.place[from]! : gap === 0 ? start : model.place[seq[gap - 1]!]!;
  const ends = to >= 0 ? model.place[to]! : gap === len ? end : model.place[seq[gap]!]!;
  r.leg = begins * model.locations + ends;
  r.notBeforeS = from < 0 ? times.releasedS[gap]! : -Infinity;
  r.underWay = from >= 0 || gap > 0;
  r.node = to >= 0 ? to : gap === len ? -1 : seq[gap]!;
  r.extraS = to >= 0 || gap === len ? 0 : times.extraS[gap + 1]!;
}

/** Goes through the gap without a break on purpose from one label of the route; weighs the arrival behind it. */
function goThrough(r: Run, slot: number): number {
  const { times, a, b } = place!;
  take(times.heads, slot);
  r.lostS = 0;
  r.stoodS = 0;
  aim(r, -1, a);
  if (!driveOn(r, 0) || !work(r, 0)) return -1;
  if (b >= 0) {
    aim(r, a, b);
    if (!driveOn(r, 0) || !work(r, 0)) return -1;
  }
  aim(r, b < 0 ? a : b, -1);
  return driveOn(r, 0) ? weighAny(r) : -1;
}

/** The quick look: over the labels before the gap, without breaks on purpose in it. */
function look(r: Run): number {
  const { times, gap } = place!;
  const from = gap * times.heads.width;
  let verdict = -1;
  r.tiredOut = false;
  for (let slot = from; slot < from + times.heads.count[gap]!; slot++) {
    const found = goThrough(r, slot);
    if (found > 0) return 1;
    verdict = Math.max(verdict, found);
  }
  // A crew that got tired may do better with a break.
  return r.tiredOut ? 0 : verdict;
}

function labelsFor(len: number): Labels {
  const { width } = place!.times.heads;
  const kept = scratch[width];
  if (kept && kept.count.length >= len + 4) return kept;
  return (scratch[width] = createLabels(len * 2 + 16, width));
}

/** Makes a step from all labels of one element; true as soon as one of them surely gets home. */
function stepAll(
  r: Run,
  labels: Labels,
  from: number,
  into: { labels: Labels; element: number; guard?: typeof weigh },
): boolean {
  into.labels.count[into.element] = 0;
  for (let slot = from * labels.width; slot < from * labels.width + labels.count[from]!; slot++)
    if (extend(r, labels, slot, into)) return true;
  return false;
}

/** Comes home from the labels of the last element: 1, -1, or 0 when it depends on how late it left. */
function finish(r: Run, labels: Labels, from: number): number {
  const into = { labels, element: from + 1 };
  labels.count[from + 1] = 0;
  for (let slot = from * labels.width; slot < from * labels.width + labels.count[from]!; slot++)
    goHome(r, labels, slot, into);
  const earliest = earliestOf(labels, from + 1);
  if (earliest < 0) return -1;
  return labels.departS[earliest]! - r.departS <= r.model.vehicles[r.vehicle]!.maxDurationS + EPSILON ? 1 : 0;
}

/** The long look: every break in the gap and behind it, until one surely gets home or none can. */
function drive(r: Run): number {
  const { model, route, times, gap, a, b } = place!;
  const { seq, len } = route;
  const labels = labelsFor(len);
  labels.overflowed = false;
  aim(r, -1, a);
  stepAll(r, times.heads, gap, { labels, element: 0 });
  let last = 0;
  if (b >= 0) {
    aim(r, a, b);
    stepAll(r, labels, last, { labels, element: ++last });
  }
  aim(r, b < 0 ? a : b, -1);
  for (let element = gap + 1; element <= len; element++) {
    if (labels.count[last] === 0) break;
    place!.element = element;
    if (stepAll(r, labels, last, { labels, element: ++last, guard: weigh })) return 1;
    const next = element < len ? seq[element]! : -1;
    const { end } = model.vehicles[route.vehicle]!;
    r.leg = model.place[seq[element - 1]!]! * model.locations + (next < 0 ? end : model.place[next]!);
    r.notBeforeS = times.releasedS[element]!;
    r.node = next;
    r.extraS = next < 0 ? 0 : times.extraS[element + 1]!;
  }
  const verdict = labels.count[last] === 0 ? -1 : finish(r, labels, last);
  return labels.overflowed ? 0 : verdict;
}

/** Whether a new visit to a site parts a trip of one fraction behind something, so that no clean-out comes, goes or moves. */
function partsAlike({ model, times, gap, a, b }: Place): boolean {
  const trip = times.tripMask[gap]!;
  const stop = a < model.stopCount ? a : b;
  if ((trip & (trip - 1)) !== 0 || (stop >= 0 && model.mask[stop] !== trip)) return false;
  return stop === a || times.aboardMask[gap] !== 0;
}

/** Whether the nodes leave what the other visits take, and when trips may begin, as they were. */
function isLocal(p: Place): boolean {
  const { model, route, times, gap, a, b } = p;
  const tips = b >= 0 || a >= model.stopCount;
  const { releaseS, exact, mask, stopCount } = model;
  if (exact!.cleanOutS && exact!.cleanOutS[route.vehicle]! > 0) {
    if (tips ? !partsAlike(p) : mask[a]! & ~times.tripMask[gap]!) return false;
  }
  if (!releaseS) return true;
  if (tips) return false;
  let trip = gap;
  while (trip > 0 && route.seq[trip - 1]! < stopCount) trip--;
  return releaseS[a]! <= times.releasedS[trip]!;
}

/** Whether driving, work and the break they call for are more than the shift, all waiting apart. */
function isTooMuch(r: Run): boolean {
  const { model, route, times, gap, a, b } = place!;
  const { start, end, durationS, latestS } = model.vehicles[route.vehicle]!;
  const { seq, len } = route;
  const n = model.locations;
  const before = gap === 0 ? start : model.place[seq[gap - 1]!]!;
  const after = gap === len ? end : model.place[seq[gap]!]!;
  const [first, last] = [model.place[a]!, model.place[b < 0 ? a : b]!];
  const driving = durationS[before * n + first]! + durationS[first * n + last]! + durationS[last * n + after]!;
  const through = driving - durationS[before * n + after]!;
  const workS = times.workS + through + model.serviceS[a]! + (b < 0 ? 0 : model.serviceS[b]!);
  const stillS = r.rules ? dutyBreakS(r.rules, workS, times.drivenS + through) : 0;
  return times.departS + workS + stillS > latestS + MARGIN_S;
}

/**
 * Judges node a, and then b unless negative, in a gap of a route, by what is kept of the route: in O(1) but where breaks
 * leave it open, and then by driving on from the gap until it is clear.
 * @returns 1 when it fits (see mustConfirm), -1 when it does not, 0 when only the whole sequence can tell
 */
export function judgePlace(
  model: Model,
  route: TimedRoute,
  { gap, a, b }: { gap: number; a: number; b: number },
): number {
  const times = timesOf(model, route);
  if (times.blind) return 0;
  place ??= { model, route, times, gap, a, b, element: 0 };
  place.model = model;
  place.route = route;
  place.times = times;
  place.gap = gap;
  place.a = a;
  place.b = b;
  place.element = gap + 1;
  if (!isLocal(place)) return 0;
  const r = (run ??= createRun(model));
  begin(r, model, route.vehicle);
  r.resting = times.resting;
  r.departS = times.departS;
  if (isTooMuch(r)) return -1;
  const verdict = look(r);
  return verdict === 0 ? drive(r) : verdict;
}

/**
 * Whether what judgePlace lets through must be confirmed by the whole sequence: where crews tire partial schedules do not
 * always compare, and a charger changes what is charged elsewhere.
 */
export function mustConfirm(model: Model, route: TimedRoute, { a, b }: { a: number; b: number }): boolean {
  return (
    timesOf(model, route).confirm || charges(model, route.vehicle, a) || (b >= 0 && charges(model, route.vehicle, b))
  );
}
