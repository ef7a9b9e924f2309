import { isAreaShort } from '../constraints/fairness.ts';
import { FORBIDDEN } from '../model.ts';
import type { Model } from '../model.ts';
import type { Random } from '../random.ts';
import { findWay } from './alternatives.ts';
import type { Inserter } from './insertion.ts';
import type { Journal } from './journal.ts';
import type { Neighbours } from './neighbours.ts';
import { insertAt } from './state.ts';
import type { State } from './state.ts';

/** Chance of overlooking a place, which keeps the greedy rebuild from repeating itself (SISR, §5.1). */
const BLINK_RATE = 0.01;
/** Optional stops near the ruin, and anywhere, that are offered a place again. */
const NEAR_OFFERS = 25;
const FAR_OFFERS = 2;
/** Required stops left out that are offered a place in one attempt. */
const MISSING_OFFERS = 20;

/**
 * How often, and up to how far, optional stops may cost more than their prize for a while: one alone never pays for
 * sending another truck, several together may (waste-hd-150-prize, 20 000 iterations, 8 seeds: mean gap 0.7 % against 1.1 %).
 */
const GENEROUS_CHANCE = 0.1;
const GENEROSITY = 5;

/** Orders in which stops are put back: key per stop, ascending, and how often that order is drawn. */
interface Order {
  readonly key: Float64Array | undefined;
  readonly weight: number;
}

/** Computes the orders a problem gives rise to (SISR, §4.3; window orders after its §6.2). */
export function createOrders(model: Model): readonly Order[] {
  const { stopCount, locations: n } = model;
  const stops = Array.from({ length: stopCount }, (_, stop) => stop);
  const fromDepot = (stop: number): number =>
    model.vehicles[0]!.arc[model.vehicles[0]!.start * n + model.place[stop]!]!;
  const size = (stop: number): number => {
    let share = 0;
    for (let k = 0; k < model.dims; k++)
      share = Math.max(share, model.load[stop * model.dims + k]! / Math.max(1e-9, model.vehicles[0]!.capacity[k]!));
    return share;
  };
  const opens = (stop: number): number => model.openS[model.windowFrom[stop]!]!;
  const closes = (stop: number): number => model.closeS[model.windowFrom[stop + 1]! - 1]!;
  const orders: Order[] = [
    { key: undefined, weight: 4 },
    { key: Float64Array.from(stops, (stop) => -size(stop)), weight: model.dims > 0 ? 4 : 0 },
    { key: Float64Array.from(stops, (stop) => -fromDepot(stop)), weight: 2 },
    { key: Float64Array.from(stops, fromDepot), weight: 1 },
  ];
  if (model.problem.stops.some((stop) => stop.windows?.length)) {
    orders.push({ key: Float64Array.from(stops, (stop) => closes(stop) - opens(stop)), weight: 2 });
    orders.push({ key: Float64Array.from(stops, closes), weight: 2 });
  }
  if (model.required.includes(0)) orders.push({ key: model.skipCost.map((cost) => -cost), weight: 4 });
  return orders.filter((order) => order.weight > 0);
}

/** What a rebuild works with. */
export interface RecreateContext {
  readonly state: State;
  readonly neighbours: Neighbours;
  readonly random: Random;
  readonly journal: Journal;
  readonly inserter: Inserter;
  readonly orders: readonly Order[];
  /** some stop is optional */
  readonly optional: boolean;
}

function sortByDrawnOrder({ random, orders }: RecreateContext, list: number[]): void {
  let total = 0;
  for (const { weight } of orders) total += weight;
  let draw = random.float() * total;
  let order = orders[0]!;
  for (order of orders) if ((draw -= order.weight) < 0) break;
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    const kept = list[i]!;
    list[i] = list[j]!;
    list[j] = kept;
  }
  const { key } = order;
  if (!key) return;
  // Lists are short, and equal keys keep their shuffled order.
  for (let i = 1; i < list.length; i++) {
    const stop = list[i]!;
    let at = i;
    while (at > 0 && key[list[at - 1]!]! > key[stop]!) list[at] = list[--at]!;
    list[at] = stop;
  }
}

/** Puts stops back one by one where each costs least; optional ones only where that is less than their prize, times a factor. */
export function insertGreedily(
  context: RecreateContext,
  list: readonly number[],
  { blinkRate, generosity }: { blinkRate: number; generosity: number },
): void {
  const { state, inserter, journal } = context;
  const { required, skipCost } = state.model;
  for (const stop of list) {
    const limit = required[stop] || isAreaShort(state, stop) ? FORBIDDEN : generosity * skipCost[stop]!;
    const place = findWay(state.model, inserter, stop, { limit, blinkRate });
    if (place.route < 0) continue;
    const route = state.routes[place.route]!;
    journal.touch(route);
    insertAt(state, route, place);
  }
}

/** Adds required stops left out: all of them, or a few at random where there is no hope of placing them all at once. */
function offerMissing({ state, random }: RecreateContext, chosen: Set<number>): void {
  const { absent, absentCount, model, focus } = state;
  const all = state.requiredLeft <= MISSING_OFFERS;
  const count = all ? absentCount : MISSING_OFFERS;
  for (let i = 0; i < count; i++) {
    const stop = absent[all ? i : random.int(absentCount)]!;
    if ((model.required[stop] || isAreaShort(state, stop)) && (!focus || focus.has[stop])) chosen.add(stop);
  }
}

/** Rebuilds after a ruin: what was removed, required stops still missing, and optional ones near by. */
export function recreate(context: RecreateContext, list: number[], seed: number): void {
  const { state, neighbours, random } = context;
  const { absent, absentAt, model, focus } = state;
  let order = list;
  if (state.absentCount > list.length) {
    const chosen = new Set(list);
    const offer = (stop: number): void => {
      if (absentAt[stop]! >= 0 && model.skipCost[stop]! > 0 && (!focus || focus.has[stop])) chosen.add(stop);
    };
    offer(seed);
    for (let k = 0; k < Math.min(NEAR_OFFERS, neighbours.width); k++)
      offer(neighbours.list[seed * neighbours.width + k]!);
    for (let k = 0; k < FAR_OFFERS; k++) offer(absent[random.int(state.absentCount)]!);
    if (state.requiredLeft > 0) offerMissing(context, chosen);
    order = [...chosen];
  }
  sortByDrawnOrder(context, order);
  const generous = context.optional && random.float() < GENEROUS_CHANCE;
  insertGreedily(context, order, { blinkRate: BLINK_RATE, generosity: generous ? 1 + random.float() * GENEROSITY : 1 });
}
