import { append, leg, legs, placeAt, startDraft } from './operator.ts';
import type { Operator } from './operator.ts';

/** Exchanges the tails of two routes, so that b and what follows it come behind a. */
export const twoOptStar: Operator = {
  name: 'two-opt-star',
  supports: (model) => model.vehicles.length > 1,
  delta(state, a, b) {
    const one = state.routes[state.routeOf[a]!]!;
    const two = state.routes[state.routeOf[b]!]!;
    const [i, j] = [state.posOf[a]!, state.posOf[b]!];
    if (one === two || i + 1 < one.locked || j < two.locked) return Infinity;
    const { model } = state;
    const [truckOne, truckTwo] = [model.vehicles[one.vehicle]!, model.vehicles[two.vehicle]!];
    const [endOne, endTwo] = [placeAt(model, one, one.len - 1), placeAt(model, two, two.len - 1)];
    const beforeB = placeAt(model, two, j - 1);
    const restOne = { from: i + 1, to: one.len - 1 };
    const restTwo = { from: j, to: two.len - 1 };
    const alike = truckOne.arc === truckTwo.arc && truckOne.end === truckTwo.end;
    const closed =
      leg(model, one, placeAt(model, one, i), placeAt(model, one, i + 1)) +
      leg(model, two, beforeB, placeAt(model, two, j));
    const opened = leg(model, one, placeAt(model, one, i), placeAt(model, two, j));
    if (alike) return opened + leg(model, two, beforeB, placeAt(model, one, i + 1)) - closed;
    const empty = i + 1 >= one.len;
    const joinTwo = leg(model, two, beforeB, empty ? truckTwo.end : placeAt(model, one, i + 1));
    let change = opened + joinTwo - closed;
    change +=
      legs(model, two, { ...restTwo, vehicle: one.vehicle }) - legs(model, two, { ...restTwo, vehicle: two.vehicle });
    change += leg(model, one, endTwo, truckOne.end) - leg(model, two, endTwo, truckTwo.end);
    if (empty) return change;
    change +=
      legs(model, one, { ...restOne, vehicle: two.vehicle }) - legs(model, one, { ...restOne, vehicle: one.vehicle });
    return change + leg(model, two, endOne, truckTwo.end) - leg(model, one, endOne, truckOne.end);
  },
  build(state, a, b, move) {
    const one = state.routes[state.routeOf[a]!]!;
    const two = state.routes[state.routeOf[b]!]!;
    const [i, j] = [state.posOf[a]!, state.posOf[b]!];
    move.both = true;
    startDraft(move.first, one, i + 1 + two.len - j);
    append(move.first, one, 0, i + 1);
    append(move.first, two, j, two.len);
    startDraft(move.second, two, j + one.len - i - 1);
    append(move.second, two, 0, j);
    append(move.second, one, i + 1, one.len);
  },
};
