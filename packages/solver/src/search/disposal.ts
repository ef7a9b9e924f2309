import { arcCost, keepsRules, routeCost } from '../evaluate.ts';
import { FORBIDDEN } from '../model.ts';
import type { Model } from '../model.ts';
import type { RouteState } from './route-state.ts';
import { assign } from './state.ts';
import type { State } from './state.ts';

/** Buffers for placing disposal visits; grown as routes grow. */
interface Scratch {
  order: Int32Array;
  out: Int32Array;
  cost: Float64Array;
  clock: Float64Array;
  from: Int32Array;
  /** by stops done: the least that driving the others costs from the next one on, with the tips that their load takes */
  least: Float64Array;
}

let scratch: Scratch = grow(64, 1);

function grow(stops: number, sites: number): Scratch {
  const labels = (stops + 1) * (sites + 1);
  return {
    order: new Int32Array(stops),
    out: new Int32Array(stops * 2 + 2),
    cost: new Float64Array(labels),
    clock: new Float64Array(labels),
    from: new Int32Array(labels),
    least: new Float64Array(stops + 1),
  };
}

/** Start of service at a node when arriving at some time; -1 when it has closed. */
function startOf(model: Model, node: number, arriveS: number): number {
  for (let w = model.windowFrom[node]!; w < model.windowFrom[node + 1]!; w++) {
    if (arriveS <= model.closeS[w]!) return Math.max(arriveS, model.openS[w]!);
  }
  return -1;
}

/** A trip being extended stop by stop from a label. */
interface Trip {
  at: number;
  clock: number;
  cost: number;
  mask: number;
  load: Float64Array;
  /** where and when it starts, before it waits for its release, and the first of its stops in scratch.order */
  readonly from: number;
  readonly startS: number;
  readonly first: number;
  releaseS: number;
}

/** Drives a trip again up to a stop, since what comes next is released later; false when that makes it late. */
function startLater(
  model: Model,
  vehicle: number,
  trip: Trip,
  { next, releaseS }: { next: number; releaseS: number },
): boolean {
  const { durationS } = model.vehicles[vehicle]!;
  trip.releaseS = releaseS;
  let clock = Math.max(trip.startS, releaseS);
  let at = trip.from;
  for (let i = trip.first; i < next; i++) {
    const stop = scratch.order[i]!;
    const start = startOf(model, stop, clock + durationS[at * model.locations + model.place[stop]!]!);
    if (start < 0) return false;
    clock = start + model.serviceS[stop]!;
    at = model.place[stop]!;
  }
  trip.clock = clock;
  return true;
}

function serve(model: Model, vehicle: number, trip: Trip, next: number): boolean {
  const { arc, durationS, capacity } = model.vehicles[vehicle]!;
  const stop = scratch.order[next]!;
  const releaseS = model.releaseS ? model.releaseS[stop]! : -Infinity;
  if (releaseS > trip.releaseS && !startLater(model, vehicle, trip, { next, releaseS })) return false;
  const leg = trip.at * model.locations + model.place[stop]!;
  const start = startOf(model, stop, trip.clock + durationS[leg]!);
  if (start < 0) return false;
  for (let k = 0; k < model.dims; k++) {
    trip.load[k]! += model.load[stop * model.dims + k]!;
    if (trip.load[k]! > capacity[k]! + 1e-6) return false;
  }
  trip.cost += arc[leg]!;
  trip.clock = start + model.serviceS[stop]!;
  trip.at = model.place[stop]!;
  trip.mask |= model.mask[stop]!;
  return true;
}

/** The cheapest way there is from the end of one stop to the next by a site, beyond driving straight on. */
function leastDetour(model: Model, vehicle: number, free: number): number {
  const { arc } = model.vehicles[vehicle]!;
  const { place, stopCount, siteCount, locations: n } = model;
  let least = Infinity;
  for (let i = 0; i + 1 < free; i++) {
    const [from, to] = [place[scratch.order[i]!]!, place[scratch.order[i + 1]!]!];
    for (let site = stopCount; site < stopCount + siteCount; site++) {
      least = Math.min(least, arc[from * n + place[site]!]! + arc[place[site]! * n + to]! - arc[from * n + to]!);
    }
  }
  return least === Infinity ? 0 : Math.max(0, least);
}

/** Fills scratch.least: legs straight on, and a tip between each two of the trips that what is left to load takes at least. */
function boundRest(model: Model, vehicle: number, free: number): void {
  const { arc, end, capacity } = model.vehicles[vehicle]!;
  const { place, dims, locations: n } = model;
  const detour = leastDetour(model, vehicle, free);
  const load = new Float64Array(dims);
  let [at, legs] = [end, 0];
  scratch.least[free] = 0;
  for (let i = free - 1; i >= 0; i--) {
    const stop = scratch.order[i]!;
    legs += arc[place[stop]! * n + at]!;
    at = place[stop]!;
    let trips = 1;
    for (let k = 0; k < dims; k++) {
      load[k]! += model.load[stop * dims + k]!;
      if (capacity[k]! > 0) trips = Math.max(trips, Math.ceil(load[k]! / capacity[k]! - 1e-6));
    }
    scratch.least[i] = legs + (trips - 1) * detour;
  }
}

/** Improves the labels that end a trip after `done` stops, one label per site, where a plan better than the best can come of it. */
function tip(
  model: Model,
  vehicle: number,
  trip: Trip,
  { done, from, next, best }: { done: number; from: number; next: number; best: number },
): void {
  const { arc, durationS } = model.vehicles[vehicle]!;
  const { siteCount, stopCount } = model;
  for (let site = 0; site < siteCount; site++) {
    const node = stopCount + site;
    if (trip.mask & ~model.mask[node]!) continue;
    const leg = trip.at * model.locations + model.place[node]!;
    const label = done * (siteCount + 1) + site;
    const cost = trip.cost + arc[leg]!;
    if (cost >= scratch.cost[label]!) continue;
    if (cost + arc[model.place[node]! * model.locations + next]! + scratch.least[done]! >= best) continue;
    const start = startOf(model, node, trip.clock + durationS[leg]!);
    if (start < 0) continue;
    scratch.cost[label] = cost;
    scratch.clock[label] = start + model.serviceS[node]!;
    scratch.from[label] = from;
  }
}

interface Plan {
  best: number;
  label: number;
}

/** Follows every trip that starts at a label; returns the better of best and ending the route with that trip. */
function follow(
  model: Model,
  route: RouteState,
  free: number,
  { trip, label, plan }: { trip: Trip; label: number; plan: Plan },
): void {
  const { end, arc, endMask } = model.vehicles[route.vehicle]!;
  const done = Math.floor(label / (model.siteCount + 1));
  const placeOf = (index: number): number => (index < free ? model.place[scratch.order[index]!]! : end);
  if (trip.mask !== 0) tip(model, route.vehicle, trip, { done, from: label, next: placeOf(done), best: plan.best });
  let next = done;
  while (next < free && serve(model, route.vehicle, trip, next)) {
    next++;
    tip(model, route.vehicle, trip, { done: next, from: label, next: placeOf(next), best: plan.best });
  }
  if (next < free || trip.mask & ~endMask) return;
  const cost = trip.cost + arc[trip.at * model.locations + end]!;
  if (cost < plan.best) {
    plan.best = cost;
    plan.label = label;
  }
}

function startTrip(at: number, trip: Pick<Trip, 'clock' | 'cost' | 'mask' | 'load' | 'first'>): Trip {
  const { clock, cost, mask, load, first } = trip;
  return { at, clock, cost, mask, load, from: at, startS: clock, first, releaseS: -Infinity };
}

/** The trip as it is after the locked prefix. */
function lockedTrip(model: Model, route: RouteState): Trip {
  const { start, earliestS, durationS, initialLoad, initialMask } = model.vehicles[route.vehicle]!;
  const trip = startTrip(start, { clock: earliestS, cost: 0, mask: initialMask, load: initialLoad.slice(), first: 0 });
  for (let i = 0; i < route.locked; i++) {
    const node = route.seq[i]!;
    const arriveS = trip.clock + durationS[trip.at * model.locations + model.place[node]!]!;
    if (node < model.stopCount) {
      trip.mask |= model.mask[node]!;
      for (let k = 0; k < model.dims; k++) trip.load[k]! += model.load[node * model.dims + k]!;
    } else {
      trip.mask = 0;
      trip.load.fill(0);
    }
    trip.clock = Math.max(arriveS, startOf(model, node, arriveS)) + model.serviceS[node]!;
    trip.at = model.place[node]!;
  }
  return { ...trip, from: trip.at, startS: trip.clock };
}

/** Runs the programme over the free stops in scratch.order; returns the last label of the best plan, or -1. */
function placeTips(model: Model, route: RouteState, free: number): number {
  const width = model.siteCount + 1;
  scratch.cost.fill(FORBIDDEN / 2, 0, (free + 1) * width);
  boundRest(model, route.vehicle, free);
  const present = route.broken ? FORBIDDEN / 2 : arcCost(model, route.vehicle, route.seq, route.len);
  const plan: Plan = { best: Math.min(present, FORBIDDEN / 2), label: -1 };
  // The label of the start is the spare column of row 0.
  follow(model, route, free, { trip: lockedTrip(model, route), label: model.siteCount, plan });
  const load = new Float64Array(model.dims);
  for (let done = 0; done <= free; done++) {
    for (let site = 0; site < model.siteCount; site++) {
      const label = done * width + site;
      if (scratch.cost[label]! >= FORBIDDEN / 2) continue;
      const at = model.place[model.stopCount + site]!;
      const [clock, cost] = [scratch.clock[label]!, scratch.cost[label]!];
      const trip = startTrip(at, { clock, cost, mask: 0, load: load.fill(0), first: done });
      follow(model, route, free, { trip, label, plan });
    }
  }
  return plan.label;
}

/** Writes locked prefix, free stops and the chosen tips to scratch.out; returns its length. */
function writeOut(model: Model, route: RouteState, free: number, last: number): number {
  const width = model.siteCount + 1;
  const tips: number[] = [];
  for (let label = last; label !== model.siteCount; label = scratch.from[label]!) tips.push(label);
  scratch.out.set(route.seq.subarray(0, route.locked));
  let [len, next] = [route.locked, 0];
  for (let done = 0; done <= free; done++) {
    while (next < tips.length && Math.floor(tips[tips.length - 1 - next]! / width) === done) {
      scratch.out[len++] = model.stopCount + (tips[tips.length - 1 - next]! % width);
      next++;
    }
    if (done < free) scratch.out[len++] = scratch.order[done]!;
  }
  return len;
}

/**
 * Places a route's disposal visits anew for its order of stops: a dynamic programme over (stops done, site tipped at)
 * which keeps the cheapest label of each, so exact without windows and a good guess with them. Labels are left alone that
 * cannot beat the present plan, as far as a way round is never shorter than driving straight on.
 * @returns whether the route changed; it never gets dearer unless it broke a rule before
 */
export function replaceDisposals(state: State, route: RouteState): boolean {
  const { model } = state;
  if (model.siteCount === 0) return false;
  if (scratch.order.length < route.len + 1 || scratch.cost.length < (route.len + 2) * (model.siteCount + 1)) {
    scratch = grow(route.len * 2 + 64, model.siteCount);
  }
  let free = 0;
  for (let i = route.locked; i < route.len; i++) {
    if (route.seq[i]! < model.stopCount) scratch.order[free++] = route.seq[i]!;
  }
  // A route that gets by without tipping has nothing to place.
  if (!route.broken && route.locked + free === route.len) return false;
  const label = placeTips(model, route, free);
  if (label < 0) return false;
  const len = writeOut(model, route, free, label);
  const { out } = scratch;
  if (!keepsRules(model, state.rules, route.vehicle, { seq: out, len })) return false;
  if (!route.broken && routeCost(model, route.vehicle, out, len) >= route.cost - 1e-6) return false;
  assign(state, route, out, len);
  route.broken = false;
  return true;
}

/** Drops the disposal visits that a route can do without: O(len) for each one dropped. */
export function dropIdleDisposals(state: State, route: RouteState): void {
  const { model, rules } = state;
  if (model.siteCount === 0) return;
  for (let i = route.len - 1; i >= route.locked; i--) {
    if (route.seq[i]! < model.stopCount) continue;
    if (scratch.out.length < route.len) scratch = grow(route.len * 2, model.siteCount);
    const { out } = scratch;
    out.set(route.seq.subarray(0, i));
    out.set(route.seq.subarray(i + 1, route.len), i);
    if (!keepsRules(model, rules, route.vehicle, { seq: out, len: route.len - 1 })) continue;
    assign(state, route, out, route.len - 1);
  }
}
