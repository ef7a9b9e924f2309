import { keepsRules } from '../evaluate.ts';
import type { Model } from '../model.ts';
import type { Neighbours } from './neighbours.ts';
import { assign } from './state.ts';
import type { State } from './state.ts';

/** Joining the route that ends at one stop to the one that starts at another, and what that saves. */
interface Saving {
  readonly tail: number;
  readonly head: number;
  readonly gain: number;
}

/** Savings need alike, idle vehicles, and trips that are whole routes. */
export function supportsSavings(model: Model): boolean {
  const [first] = model.vehicles;
  return (
    model.siteCount === 0 &&
    model.allowed === undefined &&
    model.primary === undefined &&
    model.vehicles.every((vehicle) => vehicle.classId === first!.classId && !vehicle.underWay)
  );
}

function listSavings(model: Model, neighbours: Neighbours): Saving[] {
  const { start, end, arc } = model.vehicles[0]!;
  const { locations: n, place } = model;
  const savings: Saving[] = [];
  for (let tail = 0; tail < model.stopCount; tail++) {
    for (let k = 0; k < neighbours.width; k++) {
      const head = neighbours.list[tail * neighbours.width + k]!;
      const gain =
        arc[place[tail]! * n + end]! + arc[start * n + place[head]!]! - arc[place[tail]! * n + place[head]!]!;
      if (gain > 0) savings.push({ tail, head, gain });
    }
  }
  return savings.sort((x, y) => y.gain - x.gain || x.tail - y.tail || x.head - y.head);
}

/** The parallel savings method (Clarke & Wright 1964) over near pairs; takes required stops only, all idle vehicles alike. */
export function buildBySavings(state: State, neighbours: Neighbours): void {
  const { model, rules } = state;
  const alone = (stop: number): number[] | undefined =>
    model.required[stop] && keepsRules(model, rules, 0, { seq: Int32Array.of(stop), len: 1 }) ? [stop] : undefined;
  const routes = Array.from({ length: model.stopCount }, (_, stop) => alone(stop));
  for (const { tail, head } of listSavings(model, neighbours)) {
    const [first, second] = [routes[tail], routes[head]];
    if (!first || !second || first === second || first.at(-1) !== tail || second[0] !== head) continue;
    const joined = [...first, ...second];
    if (!keepsRules(model, rules, 0, { seq: Int32Array.from(joined), len: joined.length })) continue;
    for (const stop of joined) routes[stop] = joined;
  }
  const built = [...new Set(routes)].filter((route) => route !== undefined).sort((x, y) => y.length - x.length);
  // Where vehicles run short the shortest routes are given up; their stops are inserted one by one afterwards.
  for (const [index, route] of built.slice(0, model.vehicles.length).entries()) {
    assign(state, state.routes[index]!, Int32Array.from(route), route.length);
  }
}
