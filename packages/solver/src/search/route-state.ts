import type { RouteTimes } from '../exact/route-times.ts';
import type { Model } from '../model.ts';

/**
 * One vehicle's sequence during the search. Element 0 is the start, elements 1…len are seq[0…len-1], element len+1
 * is the end; gap g lies between elements g and g+1. The arrays are filled by the rules' refresh.
 */
export interface RouteState {
  readonly vehicle: number;
  /** nodes in order */
  seq: Int32Array;
  len: number;
  /** the first so many visits may not move */
  readonly locked: number;
  cost: number;
  travelS: number;
  durationS: number;
  /** legs of its vehicle, by their begin and by their end (see ModelVehicle) */
  readonly arc: Float64Array;
  readonly arcIn: Float64Array;
  /** time costs, so that the cost of a change is more than legs */
  readonly waits: boolean;
  /** place before the first gap that is free, place and leg behind it; the same of the last gap */
  headFrom: number;
  headTo: number;
  headArc: number;
  tailFrom: number;
  tailArc: number;
  /** index in state.inUse, or -1 */
  inUseAt: number;
  /** some rule fails already (a locked prefix that came out late, say): nothing may be added */
  broken: boolean;
  /** belongs to another search's part of the plan: it may not change */
  closed: boolean;
  /** per gap and dimension [g*dims+k]: aboard there, and aboard when the trip ends */
  aboard: Float64Array;
  tripLoad: Float64Array;
  /** the variances of both, where loads are random */
  aboardSpread: Float64Array;
  tripSpread: Float64Array;
  /** per gap: fractions aboard there, and those accepted where the trip ends */
  aboardMask: Int32Array;
  sinkMask: Int32Array;
  /** per element, the part up to it and the part from it: least duration, earliest and latest start for that */
  headS: Float64Array;
  headE: Float64Array;
  headL: Float64Array;
  tailS: Float64Array;
  tailE: Float64Array;
  tailL: Float64Array;
  /** per element: earliest departure from it, latest start at it, where durations do not matter */
  leaveS: Float64Array;
  dueS: Float64Array;
  /** the window that its earliest start uses */
  usedWindow: Int32Array;
  /** per gap, where releases matter: element its trip starts at, latest release before and after it in the trip */
  tripFrom: Int32Array;
  headRelease: Float64Array;
  tailRelease: Float64Array;
  /** per element: the part up to a trip's start before it waits for a release, and the part of the trip up to the element */
  rawS: Float64Array;
  rawE: Float64Array;
  rawL: Float64Array;
  inS: Float64Array;
  inE: Float64Array;
  inL: Float64Array;
  /** duration found by the last time check */
  joinedS: number;
  /** where a rule needs whole sequences: what is kept to seldom drive them */
  times: RouteTimes | undefined;
}

/** Creates the route of a vehicle: its locked visits and nothing else. */
export function createRouteState(model: Model, vehicle: number): RouteState {
  const { locked, arc, arcIn, start, costPerS } = model.vehicles[vehicle]!;
  const route: RouteState = {
    vehicle,
    seq: new Int32Array(0),
    len: 0,
    locked: locked.length,
    cost: 0,
    travelS: 0,
    durationS: 0,
    arc,
    arcIn,
    waits: costPerS > 0 || model.visitPrices !== undefined,
    headFrom: start,
    headTo: start,
    headArc: 0,
    tailFrom: start,
    tailArc: 0,
    inUseAt: -1,
    broken: false,
    closed: false,
    aboard: new Float64Array(0),
    tripLoad: new Float64Array(0),
    aboardSpread: new Float64Array(0),
    tripSpread: new Float64Array(0),
    aboardMask: new Int32Array(0),
    sinkMask: new Int32Array(0),
    headS: new Float64Array(0),
    headE: new Float64Array(0),
    headL: new Float64Array(0),
    tailS: new Float64Array(0),
    tailE: new Float64Array(0),
    tailL: new Float64Array(0),
    leaveS: new Float64Array(0),
    dueS: new Float64Array(0),
    usedWindow: new Int32Array(0),
    tripFrom: new Int32Array(0),
    headRelease: new Float64Array(0),
    tailRelease: new Float64Array(0),
    rawS: new Float64Array(0),
    rawE: new Float64Array(0),
    rawL: new Float64Array(0),
    inS: new Float64Array(0),
    inE: new Float64Array(0),
    inL: new Float64Array(0),
    joinedS: 0,
    times: undefined,
  };
  reserve(model, route, Math.max(8, locked.length));
  route.seq.set(locked);
  route.len = locked.length;
  return route;
}

/**
 * Makes room for a number of visits; sequences keep their content, the other arrays wait for a refresh.
 * @returns whether the arrays are new
 */
export function reserve(model: Model, route: RouteState, visits: number): boolean {
  if (visits <= route.seq.length) return false;
  const size = Math.max(visits, route.seq.length * 2);
  const seq = new Int32Array(size);
  seq.set(route.seq.subarray(0, route.len));
  route.seq = seq;
  route.aboard = new Float64Array((size + 1) * model.dims);
  route.tripLoad = new Float64Array((size + 1) * model.dims);
  if (model.randomLoad) {
    route.aboardSpread = new Float64Array((size + 1) * model.dims);
    route.tripSpread = new Float64Array((size + 1) * model.dims);
  }
  route.aboardMask = new Int32Array(size + 1);
  route.sinkMask = new Int32Array(size + 1);
  for (const name of timeArrays(model)) route[name] = new Float64Array(size + 2);
  route.usedWindow = new Int32Array(size + 2);
  if (model.releaseS) route.tripFrom = new Int32Array(size + 2);
  return true;
}

const SEGMENTS = ['headS', 'headE', 'headL', 'tailS', 'tailE', 'tailL'] as const;
const CLOCKS = ['leaveS', 'dueS'] as const;
const RELEASES = ['headRelease', 'tailRelease', 'rawS', 'rawE', 'rawL', 'inS', 'inE', 'inL'] as const;

function timeArrays(
  model: Model,
): readonly ((typeof SEGMENTS)[number] | (typeof CLOCKS)[number] | (typeof RELEASES)[number])[] {
  const basic = model.spans ? SEGMENTS : CLOCKS;
  return model.releaseS ? [...basic, ...RELEASES] : basic;
}
