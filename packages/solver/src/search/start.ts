import type { Random } from '../random.ts';
import type { Solution } from '../solution.ts';
import { replaceDisposals } from './disposal.ts';
import { createInserter } from './insertion.ts';
import { createJournal } from './journal.ts';
import { loadPlan } from './load-plan.ts';
import type { Neighbours } from './neighbours.ts';
import { insertGreedily } from './recreate.ts';
import { buildBySavings, supportsSavings } from './savings.ts';
import type { State } from './state.ts';

/** Fills a state: an earlier plan if there is one, else savings; then every stop left, farthest first, where it costs least. */
export function construct(state: State, neighbours: Neighbours, random: Random, initial: Solution | undefined): void {
  const { model } = state;
  for (const route of state.routes) if (route.broken) replaceDisposals(state, route);
  if (initial) loadPlan(state, initial);
  else if (supportsSavings(model)) buildBySavings(state, neighbours);
  const journal = createJournal(state);
  const inserter = createInserter(state, neighbours, random);
  const { start, arc } = model.vehicles[0]!;
  const left = [...state.absent.subarray(0, state.absentCount)];
  const far = (stop: number): number => arc[start * model.locations + model.place[stop]!]!;
  left.sort((x, y) => model.required[y]! - model.required[x]! || far(y) - far(x) || x - y);
  journal.begin();
  insertGreedily({ state, neighbours, random, journal, inserter, orders: [], optional: false }, left, {
    blinkRate: 0,
    generosity: 1,
  });
  for (const route of state.routes) if (route.len > 0) replaceDisposals(state, route);
}
