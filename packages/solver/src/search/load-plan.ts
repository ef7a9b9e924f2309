import { keepsRules } from '../evaluate.ts';
import type { Solution } from '../solution.ts';
import { assign } from './state.ts';
import type { State } from './state.ts';

/** Takes over an earlier plan, leaving out what is served already or no longer fits; the order is kept. */
export function loadPlan(state: State, plan: Solution): void {
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

/** Adds visits in their order, each one with which the truck still gets home; on its way there it may have to tip. */
function addWhatFits(state: State, vehicle: number, wanted: readonly number[]): void {
  const route = state.routes[vehicle]!;
  const seq = new Int32Array(route.len + wanted.length + 1);
  seq.set(route.seq.subarray(0, route.len));
  let [len, kept] = [route.len, route.len];
  for (const node of wanted) {
    seq[len] = node;
    const closed = close(state, vehicle, seq, len + 1);
    if (closed === 0) continue;
    len++;
    kept = closed;
  }
  // The last visit that was tried and refused may have overwritten the closing one.
  if (kept > len) kept = close(state, vehicle, seq, len);
  if (kept > route.len) assign(state, route, seq, kept);
}

/** Length of a sequence, or of it and a visit to a site that is written behind it, that keeps every rule; 0 when none does. */
function close({ model, rules }: State, vehicle: number, seq: Int32Array, len: number): number {
  if (keepsRules(model, rules, vehicle, { seq, len })) return len;
  if (seq[len - 1]! >= model.stopCount) return 0;
  for (let site = model.stopCount; site < model.stopCount + model.siteCount; site++) {
    seq[len] = site;
    if (keepsRules(model, rules, vehicle, { seq, len: len + 1 })) return len + 1;
  }
  return 0;
}
