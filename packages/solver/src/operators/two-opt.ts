import { append, appendReversed, leg, legs, placeAt, startDraft } from './operator.ts';
import type { Operator } from './operator.ts';

/** Turns round what lies between a and b in one route, b included, so that b follows a. */
export const twoOpt: Operator = {
  name: 'two-opt',
  supports: () => true,
  delta(state, a, b) {
    const route = state.routes[state.routeOf[a]!]!;
    const [i, j] = [state.posOf[a]!, state.posOf[b]!];
    if (state.routeOf[b] !== route.vehicle || j < i + 2 || i + 1 < route.locked) return Infinity;
    const { model } = state;
    // Roads are not symmetric, so the legs in between count too.
    let turned = leg(model, route, placeAt(model, route, i), placeAt(model, route, j));
    for (let p = j; p > i + 1; p--) turned += leg(model, route, placeAt(model, route, p), placeAt(model, route, p - 1));
    turned += leg(model, route, placeAt(model, route, i + 1), placeAt(model, route, j + 1));
    return turned - legs(model, route, { from: i, to: j + 1, vehicle: route.vehicle });
  },
  build(state, a, b, move) {
    const route = state.routes[state.routeOf[a]!]!;
    const [i, j] = [state.posOf[a]!, state.posOf[b]!];
    move.both = false;
    startDraft(move.first, route, route.len);
    append(move.first, route, 0, i + 1);
    appendReversed(move.first, route, i + 1, j + 1);
    append(move.first, route, j + 1, route.len);
  },
};
