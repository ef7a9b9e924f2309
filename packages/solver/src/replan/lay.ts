import type { Shortfall } from '../constraints/constraint.ts';
import { keepsRules } from '../evaluate.ts';
import { compile } from '../model.ts';
import type { Problem } from '../problem.ts';
import { replaceDisposals } from '../search/disposal.ts';
import { report } from '../search/report.ts';
import { assign, createState } from '../search/state.ts';
import type { Solution, Visit } from '../solution.ts';

/** What a vehicle is told to do after its locked visits. */
export type Told = readonly Pick<Visit, 'kind' | 'index'>[];

/**
 * Lays out a plan exactly as told, whatever rules it breaks: what a person wants to see the price of. Disposal visits are
 * placed anew where that makes a route hold, and else stay as told.
 * @param told per vehicle; undefined = only its locked visits
 * @returns the plan with times and cost, and per vehicle what it lacks
 */
export function lay(
  problem: Problem,
  told: readonly (Told | undefined)[],
): { solution: Solution; shortfalls: Shortfall[][] } {
  const state = createState(compile(problem));
  const { model, rules } = state;
  for (const route of state.routes) {
    const visits = told[route.vehicle] ?? [];
    const seq = new Int32Array(route.locked + visits.length);
    seq.set(route.seq.subarray(0, route.locked));
    visits.forEach(({ kind, index }, place) => {
      seq[route.locked + place] = kind === 'stop' ? index : model.stopCount + index;
    });
    assign(state, route, seq, seq.length);
    if (model.siteCount === 0 || route.len === 0) continue;
    replaceDisposals(state, route);
    // a placing that does not hold either is no better than what was told
    if (!keepsRules(model, rules, route.vehicle, route)) assign(state, route, seq, seq.length);
  }
  const shortfalls = state.routes.map((route) =>
    rules.flatMap((rule) => rule.shortfalls(model, route.vehicle, route.seq, route.len)),
  );
  return { solution: report(state), shortfalls };
}
