import { activeConstraints } from '../constraints/index.ts';
import type { Constraint } from '../constraints/constraint.ts';
import { weighArea } from '../constraints/fairness.ts';
import { driveSequence } from '../constraints/time.ts';
import { keepsRules, routeCost, travelTime } from '../evaluate.ts';
import { firstWay } from '../model.ts';
import type { Model } from '../model.ts';
import { createRouteState, reserve } from './route-state.ts';
import type { RouteState } from './route-state.ts';

/** A plan under change: one route per vehicle, in the order of the vehicles. */
export interface State {
  readonly model: Model;
  readonly rules: readonly Constraint[];
  readonly routes: readonly RouteState[];
  /** per stop, its route or -1, and its index in seq */
  readonly routeOf: Int32Array;
  readonly posOf: Int32Array;
  /** stops in no route by the first of their ways, in no particular order; the first absentCount count */
  readonly absent: Int32Array;
  readonly absentAt: Int32Array;
  /** per stop in a route, the place behind it and the cost of the leg there */
  readonly afterPlace: Int32Array;
  readonly afterArc: Float64Array;
  /** vehicles with stops, or on the road anyway, in no particular order; the first inUseCount count */
  readonly inUse: Int32Array;
  inUseCount: number;
  absentCount: number;
  /** per area with a bound, the weight of what is left out */
  readonly areaLeft: Float64Array;
  requiredLeft: number;
  /** cost of leaving a stop out, as in the model but for required stops that are hard to place */
  readonly skipCost: Float64Array;
  /** what the required stops left out cost */
  missingCost: number;
  /** routes plus skip costs */
  cost: number;
  /** the part of the plan that is searched, by the first ways of its stops; all of it when undefined */
  focus: { readonly stops: Int32Array; readonly has: Uint8Array } | undefined;
}

/** Every stop, by the first of its ways: the others never stand in the list. */
function listAbsent({ stopCount, primary }: Model): Pick<State, 'absent' | 'absentAt' | 'absentCount'> {
  const absent = new Int32Array(stopCount);
  const absentAt = new Int32Array(stopCount).fill(-1);
  let absentCount = 0;
  for (let stop = 0; stop < stopCount; stop++) {
    if (primary && primary[stop] !== stop) continue;
    absentAt[stop] = absentCount;
    absent[absentCount++] = stop;
  }
  return { absent, absentAt, absentCount };
}

/** Creates a state in which vehicles make only their locked visits. */
export function createState(model: Model): State {
  const count = model.stopCount;
  const { absent, absentAt, absentCount } = listAbsent(model);
  const state: State = {
    model,
    rules: activeConstraints(model),
    routes: model.vehicles.map((_, vehicle) => createRouteState(model, vehicle)),
    routeOf: new Int32Array(count).fill(-1),
    posOf: new Int32Array(count),
    afterPlace: new Int32Array(count),
    afterArc: new Float64Array(count),
    inUse: new Int32Array(model.vehicles.length),
    inUseCount: 0,
    absent,
    absentAt,
    absentCount,
    areaLeft: new Float64Array(model.areas?.most.length ?? 0),
    requiredLeft: model.required.reduce((sum, flag) => sum + flag, 0),
    skipCost: model.skipCost.slice(),
    missingCost: model.skipCost.reduce((sum, cost, stop) => sum + model.required[stop]! * cost, 0),
    cost: model.skipCost.reduce((sum, cost) => sum + cost, 0),
    focus: undefined,
  };
  if (model.areas) for (let i = 0; i < absentCount; i++) weighArea(state, absent[i]!, 1);
  for (const route of state.routes) {
    for (let i = 0; i < route.len; i++) if (route.seq[i]! < count) markPresent(state, route.seq[i]!);
    refresh(state, route);
    route.broken = !keepsRules(model, state.rules, route.vehicle, route);
  }
  return state;
}

function markPresent(state: State, node: number): void {
  const stop = firstWay(state.model, node);
  const at = state.absentAt[stop]!;
  if (at < 0) return;
  const last = state.absent[--state.absentCount]!;
  state.absent[at] = last;
  state.absentAt[last] = at;
  state.absentAt[stop] = -1;
  state.requiredLeft -= state.model.required[stop]!;
  if (state.model.required[stop]!) state.missingCost -= state.skipCost[stop]!;
  state.cost -= state.skipCost[stop]!;
  if (state.model.areas) weighArea(state, stop, -1);
}

/** Takes note that a stop is in no route now. */
export function markAbsent(state: State, node: number): void {
  state.routeOf[node] = -1;
  const stop = firstWay(state.model, node);
  if (state.absentAt[stop]! >= 0) return;
  state.absentAt[stop] = state.absentCount;
  state.absent[state.absentCount++] = stop;
  state.requiredLeft += state.model.required[stop]!;
  if (state.model.required[stop]!) state.missingCost += state.skipCost[stop]!;
  state.cost += state.skipCost[stop]!;
  if (state.model.areas) weighArea(state, stop, 1);
}

/** Makes the required stops left out dearer to leave out, each by a share of what it costs in the model. */
export function pressMissing(state: State, share: number): void {
  if (state.requiredLeft === 0) return;
  for (let i = 0; i < state.absentCount; i++) {
    const stop = state.absent[i]!;
    if (!state.model.required[stop]) continue;
    const more = share * state.model.skipCost[stop]!;
    state.skipCost[stop]! += more;
    state.missingCost += more;
    state.cost += more;
  }
}

/** Enters a route in the list of those in use, or strikes it off. */
function noteUse(state: State, route: RouteState): void {
  const used = route.len > 0 || state.model.vehicles[route.vehicle]!.underWay;
  if (used === route.inUseAt >= 0) return;
  if (used) {
    route.inUseAt = state.inUseCount;
    state.inUse[state.inUseCount++] = route.vehicle;
    return;
  }
  const last = state.inUse[--state.inUseCount]!;
  state.inUse[route.inUseAt] = last;
  state.routes[last]!.inUseAt = route.inUseAt;
  route.inUseAt = -1;
}

/** Takes note of the legs of a route that changed; returns their cost. */
function refreshLegs(state: State, route: RouteState): number {
  const { model, routeOf, posOf, afterPlace, afterArc } = state;
  const { place, stopCount, locations: n } = model;
  const { arc, seq, len } = route;
  const { start, end } = model.vehicles[route.vehicle]!;
  let sum = 0;
  let at = start;
  let node = -1;
  for (let i = 0; i <= len; i++) {
    const next = i < len ? place[seq[i]!]! : end;
    const leg = arc[at * n + next]!;
    if (i === route.locked) {
      route.headFrom = at;
      route.headTo = next;
      route.headArc = leg;
    }
    if (node >= 0 && node < stopCount) {
      afterPlace[node] = next;
      afterArc[node] = leg;
    }
    sum += leg;
    if (i === len) {
      route.tailFrom = at;
      route.tailArc = leg;
      break;
    }
    node = seq[i]!;
    at = next;
    if (node >= stopCount) continue;
    routeOf[node] = route.vehicle;
    posOf[node] = i;
  }
  return sum;
}

/** Recomputes all that is derived from a route's sequence. */
export function refresh(state: State, route: RouteState): void {
  const { model, rules } = state;
  noteUse(state, route);
  const legs = refreshLegs(state, route);
  for (let i = 0; i < rules.length; i++) rules[i]!.refresh(model, route);
  state.cost -= route.cost;
  const { fixedCost } = model.vehicles[route.vehicle]!;
  if (route.waits) route.cost = routeCost(model, route.vehicle, route.seq, route.len);
  else route.cost = route.inUseAt < 0 ? 0 : fixedCost + legs;
  state.cost += route.cost;
  if (route.waits) {
    route.travelS = travelTime(model, route.vehicle, route.seq, route.len);
    route.durationS = driveSequence(model, route.vehicle, route.seq, route.len).durationS;
  }
}

/** The same after an insertion of a known cost, where legs are all that costs. */
function refreshInserted(
  state: State,
  route: RouteState,
  { gap, added, cost }: { gap: number; added: number; cost: number },
): void {
  const { model, rules, posOf } = state;
  const { seq, len } = route;
  noteUse(state, route);
  for (let i = gap + added; i < len; i++) if (seq[i]! < model.stopCount) posOf[seq[i]!] = i;
  refreshGap(state, route, gap, added);
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (rule.inserted) rule.inserted(model, route, gap, added);
    else rule.refresh(model, route);
  }
  route.cost += cost;
  state.cost += cost;
}

/** Legs around nodes that went into a gap. */
function refreshGap(state: State, route: RouteState, gap: number, added: number): void {
  const { model, routeOf, posOf, afterPlace, afterArc } = state;
  const { place, stopCount, locations: n } = model;
  const { arc, seq, len } = route;
  const { start, end } = model.vehicles[route.vehicle]!;
  let node = gap > 0 ? seq[gap - 1]! : -1;
  let at = node < 0 ? start : place[node]!;
  for (let i = gap; i <= gap + added; i++) {
    const next = i < len ? place[seq[i]!]! : end;
    const leg = arc[at * n + next]!;
    if (node >= 0 && node < stopCount) {
      afterPlace[node] = next;
      afterArc[node] = leg;
    }
    if (i === route.locked) {
      route.headFrom = at;
      route.headTo = next;
      route.headArc = leg;
    }
    if (i === len) {
      route.tailFrom = at;
      route.tailArc = leg;
    }
    if (i === gap + added || i === len) break;
    node = seq[i]!;
    at = next;
    if (node >= stopCount) continue;
    routeOf[node] = route.vehicle;
    posOf[node] = i;
  }
}

/** Puts a place's node a, and then b unless negative, into its gap; its cost is taken at its word where legs are all that costs. */
export function insertAt(
  state: State,
  route: RouteState,
  { gap, a, b, cost }: { gap: number; a: number; b: number; cost: number },
): void {
  const added = b < 0 ? 1 : 2;
  const grown = reserve(state.model, route, route.len + added);
  const { seq } = route;
  for (let i = route.len - 1; i >= gap; i--) seq[i + added] = seq[i]!;
  seq[gap] = a;
  if (b >= 0) seq[gap + 1] = b;
  route.len += added;
  markPresent(state, a < state.model.stopCount ? a : b);
  if (grown || route.waits || route.broken) refresh(state, route);
  else refreshInserted(state, route, { gap, added, cost });
}

/** Replaces a route's sequence; stops that were in it and are not in another route must be marked by the caller. */
export function assign(state: State, route: RouteState, seq: Int32Array, len: number): void {
  reserve(state.model, route, len);
  route.len = len;
  for (let i = 0; i < len; i++) {
    route.seq[i] = seq[i]!;
    if (seq[i]! < state.model.stopCount) markPresent(state, seq[i]!);
  }
  refresh(state, route);
}

/** Copies the sequences of all routes. */
export function snapshot(state: State): Int32Array[] {
  return state.routes.map((route) => route.seq.slice(0, route.len));
}

/** Goes back to sequences taken by snapshot. */
export function restore(state: State, sequences: readonly Int32Array[]): void {
  for (const route of state.routes) dropStops(state, route);
  for (const route of state.routes) assign(state, route, sequences[route.vehicle]!, sequences[route.vehicle]!.length);
}

/** Marks every stop of a route absent, before it gets another sequence. */
export function dropStops(state: State, route: RouteState): void {
  for (let i = 0; i < route.len; i++) if (route.seq[i]! < state.model.stopCount) markAbsent(state, route.seq[i]!);
}
