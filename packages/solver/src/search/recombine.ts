import { keepsRules, routeCost } from '../evaluate.ts';
import { firstWay } from '../model.ts';
import type { Columns, Duals } from '../partition/columns.ts';
import { findPartition } from '../partition/partition.ts';
import type { PooledRoute, RoutePool } from './route-pool.ts';
import type { RouteState } from './route-state.ts';
import { assign, dropStops, restore, snapshot } from './state.ts';
import type { State } from './state.ts';

/** What a vehicle does that gets no round: what is locked, and a site where it may not come home loaded. */
interface Idle {
  readonly seq: Int32Array;
  readonly cost: number;
}

/** Per class of vehicle, those whose round may be another, and what they do without one. */
interface Garage {
  readonly vehicles: number[][];
  readonly idle: (Idle | undefined)[];
  /** Uint8Array stops: 1 = in a round that stays, so in no other */
  readonly taken: Uint8Array;
}

/** The cheapest lawful way to do without a round; undefined when there is none. */
function findIdle({ model, rules }: State, { vehicle, seq, locked }: RouteState): Idle | undefined {
  const lawful = (tail: readonly number[]): Idle[] => {
    const whole = Int32Array.of(...seq.subarray(0, locked), ...tail);
    if (!keepsRules(model, rules, vehicle, { seq: whole, len: whole.length })) return [];
    return [{ seq: whole, cost: routeCost(model, vehicle, whole, whole.length) }];
  };
  const sites = Array.from({ length: model.siteCount }, (_, site) => model.stopCount + site);
  const [home] = lawful([]);
  return home ?? sites.flatMap((site) => lawful([site])).sort((x, y) => x.cost - y.cost)[0];
}

function openGarage(state: State): Garage {
  const { model, routes } = state;
  const classes = 1 + Math.max(0, ...model.vehicles.map(({ classId }) => classId));
  const vehicles = Array.from({ length: classes }, (): number[] => []);
  const idle = Array.from({ length: classes }, (): Idle | undefined => undefined);
  const taken = new Uint8Array(model.stopCount);
  for (const route of routes) {
    const { vehicle, seq, len, locked, broken } = route;
    const { classId } = model.vehicles[vehicle]!;
    if (!broken) idle[classId] ??= findIdle(state, route);
    const stays = broken || !idle[classId];
    for (let i = 0; i < (stays ? len : locked); i++) if (seq[i]! < model.stopCount) taken[firstWay(model, seq[i]!)] = 1;
    if (!stays) vehicles[classId]!.push(vehicle);
  }
  return { vehicles, idle, taken };
}

/** Stops as rows: those that some choice of rounds can serve or leave out. */
function listRows({ model }: State, { taken }: Garage): { rowOf: Int32Array; stops: number[] } {
  const rowOf = new Int32Array(model.stopCount).fill(-1);
  const stops: number[] = [];
  for (let stop = 0; stop < model.stopCount; stop++) {
    if (firstWay(model, stop) === stop && !taken[stop]) rowOf[stop] = stops.push(stop) - 1;
  }
  return { rowOf, stops };
}

function makeColumns(
  state: State,
  garage: Garage,
  pooled: readonly PooledRoute[],
): { columns: Columns; names: readonly PooledRoute[] } {
  const { model } = state;
  const { rowOf, stops } = listRows(state, garage);
  const names: PooledRoute[] = [];
  const rows: number[] = [];
  const from = [0];
  for (const route of pooled) {
    const locked = model.vehicles[garage.vehicles[route.classId]![0]!]!.locked.length;
    const served = [...route.seq.subarray(locked)].filter((node) => node < model.stopCount);
    const mine = served.map((node) => rowOf[firstWay(model, node)]!);
    if (mine.length === 0 || mine.includes(-1)) continue;
    rows.push(...mine);
    from.push(rows.length);
    names.push(route);
  }
  const columns: Columns = {
    count: names.length,
    rowCount: stops.length,
    from: Int32Array.from(from),
    rows: Int32Array.from(rows),
    cost: Float64Array.from(names, ({ classId, cost }) => cost - garage.idle[classId]!.cost),
    group: Int32Array.from(names, ({ classId }) => classId),
    skipCost: Float64Array.from(stops, (stop) => model.skipCost[stop]!),
    room: Int32Array.from(garage.vehicles, ({ length }) => length),
  };
  return { columns, names };
}

/** Prices and cost of the present plan: each round's cost spread evenly over its stops. */
function presentPlan(state: State, garage: Garage): { start: Duals; upper: number } {
  const { model } = state;
  const { rowOf } = listRows(state, garage);
  const row = new Float64Array(rowOf.filter((index) => index >= 0).length);
  let upper = 0;
  for (let i = 0; i < state.absentCount; i++) {
    const stop = state.absent[i]!;
    row[rowOf[stop]!] = model.skipCost[stop]!;
    upper += model.skipCost[stop]!;
  }
  for (const route of state.routes) {
    const idle = garage.idle[model.vehicles[route.vehicle]!.classId];
    if (route.broken || !idle || route.len === route.locked) continue;
    const free = [...route.seq.subarray(route.locked, route.len)].filter((node) => node < model.stopCount);
    const cost = route.cost - idle.cost;
    for (const node of free) {
      const index = rowOf[firstWay(model, node)]!;
      row[index] = Math.min(model.skipCost[firstWay(model, node)]!, cost / free.length);
    }
    upper += cost;
  }
  return { start: { row, group: new Float64Array(garage.vehicles.length) }, upper };
}

/** Gives the vehicles of each class the rounds chosen for it; the others do without. */
function drive(state: State, garage: Garage, chosen: readonly PooledRoute[]): void {
  const free = garage.vehicles.flat().map((vehicle) => state.routes[vehicle]!);
  for (const route of free) dropStops(state, route);
  const waiting = garage.vehicles.map((vehicles) => [...vehicles].reverse());
  for (const { classId, seq } of chosen) assign(state, state.routes[waiting[classId]!.pop()!]!, seq, seq.length);
  for (const [classId, vehicles] of waiting.entries()) {
    const { seq } = garage.idle[classId] ?? { seq: new Int32Array(0) };
    for (const vehicle of vehicles) assign(state, state.routes[vehicle]!, seq, seq.length);
  }
}

/**
 * Makes a cheaper plan of rounds met during the search, by set partitioning (after Rochat & Taillard 1995).
 * The state holds the best plan, and keeps it when no choice of rounds is better.
 * @param steps how much the search over choices may look at
 * @returns whether the plan is better now
 */
export function recombine(state: State, pool: RoutePool, steps: number): boolean {
  for (const route of state.routes) pool.note(route);
  const garage = openGarage(state);
  const usable = pool.routes.filter(({ classId }) => garage.vehicles[classId]!.length > 0);
  const { columns, names } = makeColumns(state, garage, usable);
  const found = findPartition(columns, { ...presentPlan(state, garage), steps });
  if (!found) return false;
  const [before, leftBefore, kept] = [state.cost - state.missingCost, state.requiredLeft, snapshot(state)];
  const chosen = found.map((j) => names[j]!);
  drive(state, garage, chosen);
  const better = state.cost - state.missingCost < before - 1e-6;
  // Rounds alone do not tell what areas are owed, so the plan as a whole has the last word.
  if (state.requiredLeft < leftBefore || (state.requiredLeft === leftBefore && better)) return true;
  restore(state, kept);
  return false;
}
