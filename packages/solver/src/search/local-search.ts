import { keepsRules, routeCost } from '../evaluate.ts';
import { activeOperators } from '../operators/index.ts';
import type { Draft, Move, Operator } from '../operators/operator.ts';
import { replaceDisposals } from './disposal.ts';
import type { Neighbours } from './neighbours.ts';
import { assign, dropStops } from './state.ts';
import type { State } from './state.ts';
import { createSwapStar } from './swap-star.ts';

/** Neighbours of a stop that are tried as its new company (granular search, Toth & Vigo 2003). */
const GRANULARITY = 20;
const EPSILON = 1e-6;

/** Commits a built move if it keeps every rule and costs less. */
function commit(state: State, move: Move): boolean {
  const { model, rules } = state;
  const drafts: readonly Draft[] = move.both ? [move.first, move.second] : [move.first];
  let change = 0;
  for (const { route, seq, len } of drafts) change += routeCost(model, route.vehicle, seq, len) - route.cost;
  if (change > -EPSILON) return false;
  for (const draft of drafts) {
    if (draft.route.broken || !keepsRules(model, rules, draft.route.vehicle, draft)) return false;
  }
  for (const { route } of drafts) dropStops(state, route);
  for (const { route, seq, len } of drafts) assign(state, route, seq, len);
  for (const { route } of drafts) replaceDisposals(state, route);
  return true;
}

function tryMoves(
  state: State,
  operators: readonly Operator[],
  { a, b, move }: { a: number; b: number; move: Move },
): boolean {
  for (const operator of operators) {
    if (operator.delta(state, a, b) > -EPSILON) continue;
    operator.build(state, a, b, move);
    if (commit(state, move)) return true;
  }
  return false;
}

/** Tries every move around one stop; true when one was made. */
function improveStop(
  state: State,
  neighbours: Neighbours,
  operators: readonly Operator[],
  { a, move }: { a: number; move: Move },
): boolean {
  const count = Math.min(GRANULARITY, neighbours.width);
  for (let k = 0; k < count; k++) {
    const b = neighbours.list[a * neighbours.width + k]!;
    if (state.routeOf[b]! >= 0 && tryMoves(state, operators, { a, b, move })) return true;
  }
  return false;
}

/**
 * Improves a plan by moves between near stops until none helps.
 * @param expired asked once a stop; ends the search early
 */
export function improveLocally(state: State, neighbours: Neighbours, expired: () => boolean): void {
  const swapStar = createSwapStar(state, neighbours);
  do moveStops(state, neighbours, expired);
  while (!expired() && swapStar.improve(expired));
}

function moveStops(state: State, neighbours: Neighbours, expired: () => boolean): void {
  const operators = activeOperators(state.model);
  const blank = { route: state.routes[0]!, seq: new Int32Array(64), len: 0 };
  const move: Move = { first: { ...blank }, second: { ...blank, seq: new Int32Array(64) }, both: false };
  let quiet = 0;
  const { stopCount } = state.model;
  for (let a = 0; quiet < stopCount; a = (a + 1) % stopCount) {
    if (expired()) return;
    if (state.routeOf[a]! >= 0 && improveStop(state, neighbours, operators, { a, move })) quiet = 0;
    else quiet++;
  }
}
