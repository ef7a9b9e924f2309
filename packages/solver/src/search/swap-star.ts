import { keepsRules } from '../evaluate.ts';
import { placeAt } from '../operators/operator.ts';
import { bestGapWithout, costInstead, createBestGaps, findBestGaps, leastCost, savedWithout } from './best-gaps.ts';
import type { Gap } from './best-gaps.ts';
import { replaceDisposals } from './disposal.ts';
import { createJournal } from './journal.ts';
import type { Neighbours } from './neighbours.ts';
import type { RouteState } from './route-state.ts';
import { insertAt, markAbsent, refresh } from './state.ts';
import type { State } from './state.ts';

/** Routes meet when a stop of one is among so many nearest of a stop of the other. */
const NEAR = 10;
/** Exchanges of a pair of routes that are tried in earnest, the most promising first. */
const TRIED = 8;
const EPSILON = 1e-6;

/** An exchange of visit i of one route, to gap `into`, for visit j of the other, to gap `back`; gaps as before anything moved. */
interface Exchange {
  i: number;
  j: number;
  into: number;
  back: number;
  delta: number;
}

/** Finds and makes exchanges between the routes of a state. */
export interface SwapStar {
  /** Exchanges stops between routes until nothing helps; says whether anything did. */
  improve(expired: () => boolean): boolean;
}

/** Creates the search for exchanges of two stops between routes that meet, each put where it costs least (SWAP*, Vidal 2022, §3.3). */
export function createSwapStar(state: State, neighbours: Neighbours): SwapStar {
  const { model, rules, routes } = state;
  const journal = createJournal(state);
  const intoTwo = createBestGaps();
  const intoOne = createBestGaps();
  const gapTwo: Gap = { gap: 0, cost: 0 };
  const gapOne: Gap = { gap: 0, cost: 0 };
  const list: Exchange[] = Array.from({ length: TRIED }, () => ({ i: 0, j: 0, into: 0, back: 0, delta: 0 }));
  const quick = rules.filter((rule) => rule.mayExchange);
  const vehicleCount = routes.length;
  let savedTwo = new Float64Array(64);
  let listed = 0;

  function mayExchange(route: RouteState, leaving: number, joining: number): boolean {
    for (let r = 0; r < quick.length; r++) if (!quick[r]!.mayExchange!(model, route, leaving, joining)) return false;
    return true;
  }

  function enter(i: number, j: number, delta: number): void {
    if (listed === TRIED && delta >= list[TRIED - 1]!.delta) return;
    let k = listed < TRIED ? listed++ : TRIED - 1;
    const spare = list[k]!;
    for (; k > 0 && list[k - 1]!.delta > delta; k--) list[k] = list[k - 1]!;
    list[k] = Object.assign(spare, { i, j, into: gapTwo.gap, back: gapOne.gap, delta });
  }

  /** Weighs the exchanges of one visit with every visit of the other route. */
  function weigh(one: RouteState, two: RouteState, i: number): void {
    const node = one.seq[i]!;
    const saved = savedWithout(model, one, i);
    const place = model.place[node]!;
    for (let j = two.locked; j < two.len; j++) {
      const other = two.seq[j]!;
      if (other >= model.stopCount) continue;
      bestGapWithout(model, { place, to: two, j }, { best: intoTwo, i }, gapTwo);
      const half = gapTwo.cost - saved - savedTwo[j]!;
      const otherPlace = model.place[other]!;
      if (half + leastCost(intoOne, j) > -EPSILON && half + costInstead(model, one, i, otherPlace) > -EPSILON) continue;
      bestGapWithout(model, { place: otherPlace, to: one, j: i }, { best: intoOne, i: j }, gapOne);
      const delta = half + gapOne.cost;
      if (delta > -EPSILON || (listed === TRIED && delta >= list[TRIED - 1]!.delta)) continue;
      if (mayExchange(two, other, node) && mayExchange(one, node, other)) enter(i, j, delta);
    }
  }

  function take(route: RouteState, at: number): void {
    journal.touch(route);
    markAbsent(state, route.seq[at]!);
    route.seq.copyWithin(at, at + 1, route.len);
    route.len--;
    refresh(state, route);
  }

  /** Puts a stop in a gap that was numbered before another visit left; false when a rule forbids it. */
  function put(route: RouteState, node: number, { gap, left }: { gap: number; left: number }): boolean {
    const now = gap > left ? gap - 1 : gap;
    for (let r = 0; r < rules.length; r++) if (!rules[r]!.admits(model, route, now, node, -1)) return false;
    const n = model.locations;
    const [before, after] = [placeAt(model, route, now - 1), placeAt(model, route, now)];
    const at = model.place[node]!;
    const opened = route.arc[before * n + at]! + route.arc[at * n + after]!;
    const opening = route.inUseAt < 0 ? model.vehicles[route.vehicle]!.fixedCost : -route.arc[before * n + after]!;
    insertAt(state, route, { gap: now, a: node, b: -1, cost: opened + opening });
    return true;
  }

  /** Makes an exchange if it keeps every rule and costs less. */
  function attempt(one: RouteState, two: RouteState, { i, j, into, back }: Exchange): boolean {
    const before = state.cost;
    const [nodeOne, nodeTwo] = [one.seq[i]!, two.seq[j]!];
    journal.begin();
    take(one, i);
    take(two, j);
    const done =
      put(two, nodeOne, { gap: into, left: j }) &&
      put(one, nodeTwo, { gap: back, left: i }) &&
      state.cost < before - EPSILON &&
      keepsRules(model, rules, one.vehicle, one) &&
      keepsRules(model, rules, two.vehicle, two);
    if (!done) journal.undo();
    return done;
  }

  /** Makes the best exchange between two routes; false when there is none. */
  function improvePair(one: RouteState, two: RouteState): boolean {
    if (one.broken || two.broken) return false;
    listed = 0;
    findBestGaps(model, one, two, intoTwo);
    findBestGaps(model, two, one, intoOne);
    if (savedTwo.length < two.len) savedTwo = new Float64Array(two.len * 2);
    for (let j = two.locked; j < two.len; j++) savedTwo[j] = savedWithout(model, two, j);
    for (let i = one.locked; i < one.len; i++) if (one.seq[i]! < model.stopCount) weigh(one, two, i);
    for (let k = 0; k < listed; k++) {
      if (!attempt(one, two, list[k]!)) continue;
      replaceDisposals(state, one);
      replaceDisposals(state, two);
      return true;
    }
    return false;
  }

  /** Pairs of routes that meet, of which one changed, as lower·vehicles + higher, in order. */
  function meetings(changed: Uint8Array): number[] {
    const pairs = new Set<number>();
    for (let stop = 0; stop < model.stopCount; stop++) {
      const one = state.routeOf[stop]!;
      if (one < 0) continue;
      for (let k = 0; k < Math.min(NEAR, neighbours.width); k++) {
        const two = state.routeOf[neighbours.list[stop * neighbours.width + k]!]!;
        if (two < 0 || two === one || (!changed[one] && !changed[two])) continue;
        pairs.add(Math.min(one, two) * vehicleCount + Math.max(one, two));
      }
    }
    return [...pairs].sort((x, y) => x - y);
  }

  return {
    improve(expired) {
      let any = false;
      let changed = new Uint8Array(vehicleCount).fill(1);
      for (;;) {
        const pairs = meetings(changed);
        if (pairs.length === 0) return any;
        changed = new Uint8Array(vehicleCount);
        for (const pair of pairs) {
          if (expired()) return any;
          const [one, two] = [routes[Math.floor(pair / vehicleCount)]!, routes[pair % vehicleCount]!];
          while (improvePair(one, two)) changed[one.vehicle] = changed[two.vehicle] = 1;
          any ||= changed[one.vehicle] === 1;
        }
      }
    },
  };
}
