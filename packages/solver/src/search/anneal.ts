import type { Random } from '../random.ts';
import type { Exchange } from '../threads/exchange.ts';
import type { StopRule } from '../stop.ts';
import { replaceDisposals } from './disposal.ts';
import { createFleet } from './fleet.ts';
import { createInserter } from './insertion.ts';
import { createJournal } from './journal.ts';
import type { Neighbours } from './neighbours.ts';
import { recombine } from './recombine.ts';
import { createOrders, recreate } from './recreate.ts';
import { ruin } from './ruin.ts';
import { createRoutePool } from './route-pool.ts';
import type { RouteState } from './route-state.ts';
import { pressMissing, restore, snapshot } from './state.ts';
import type { State } from './state.ts';

/** Temperatures as shares of the mean cost per served stop, first and last. */
export interface Heat {
  readonly from: number;
  readonly to: number;
}

const END_SHARE = 0.05;
/** From a plan made by rules of thumb, from an earlier plan, and to make a plan better without leaving it. */
export const HOT: Heat = { from: 0.5, to: END_SHARE };
export const WARM: Heat = { from: 0.1, to: END_SHARE };
export const COLD: Heat = { from: END_SHARE, to: END_SHARE };
/** Plans dearer than this many temperatures above the present one are not worth placing disposal visits for. */
const TIDY_REACH = 20;

/** By what share of its penalty a required stop left out gets dearer with every attempt (after the absence counts of SISR, §4.4). */
const PRESSURE = 0.01;

/** Shares of the budget at which rounds met so far are recombined: late, so that the search goes on from what that brings. */
const RECOMBINED_AT = [0.9, 0.98] as const;
/** Rounds kept for that, and how much the search over them may look at for every attempt made so far. */
const POOL_LIMIT = 16_384;
const STEPS_PER_ATTEMPT = 10;

/** Outcome of a run; the best plan is left in the state. */
export interface AnnealResult {
  readonly iterations: number;
  readonly improvements: number;
}

/** Mean cost of a served stop: what temperatures are shares of. */
export function costPerStop(state: State): number {
  let [cost, served] = [0, 0];
  for (const route of state.routes) {
    cost += route.cost;
    served += route.len;
  }
  return Math.max(1e-9, cost / Math.max(1, served));
}

/** The best plan so far: only routes that changed since it was kept are copied. */
interface Keeper {
  readonly sequences: Int32Array[];
  note(changed: readonly RouteState[]): void;
  keep(): void;
}

function createKeeper(state: State): Keeper {
  const sequences = snapshot(state);
  const stale: RouteState[] = [];
  const isStale = new Uint8Array(state.routes.length);
  return {
    sequences,
    note(changed) {
      for (const route of changed) {
        if (isStale[route.vehicle]) continue;
        isStale[route.vehicle] = 1;
        stale.push(route);
      }
    },
    keep() {
      for (const route of stale) {
        isStale[route.vehicle] = 0;
        sequences[route.vehicle] = route.seq.slice(0, route.len);
      }
      stale.length = 0;
    },
  };
}

/** Whether parts of the plan are other searches' to change: what was best before a meeting may then be of another plan. */
function isDivided({ routes }: State): boolean {
  return routes.some(({ closed }) => closed);
}

/** How to search. */
export interface AnnealOptions {
  readonly stop: StopRule;
  readonly heat: Heat;
  readonly onImprove: () => void;
  /** meets other searches of the same problem; none when absent */
  readonly exchange?: Exchange | undefined;
}

/** Improves a plan by slack induction by string removals under simulated annealing (Christiaens & Vanden Berghe 2020). */
export function anneal(
  state: State,
  neighbours: Neighbours,
  random: Random,
  { stop, heat, onImprove, exchange }: AnnealOptions,
): AnnealResult {
  const journal = createJournal(state);
  const inserter = createInserter(state, neighbours, random);
  const context = {
    state,
    neighbours,
    random,
    journal,
    inserter,
    orders: createOrders(state.model),
    optional: state.model.required.includes(0),
  };
  const fleet = createFleet(state, journal, random);
  const scale = costPerStop(state);
  const pool = heat === COLD ? undefined : createRoutePool(state, POOL_LIMIT);
  const best = createKeeper(state);
  let [bestCost, iterations, improvements, stalled] = [state.cost - state.missingCost, 0, 0, 0];
  let bestLeft = state.requiredLeft;
  let recombined = 0;
  const removed: number[] = [];
  const keepIfBest = (): void => {
    const cost = state.cost - state.missingCost;
    if (state.requiredLeft > bestLeft || (state.requiredLeft === bestLeft && cost >= bestCost - 1e-6)) return;
    [bestCost, bestLeft] = [cost, state.requiredLeft];
    best.keep();
    exchange?.kept();
    improvements++;
    stalled = 0;
    onImprove();
  };
  for (;;) {
    const used = stop({ iterations, bestCost, stalled });
    if (used >= 1) break;
    if (exchange?.meet(used, { sequences: best.sequences, cost: bestCost, requiredLeft: bestLeft })) {
      best.note(state.routes);
      keepIfBest();
    }
    if (pool && used >= (RECOMBINED_AT[recombined] ?? Infinity) && !isDivided(state)) {
      recombined++;
      restore(state, best.sequences);
      if (recombine(state, pool, STEPS_PER_ATTEMPT * iterations)) {
        best.note(state.routes);
        keepIfBest();
      }
    }
    const temperature = scale * heat.from * (heat.to / heat.from) ** used;
    pressMissing(state, PRESSURE);
    const before = state.cost;
    const absentBefore = state.absentCount;
    journal.begin();
    const seed = ruin(context);
    removed.length = 0;
    for (let i = absentBefore; i < state.absentCount; i++) removed.push(state.absent[i]!);
    fleet?.handOver();
    recreate(context, removed, seed);
    fleet?.improve();
    const limit = before - temperature * Math.log(random.float() || 1e-12);
    if (state.model.siteCount > 0 && state.cost < limit + TIDY_REACH * temperature) {
      for (const route of journal.touched) replaceDisposals(state, route);
    }
    iterations++;
    stalled++;
    if (state.cost >= limit) {
      journal.undo();
      continue;
    }
    best.note(journal.touched);
    if (pool) for (const route of journal.touched) pool.note(route);
    keepIfBest();
  }
  restore(state, best.sequences);
  exchange?.finish();
  return { iterations, improvements };
}
