import { activeConstraints } from '../constraints/index.ts';
import type { Constraint } from '../constraints/constraint.ts';
import { driveSequence } from '../constraints/time.ts';
import { keepsRules, routeCost, travelTime } from '../evaluate.ts';
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
  /** stops in no route, in no particular order; the first absentCount count */
  readonly absent: Int32Array;
  readonly absentAt: Int32Array;
  absentCount: number;
  requiredLeft: number;
  /** routes plus skip costs */
  cost: number;
}

/** Creates a state in which vehicles make only their locked visits. */
export function createState(model: Model): State {
  const count = model.stopCount;
  const state: State = {
    model,
    rules: activeConstraints(model),
    routes: model.vehicles.map((_, vehicle) => createRouteState(model, vehicle)),
    routeOf: new Int32Array(count).fill(-1),
    posOf: new Int32Array(count),
    absent: Int32Array.from({ length: count }, (_, stop) => stop),
    absentAt: Int32Array.from({ length: count }, (_, stop) => stop),
    absentCount: count,
    requiredLeft: model.required.reduce((sum, flag) => sum + flag, 0),
    cost: model.skipCost.reduce((sum, cost) => sum + cost, 0),
  };
  for (const route of state.routes) {
    for (let i = 0; i < route.len; i++) if (route.seq[i]! < count) markPresent(state, route.seq[i]!);
    refresh(state, route);
    route.broken = !keepsRules(model, state.rules, route.vehicle, route);
  }
  return state;
}

function markPresent(state: State, stop: number): void {
  const at = state.absentAt[stop]!;
  if (at < 0) return;
  const last = state.absent[--state.absentCount]!;
  state.absent[at] = last;
  state.absentAt[last] = at;
  state.absentAt[stop] = -1;
  state.requiredLeft -= state.model.required[stop]!;
  state.cost -= state.model.skipCost[stop]!;
}

/** Takes note that a stop is in no route now. */
export function markAbsent(state: State, stop: number): void {
  if (state.absentAt[stop]! >= 0) return;
  state.absentAt[stop] = state.absentCount;
  state.absent[state.absentCount++] = stop;
  state.routeOf[stop] = -1;
  state.requiredLeft += state.model.required[stop]!;
  state.cost += state.model.skipCost[stop]!;
}

/** Recomputes all that is derived from a route's sequence. */
export function refresh(state: State, route: RouteState): void {
  const { model } = state;
  for (let i = 0; i < route.len; i++) {
    const node = route.seq[i]!;
    if (node >= model.stopCount) continue;
    state.routeOf[node] = route.vehicle;
    state.posOf[node] = i;
  }
  for (const rule of state.rules) rule.refresh(model, route);
  state.cost -= route.cost;
  route.cost = routeCost(model, route.vehicle, route.seq, route.len);
  state.cost += route.cost;
  if (model.vehicles[route.vehicle]!.costPerS > 0) {
    route.travelS = travelTime(model, route.vehicle, route.seq, route.len);
    route.durationS = driveSequence(model, route.vehicle, route.seq, route.len).durationS;
  }
}

/** Puts node a, and then b unless negative, into a gap. */
export function insertAt(state: State, route: RouteState, gap: number, { a, b }: { a: number; b: number }): void {
  const added = b < 0 ? 1 : 2;
  reserve(state.model, route, route.len + added);
  route.seq.copyWithin(gap + added, gap, route.len);
  route.seq[gap] = a;
  if (b >= 0) route.seq[gap + 1] = b;
  route.len += added;
  markPresent(state, a < state.model.stopCount ? a : b);
  refresh(state, route);
}

/** Replaces a route's sequence; stops that were in it and are not in another route must be marked by the caller. */
export function assign(state: State, route: RouteState, seq: Int32Array, len: number): void {
  reserve(state.model, route, len);
  route.seq.set(seq.subarray(0, len));
  route.len = len;
  for (let i = 0; i < len; i++) if (seq[i]! < state.model.stopCount) markPresent(state, seq[i]!);
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
