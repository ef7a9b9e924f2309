import { keepsRules } from '../evaluate.ts';
import type { Random } from '../random.ts';
import type { Solution } from '../solution.ts';
import { replaceDisposals } from './disposal.ts';
import { createInserter } from './insertion.ts';
import { createJournal } from './journal.ts';
import type { Neighbours } from './neighbours.ts';
import { insertGreedily } from './recreate.ts';
import { buildBySavings, supportsSavings } from './savings.ts';
import { assign } from './state.ts';
import type { State } from './state.ts';

/** Takes over an earlier plan, leaving out what is served already or no longer fits; the order is kept. */
function loadPlan(state: State, plan: Solution): void {
  const { model } = state;
  for (const { vehicle, visits } of plan.routes) {
    const route = state.routes[vehicle];
    if (!route || route.broken) continue;
    const wanted = visits
      .map((visit) => (visit.kind === 'stop' ? visit.index : model.stopCount + visit.index))
      .filter(
        (node) => node < model.stopCount + model.siteCount && (node >= model.stopCount || state.routeOf[node]! < 0),
      );
    const seq = new Int32Array(route.locked + wanted.length);
    seq.set(route.seq.subarray(0, route.locked));
    let len = route.locked;
    for (const node of wanted) seq[len++] = node;
    if (keepsRules(model, state.rules, vehicle, { seq, len })) assign(state, route, seq, len);
    else addWhatFits(state, vehicle, wanted);
  }
}

function addWhatFits(state: State, vehicle: number, wanted: readonly number[]): void {
  const { model, rules } = state;
  const route = state.routes[vehicle]!;
  const seq = new Int32Array(route.len + wanted.length);
  seq.set(route.seq.subarray(0, route.len));
  let len = route.len;
  for (const node of wanted) {
    seq[len] = node;
    if (keepsRules(model, rules, vehicle, { seq, len: len + 1 })) len++;
  }
  assign(state, route, seq, len);
}

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
