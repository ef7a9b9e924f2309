import { compile } from './model.ts';
import type { Problem } from './problem.ts';
import { createRandom } from './random.ts';
import { chooseWays } from './search/alternatives.ts';
import { anneal, HOT, WARM } from './search/anneal.ts';
import { improveLocally } from './search/local-search.ts';
import { findNeighbours } from './search/neighbours.ts';
import { report } from './search/report.ts';
import { construct } from './search/start.ts';
import { createState } from './search/state.ts';
import type { Solution, Stats } from './solution.ts';
import type { StopRule } from './stop.ts';
import { createExchange } from './threads/exchange.ts';
import type { Company } from './threads/exchange.ts';
import { validate } from './validate.ts';

/** How to search. */
export interface SolveOptions {
  /** any whole number; the same seed and iterations give the same plan */
  readonly seed: number;
  /** a plan to start from; what no longer fits is dropped */
  readonly initial?: Solution;
  /** called with every better plan, in order */
  readonly onImprove?: (solution: Solution) => void;
  /** asked before a better plan is written out for onImprove; yes when absent */
  readonly wantsPlan?: () => boolean;
  /** other searches of the same problem, with which this one exchanges plans; none when absent */
  readonly company?: Company;
}

/**
 * Plans rounds: which stops, by which vehicle, in which order, tipping where. Anytime: it returns the best plan when
 * the stop rule says so, and never fails for want of a feasible one (see Solution.feasible and explain).
 * @param stop budget and cancellation, asked once per iteration; it also drives the cooling
 * @throws RangeError when validate(problem) finds faults
 */
export function solve(problem: Problem, stop: StopRule, options: SolveOptions): { solution: Solution; stats: Stats } {
  const faults = validate(problem);
  if (faults.length) throw new RangeError(faults.map(({ field, message }) => `${field} ${message}`).join('; '));
  const model = compile(problem);
  const state = createState(model);
  const summary = (
    startCost: number,
    iterations: number,
    improvements: number,
  ): { solution: Solution; stats: Stats } => {
    const solution = report(state);
    return {
      solution,
      stats: { iterations, improvements, startCost, bestCost: solution.cost, requiredLeft: state.requiredLeft },
    };
  };
  if (model.stopCount === 0 || model.vehicles.length === 0) return summary(report(state).cost, 0, 0);
  const random = createRandom(options.seed);
  const neighbours = findNeighbours(model);
  construct(state, neighbours, random, { initial: options.initial, stop });
  const startCost = report(state).cost;
  const { onImprove: tell, wantsPlan } = options;
  const onImprove = (): void => {
    if (tell && (wantsPlan?.() ?? true)) tell(report(state));
  };
  onImprove();
  const { iterations, improvements } = anneal(state, neighbours, random, {
    stop,
    heat: options.initial === undefined ? HOT : WARM,
    onImprove,
    exchange: options.company && createExchange(state, neighbours, options.company),
  });
  const before = state.cost;
  // Bounded by the size of the plan, so it may run past a budget that is spent.
  improveLocally(state, neighbours, boundedPolish(model.stopCount));
  for (const route of state.routes) chooseWays(state, route);
  if (state.cost < before - 1e-6) onImprove();
  return summary(startCost, iterations, improvements);
}

/** Lets the last polish look at every stop a few times, whatever the clock says. */
function boundedPolish(stopCount: number): () => boolean {
  let left = 4 * stopCount;
  return () => left-- <= 0;
}
