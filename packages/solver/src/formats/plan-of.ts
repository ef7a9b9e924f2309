import { compile } from '../model.ts';
import { report } from '../search/report.ts';
import { assign, createState } from '../search/state.ts';
import type { Solution } from '../solution.ts';
import type { Instance } from './instance.ts';
import type { SheetRoute } from './sheet-score.ts';

/** Times the routes of a solution file as a plan of the instance's problem, so that check() can judge them. */
export function planOf({ problem, stopNames }: Instance, routes: readonly SheetRoute[]): Solution {
  const model = compile(problem);
  const state = createState(model);
  const stopOf = new Map(stopNames.map((name, stop) => [Number(name), stop]));
  for (const { vehicle, visits } of routes) {
    const nodes = visits.map((number) => (number === 0 ? model.stopCount : stopOf.get(number)));
    const known = nodes.filter((node) => node !== undefined);
    const route = state.routes[vehicle];
    if (route) assign(state, route, Int32Array.from(known), known.length);
  }
  return report(state);
}
