import type { Model } from '../model.ts';
import type { RouteState } from '../search/route-state.ts';
import type { State } from '../search/state.ts';

/** A sequence being written. */
export interface Draft {
  route: RouteState;
  seq: Int32Array;
  len: number;
}

/** The one or two routes that a move rewrites; second is unused when both stops are in one route. */
export interface Move {
  readonly first: Draft;
  readonly second: Draft;
  both: boolean;
}

/** A local-search move that brings stop b next to stop a, both of them in routes. */
export interface Operator {
  readonly name: string;
  supports(model: Model): boolean;
  /** change of arc cost over the routes concerned; Infinity when the move does not apply here */
  delta(state: State, a: number, b: number): number;
  /** writes the sequences after the move; called only where delta is finite */
  build(state: State, a: number, b: number, move: Move): void;
}

/** Location of the element at an index of seq: -1 is the start, len the end. */
export function placeAt(model: Model, route: RouteState, index: number): number {
  if (index < 0) return model.vehicles[route.vehicle]!.start;
  if (index >= route.len) return model.vehicles[route.vehicle]!.end;
  return model.place[route.seq[index]!]!;
}

/** Arc cost of the leg between two elements of one or two routes, as driven by the first route's vehicle. */
export function leg(model: Model, route: RouteState, from: number, to: number): number {
  return model.vehicles[route.vehicle]!.arc[from * model.locations + to]!;
}

/** Sum of the legs between consecutive elements from..to of a route, as driven by a vehicle. */
export function legs(
  model: Model,
  route: RouteState,
  { from, to, vehicle }: { from: number; to: number; vehicle: number },
): number {
  const { arc } = model.vehicles[vehicle]!;
  let sum = 0;
  for (let i = from; i < to; i++)
    sum += arc[placeAt(model, route, i) * model.locations + placeAt(model, route, i + 1)]!;
  return sum;
}

/** Starts a draft for a route, with room for a number of visits. */
export function startDraft(draft: Draft, route: RouteState, visits: number): void {
  draft.route = route;
  draft.len = 0;
  if (draft.seq.length < visits) draft.seq = new Int32Array(visits * 2);
}

/** Appends seq[from…to) of a route. */
export function append(draft: Draft, route: RouteState, from: number, to: number): void {
  for (let i = from; i < to; i++) draft.seq[draft.len++] = route.seq[i]!;
}

/** Appends seq[from…to) of a route backwards. */
export function appendReversed(draft: Draft, route: RouteState, from: number, to: number): void {
  for (let i = to - 1; i >= from; i--) draft.seq[draft.len++] = route.seq[i]!;
}
