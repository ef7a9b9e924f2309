import type { Model } from '../model.ts';
import type { Random } from '../random.ts';
import type { Solution } from '../solution.ts';
import { afterIterations, anyOf } from '../stop.ts';
import type { StopRule } from '../stop.ts';
import { anneal, COLD } from './anneal.ts';
import { replaceDisposals } from './disposal.ts';
import { createInserter } from './insertion.ts';
import { createJournal } from './journal.ts';
import { loadPlan } from './load-plan.ts';
import type { Neighbours } from './neighbours.ts';
import { insertGreedily } from './recreate.ts';
import { buildBySavings, supportsSavings } from './savings.ts';
import { restore, snapshot } from './state.ts';
import type { State } from './state.ts';

/** Attempts a stop at every way of starting, and at the best of them before it is told (see docs/routing.md). */
const TRIAL_ATTEMPTS = 0.25;
const FIRST_ATTEMPTS = 4;
/** Stops a round from which on there are fewer of them, since each takes as much longer. */
const LONG_ROUND = 100;
/** Share of them where stops are optional, and where trucks tip: an attempt then takes longer. */
const OPTIONAL_SHARE = 0.5;
const TIPPING_SHARE = 0.5;

/** A stop's place in an order of insertion, lowest first. */
type Key = (stop: number) => number;

function farthestFirst({ vehicles, locations, place }: Model): Key {
  const { start, arc } = vehicles[0]!;
  return (stop) => -arc[start * locations + place[stop]!]!;
}

function firstToClose({ windowFrom, closeS }: Model): Key {
  return (stop) => closeS[windowFrom[stop + 1]! - 1]!;
}

/** From the farthest stop always on to the nearest one not yet named, so that neighbours find each other's rounds. */
function chained(model: Model): Key {
  const { stopCount, locations: n, place } = model;
  const { arc, arcIn } = model.vehicles[0]!;
  const far = farthestFirst(model);
  const rank = new Float64Array(stopCount);
  const open = Array.from({ length: stopCount }, (_, stop) => stop);
  let next = open.reduce((x, y) => (far(y) < far(x) ? y : x));
  for (let named = 0; named < stopCount; named++) {
    rank[open[next]!] = named;
    const row = place[open[next]!]! * n;
    open[next] = open.at(-1)!;
    open.pop();
    let least = Infinity;
    for (let i = 0; i < open.length; i++) {
      const near = arc[row + place[open[i]!]!]! + arcIn[row + place[open[i]!]!]!;
      if (near < least) [least, next] = [near, i];
    }
  }
  return (stop) => rank[stop]!;
}

/** Puts every stop that is left where it costs least, required ones first. */
function insertAll(state: State, neighbours: Neighbours, random: Random, key: Key): void {
  const { required } = state.model;
  const left = [...state.absent.subarray(0, state.absentCount)];
  left.sort((x, y) => required[y]! - required[x]! || key(x) - key(y) || x - y);
  const journal = createJournal(state);
  const inserter = createInserter(state, neighbours, random);
  journal.begin();
  insertGreedily({ state, neighbours, random, journal, inserter, orders: [], optional: false }, left, {
    blinkRate: 0,
    generosity: 1,
  });
  for (const route of state.routes) if (route.len > 0) replaceDisposals(state, route);
}

/** How to make a first plan. */
export interface StartOptions {
  readonly initial: Solution | undefined;
  /** asked once per attempt at making it better; the attempts are not counted as iterations */
  readonly stop: StopRule;
}

/** The ways of filling an empty plan that take a moment: savings where routes are plain, and insertion in a few orders. */
function listWays(state: State, neighbours: Neighbours, random: Random): (() => void)[] {
  const { model } = state;
  const far = farthestFirst(model);
  const keys = [far, chained(model), ...(model.timed ? [firstToClose(model)] : [])];
  const ways = keys.map((key) => () => insertAll(state, neighbours, random, key));
  if (!supportsSavings(model)) return ways;
  const bySavings = (): void => {
    buildBySavings(state, neighbours);
    insertAll(state, neighbours, random, far);
  };
  return [bySavings, ...ways];
}

/**
 * Fills a state: from an earlier plan if there is one, else in several ways, of which the best stays after some attempts
 * at each. All of it is bounded by the size of the problem, whatever the budget.
 */
export function construct(state: State, neighbours: Neighbours, random: Random, { initial, stop }: StartOptions): void {
  const { stopCount, siteCount, required } = state.model;
  const expired: StopRule = ({ bestCost }) => stop({ iterations: 0, bestCost, stalled: 0 });
  const share = (required.includes(0) ? OPTIONAL_SHARE : 1) * (siteCount > 0 ? TIPPING_SHARE : 1);
  const settle = (attemptsAStop: number): void => {
    const mean = (stopCount - state.absentCount) / Math.max(1, state.inUseCount);
    const rule = anyOf(afterIterations(share * attemptsAStop * stopCount * Math.min(1, LONG_ROUND / mean)), expired);
    anneal(state, neighbours, random, { stop: rule, heat: COLD, onImprove: () => undefined });
  };
  for (const route of state.routes) if (route.broken) replaceDisposals(state, route);
  if (initial) {
    loadPlan(state, initial);
    insertAll(state, neighbours, random, farthestFirst(state.model));
  } else {
    const blank = snapshot(state);
    let best = blank;
    let [left, cost] = [Infinity, Infinity];
    for (const fill of listWays(state, neighbours, random)) {
      restore(state, blank);
      fill();
      settle(TRIAL_ATTEMPTS);
      const planCost = state.cost - state.missingCost;
      if (state.requiredLeft > left || (state.requiredLeft === left && planCost >= cost)) continue;
      [left, cost, best] = [state.requiredLeft, planCost, snapshot(state)];
    }
    restore(state, best);
  }
  settle(FIRST_ATTEMPTS);
}
