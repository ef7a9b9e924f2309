import { append, leg, placeAt, startDraft } from './operator.ts';
import type { Draft, Operator } from './operator.ts';
import type { RouteState } from '../search/route-state.ts';
import type { State } from '../search/state.ts';

interface Pair {
  one: RouteState;
  two: RouteState;
  /** seq indices of a and of the visit behind b */
  i: number;
  j: number;
}

function pairOf(state: State, a: number, b: number): Pair | undefined {
  const one = state.routes[state.routeOf[a]!]!;
  const two = state.routes[state.routeOf[b]!]!;
  const [i, j] = [state.posOf[a]!, state.posOf[b]! + 1];
  if (i < one.locked || j < two.locked || j >= two.len) return undefined;
  if (one === two && Math.abs(i - j) < 2) return undefined;
  return { one, two, i, j };
}

function exchange(state: State, route: RouteState, index: number, place: number): number {
  const { model } = state;
  const [before, was, after] = [
    placeAt(model, route, index - 1),
    placeAt(model, route, index),
    placeAt(model, route, index + 1),
  ];
  const now = leg(model, route, before, place) + leg(model, route, place, after);
  return now - leg(model, route, before, was) - leg(model, route, was, after);
}

function copyWith(draft: Draft, route: RouteState, index: number, node: number): void {
  startDraft(draft, route, route.len);
  append(draft, route, 0, route.len);
  draft.seq[index] = node;
}

/** Exchanges a with the visit behind b, so that a comes to stand behind b. */
export const swap: Operator = {
  name: 'swap',
  supports: () => true,
  delta(state, a, b) {
    const pair = pairOf(state, a, b);
    if (!pair) return Infinity;
    const { one, two, i, j } = pair;
    return (
      exchange(state, one, i, placeAt(state.model, two, j)) + exchange(state, two, j, placeAt(state.model, one, i))
    );
  },
  build(state, a, b, move) {
    const { one, two, i, j } = pairOf(state, a, b)!;
    const [nodeA, nodeC] = [one.seq[i]!, two.seq[j]!];
    move.both = one !== two;
    copyWith(move.first, one, i, nodeC);
    if (move.both) copyWith(move.second, two, j, nodeA);
    else move.first.seq[j] = nodeA;
  },
};
