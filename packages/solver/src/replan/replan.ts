import { keepsRules } from '../evaluate.ts';
import { compile } from '../model.ts';
import type { Problem } from '../problem.ts';
import { createRandom } from '../random.ts';
import { costPerStop } from '../search/anneal.ts';
import { replaceDisposals } from '../search/disposal.ts';
import { createInserter } from '../search/insertion.ts';
import { createJournal } from '../search/journal.ts';
import { findNeighbours } from '../search/neighbours.ts';
import { createOrders, insertGreedily, recreate } from '../search/recreate.ts';
import type { RecreateContext } from '../search/recreate.ts';
import { report } from '../search/report.ts';
import { ruin } from '../search/ruin.ts';
import type { RouteState } from '../search/route-state.ts';
import { assign, createState, dropStops, restore, snapshot } from '../search/state.ts';
import type { State } from '../search/state.ts';
import type { Solution, Stats } from '../solution.ts';
import type { StopRule } from '../stop.ts';
import { validate } from '../validate.ts';
import { createChangeCount } from './keep.ts';
import type { ChangeCount, Keep } from './keep.ts';

/** How to plan again. */
export interface ReplanOptions {
  /** any whole number; the same seed and iterations give the same plan */
  readonly seed: number;
  /** the plan as it stands, with its disposal visits; what no longer fits is dropped and does not count as changed */
  readonly initial: Solution;
  readonly keep: Keep;
  readonly onImprove?: (solution: Solution) => void;
}

/** Stats of planning again. */
export interface ReplanStats extends Stats {
  /** stops changed, at most keep.changes */
  readonly changed: number;
  /** stops that no longer fit where they were, whatever the plan */
  readonly forced: number;
}

/**
 * Temperatures as shares of the mean cost per served stop: little is to change, so it starts almost cold, but for rounds
 * that nobody drives yet.
 */
const START_SHARE = 0.05;
const LOOSE_START_SHARE = 0.5;
const END_SHARE = 0.002;
/** Plans dearer than this many temperatures above the present one are not worth placing disposal visits for. */
const TIDY_REACH = 20;

/**
 * Plans again while crews work: like solve, from the plan as it stands, and never further from it than keep.changes stops.
 * @throws RangeError when validate(problem) finds faults
 */
export function replan(
  problem: Problem,
  stop: StopRule,
  options: ReplanOptions,
): { solution: Solution; stats: ReplanStats } {
  const faults = validate(problem);
  if (faults.length) throw new RangeError(faults.map(({ field, message }) => `${field} ${message}`).join('; '));
  const state = createState(compile(problem));
  loadPlan(state, options.initial);
  const forced = options.keep.previous.flatMap((stops, vehicle) =>
    (stops ?? []).filter((index) => state.routeOf[index] !== vehicle),
  );
  const free = new Set([...(options.keep.free ?? []), ...forced]);
  const count = createChangeCount(state, options.keep, free);
  const startCost = state.cost;
  const search = createSearch(state, count, options);
  let found = { iterations: 0, improvements: 0 };
  if (state.model.stopCount > 0 && state.model.vehicles.length > 0) {
    search.addWhatPays();
    found = search.anneal(stop);
  }
  const solution = report(state);
  const stats = { ...found, startCost, bestCost: solution.cost, requiredLeft: state.requiredLeft };
  return { solution, stats: { ...stats, changed: count.update(state.routes), forced: forced.length } };
}

/** Takes the plan over as it is; where a route breaks a rule now, its last visits go until it holds. */
function loadPlan(state: State, plan: Solution): void {
  // a locked prefix that leaves something aboard does not hold without a tip behind it
  for (const route of state.routes) if (route.broken) replaceDisposals(state, route);
  for (const { vehicle, visits } of plan.routes) {
    const route = state.routes[vehicle];
    if (!route || route.broken) continue;
    const nodes = visits
      .filter(({ kind, index }) => kind === 'disposal' || state.routeOf[index]! < 0)
      .map(({ kind, index }) => (kind === 'stop' ? index : state.model.stopCount + index));
    const alone = route.seq.slice(0, route.len);
    let count = nodes.length;
    while (count > 0 && !takesOver(state, route, nodes.slice(0, count))) count--;
    if (count > 0) continue;
    assign(state, route, alone, alone.length);
  }
}

/** Gives a route these visits behind its locked ones, with tips placed anew where that is needed; false when it cannot hold. */
function takesOver(state: State, route: RouteState, nodes: readonly number[]): boolean {
  const seq = Int32Array.from([...route.seq.subarray(0, route.locked), ...nodes]);
  const holds = keepsRules(state.model, state.rules, route.vehicle, { seq, len: seq.length });
  dropStops(state, route);
  assign(state, route, seq, seq.length);
  route.broken = !holds;
  const isTidied = replaceDisposals(state, route);
  if (holds || isTidied) return true;
  dropStops(state, route);
  assign(state, route, seq.slice(0, route.locked), route.locked);
  route.broken = false;
  return false;
}

interface Search {
  /** Adds stops left out that pay, the best first, as far as changes are allowed. */
  addWhatPays(): void;
  anneal(stop: StopRule): { iterations: number; improvements: number };
}

function createSearch(state: State, count: ChangeCount, { seed, keep, onImprove }: ReplanOptions): Search {
  const { model } = state;
  const random = createRandom(seed);
  const neighbours = findNeighbours(model);
  const journal = createJournal(state);
  const inserter = createInserter(state, neighbours, random);
  const context: RecreateContext = {
    state,
    neighbours,
    random,
    journal,
    inserter,
    orders: createOrders(model),
    optional: model.required.includes(0),
  };
  /** Whether the change since journal.begin may stand; counts it if so. */
  const allowed = (): boolean => count.update(journal.touched) <= keep.changes && count.keepsPins();
  const undo = (): void => {
    journal.undo();
    count.update(journal.touched);
  };
  const tidy = (): void => {
    if (model.siteCount > 0) for (const route of journal.touched) replaceDisposals(state, route);
  };
  const scale = costPerStop(state);
  const share = keep.loose ? LOOSE_START_SHARE : START_SHARE;
  return {
    addWhatPays() {
      const gains = [...state.absent.subarray(0, state.absentCount)].map((stop) => {
        const { route, cost } = inserter.find(stop, model.skipCost[stop]!, 0);
        return { stop, gain: route < 0 ? 0 : model.skipCost[stop]! - cost };
      });
      for (const { stop } of gains.filter(({ gain }) => gain > 0).sort((a, b) => b.gain - a.gain || a.stop - b.stop)) {
        const before = state.cost;
        journal.begin();
        insertGreedily(context, [stop], { blinkRate: 0, generosity: 1 });
        tidy();
        if (!allowed() || state.cost >= before) undo();
      }
    },
    anneal(stop) {
      let best = snapshot(state);
      let [bestCost, iterations, improvements, stalled] = [state.cost, 0, 0, 0];
      const removed: number[] = [];
      onImprove?.(report(state));
      for (;;) {
        const used = stop({ iterations, bestCost, stalled });
        if (used >= 1) break;
        const temperature = scale * share * (END_SHARE / share) ** used;
        const before = state.cost;
        const absentBefore = state.absentCount;
        journal.begin();
        const middle = ruin(context);
        removed.length = 0;
        for (let i = absentBefore; i < state.absentCount; i++) removed.push(state.absent[i]!);
        recreate(context, removed, middle);
        const limit = before - temperature * Math.log(random.float() || 1e-12);
        if (state.cost < limit + TIDY_REACH * temperature) tidy();
        iterations++;
        stalled++;
        if (state.cost >= limit || !allowed()) undo();
        else if (state.cost < bestCost - 1e-6) {
          [bestCost, stalled, best] = [state.cost, 0, snapshot(state)];
          improvements++;
          onImprove?.(report(state));
        }
      }
      restore(state, best);
      count.update(state.routes);
      return { iterations, improvements };
    },
  };
}
