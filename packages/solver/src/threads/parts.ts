import { firstWay } from '../model.ts';
import type { Random } from '../random.ts';
import type { Neighbours } from '../search/neighbours.ts';
import type { State } from '../search/state.ts';

/** Which of several parts each vehicle and each stop belongs to. */
export interface Parts {
  readonly ofVehicle: Int32Array;
  readonly ofStop: Int32Array;
}

/** Nearest stops by which routes are found to lie side by side. */
const LOOKED_AT = 12;

/** Per route in use, how many of its stops have a near stop in each other one: [a·routes + b]. */
function bordersOf(state: State, neighbours: Neighbours): Float64Array {
  const { routes, routeOf, model } = state;
  const borders = new Float64Array(routes.length * routes.length);
  const width = Math.min(LOOKED_AT, neighbours.width);
  for (let stop = 0; stop < model.stopCount; stop++) {
    const a = routeOf[stop]!;
    if (a < 0) continue;
    for (let k = 0; k < width; k++) {
      const b = routeOf[neighbours.list[stop * neighbours.width + k]!]!;
      if (b < 0 || b === a) continue;
      borders[a * routes.length + b]!++;
      borders[b * routes.length + a]!++;
    }
  }
  return borders;
}

/** Adds routes to a part, always the one that borders most on it, until it has its share of the stops. */
function grow(
  state: State,
  open: Set<number>,
  { first, share, borders }: { first: number; share: number; borders: Float64Array },
): number[] {
  const count = state.routes.length;
  const pull = new Float64Array(count);
  const part: number[] = [];
  let stops = 0;
  for (let next = first; ;) {
    part.push(next);
    open.delete(next);
    stops += state.routes[next]!.len;
    if (stops >= share || open.size === 0) return part;
    for (let other = 0; other < count; other++) pull[other]! += borders[next * count + other]!;
    next = [...open].reduce((x, y) => (pull[y]! > pull[x]! ? y : x));
  }
}

/**
 * Divides a plan into parts of routes that lie side by side, with as many stops each; idle vehicles are dealt out by class,
 * and stops left out go with their nearest stop in a route. The same plan and random numbers give the same parts.
 */
export function divide(
  state: State,
  neighbours: Neighbours,
  { count, random }: { count: number; random: Random },
): Parts {
  const { routes, routeOf, model, absent, absentCount } = state;
  const ofVehicle = new Int32Array(routes.length).fill(-1);
  const ofStop = new Int32Array(model.stopCount);
  const open = new Set(routes.filter(({ len }) => len > 0).map(({ vehicle }) => vehicle));
  const borders = bordersOf(state, neighbours);
  const share = routes.reduce((sum, { len }) => sum + len, 0) / count;
  for (let part = 0; part < count && open.size > 0; part++) {
    const first = [...open][random.int(open.size)]!;
    const members = part === count - 1 ? [...open] : grow(state, open, { first, share, borders });
    for (const vehicle of members) ofVehicle[vehicle] = part;
  }
  const dealt = new Map<number, number>();
  const turn = random.int(count);
  for (const { vehicle } of routes) {
    if (ofVehicle[vehicle]! >= 0) continue;
    const { classId } = model.vehicles[vehicle]!;
    const nth = dealt.get(classId) ?? turn;
    dealt.set(classId, nth + 1);
    ofVehicle[vehicle] = nth % count;
  }
  for (let stop = 0; stop < model.stopCount; stop++)
    if (routeOf[stop]! >= 0) ofStop[firstWay(model, stop)] = ofVehicle[routeOf[stop]!]!;
  for (let i = 0; i < absentCount; i++) {
    const from = absent[i]! * neighbours.width;
    const near = neighbours.list.subarray(from, from + neighbours.width).find((stop) => routeOf[stop]! >= 0);
    ofStop[absent[i]!] = near === undefined ? 0 : ofVehicle[routeOf[near]!]!;
  }
  return { ofVehicle, ofStop };
}
