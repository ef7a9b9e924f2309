import { append, appendReversed, leg, legs, placeAt, startDraft } from './operator.ts';
import type { Operator } from './operator.ts';
import type { RouteState } from '../search/route-state.ts';
import type { State } from '../search/state.ts';

interface Span {
  from: RouteState;
  to: RouteState;
  /** seq indices of the first stop moved and of the stop it follows afterwards */
  i: number;
  j: number;
}

/** The routes and positions concerned; undefined when the segment is cut short, locked or already there. */
function spanOf(state: State, { a, b, count }: { a: number; b: number; count: number }): Span | undefined {
  const from = state.routes[state.routeOf[a]!]!;
  const to = state.routes[state.routeOf[b]!]!;
  const [i, j] = [state.posOf[a]!, state.posOf[b]!];
  if (i < from.locked || i + count > from.len || j + 1 < to.locked) return undefined;
  if (from === to && j >= i - 1 && j < i + count) return undefined;
  return { from, to, i, j };
}

/** Or's move: a segment that starts at a goes behind b, turned round or not; of one stop it is a relocation. */
export function moveSegment(name: string, count: number, reversed: boolean): Operator {
  return {
    name,
    supports: () => true,
    delta(state, a, b) {
      const span = spanOf(state, { a, b, count });
      if (!span) return Infinity;
      const { model } = state;
      const { from, to, i, j } = span;
      const [head, tail] = [placeAt(model, from, i), placeAt(model, from, i + count - 1)];
      const [before, after] = [placeAt(model, from, i - 1), placeAt(model, from, i + count)];
      const [left, right] = [placeAt(model, to, j), placeAt(model, to, j + 1)];
      const [first, last] = reversed ? [tail, head] : [head, tail];
      let inner = 0;
      if (reversed)
        for (let p = i + count - 1; p > i; p--)
          inner += leg(model, to, placeAt(model, from, p), placeAt(model, from, p - 1));
      else inner = legs(model, from, { from: i, to: i + count - 1, vehicle: to.vehicle });
      const removed =
        leg(model, from, before, after) - legs(model, from, { from: i - 1, to: i + count, vehicle: from.vehicle });
      return removed + leg(model, to, left, first) + inner + leg(model, to, last, right) - leg(model, to, left, right);
    },
    build(state, a, b, move) {
      const { from, to, i, j } = spanOf(state, { a, b, count })!;
      const put = reversed ? appendReversed : append;
      move.both = from !== to;
      startDraft(move.first, to, to.len + count);
      if (from !== to) {
        append(move.first, to, 0, j + 1);
        put(move.first, from, i, i + count);
        append(move.first, to, j + 1, to.len);
        startDraft(move.second, from, from.len);
        append(move.second, from, 0, i);
        append(move.second, from, i + count, from.len);
        return;
      }
      const early = j < i;
      append(move.first, to, 0, early ? j + 1 : i);
      if (!early) append(move.first, to, i + count, j + 1);
      put(move.first, from, i, i + count);
      if (early) append(move.first, to, j + 1, i);
      append(move.first, to, early ? i + count : j + 1, to.len);
    },
  };
}

/** Moves two or three consecutive visits, either way round. */
export const orOpt: readonly Operator[] = [
  moveSegment('or-opt-2', 2, false),
  moveSegment('or-opt-2-reversed', 2, true),
  moveSegment('or-opt-3', 3, false),
  moveSegment('or-opt-3-reversed', 3, true),
];
