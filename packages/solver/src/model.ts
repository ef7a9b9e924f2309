import { compileCompartments } from './constraints/compartments.ts';
import type { Compartments } from './constraints/compartments.ts';
import { compileEnergy } from './constraints/energy.ts';
import type { EnergyModel } from './constraints/energy.ts';
import { compileAreas } from './constraints/fairness.ts';
import type { Areas } from './constraints/fairness.ts';
import { compileRandomLoad } from './constraints/random-load.ts';
import type { RandomLoad } from './constraints/random-load.ts';
import { compileTerritory } from './constraints/territory.ts';
import type { Territory } from './constraints/territory.ts';
import { leastDurations } from './constraints/travel-by-hour.ts';
import { compileVisitPrices } from './constraints/visit-price.ts';
import type { VisitPrices } from './constraints/visit-price.ts';
import { compileExact } from './exact/exact-model.ts';
import type { ExactModel } from './exact/exact-model.ts';
import { UNREACHABLE } from './problem.ts';
import { resolve } from './resolve/index.ts';
import type { Problem, Profile, Vehicle, Window } from './problem.ts';

/** No limit, in any unit; finite so that sums of it never make NaN. */
export const FREE = 1e12;
/** Cost of an impossible leg; anything from half of it on is refused. */
export const FORBIDDEN = 1e15;

/** A vehicle with its defaults filled in and its matrices at hand. */
export interface ModelVehicle {
  readonly start: number;
  readonly end: number;
  readonly capacity: Float64Array;
  readonly earliestS: number;
  readonly latestS: number;
  readonly maxDurationS: number;
  readonly fixedCost: number;
  readonly costPerM: number;
  readonly costPerS: number;
  readonly distanceM: Int32Array;
  /** the least at any time of day */
  readonly durationS: Int32Array;
  /** Float64Array n·n, row-major [from*n+to]: metres and seconds of driving in money */
  readonly arc: Float64Array;
  /** the same by the end of the leg [to*n+from], so that the legs to one place lie together; arc itself when symmetric */
  readonly arcIn: Float64Array;
  /** fractions that may still be aboard on return, as bits */
  readonly endMask: number;
  readonly initialLoad: Float64Array;
  readonly initialMask: number;
  /** nodes */
  readonly locked: Int32Array;
  /** in use even without stops */
  readonly underWay: boolean;
  /** vehicles of one class are interchangeable */
  readonly classId: number;
}

/**
 * The problem as flat arrays for the search. Nodes are the stops 0…S-1, then the disposal sites S…S+D-1.
 */
export interface Model {
  readonly problem: Problem;
  readonly locations: number;
  readonly stopCount: number;
  readonly siteCount: number;
  readonly dims: number;
  readonly place: Int32Array;
  readonly serviceS: Float64Array;
  /** Float64Array nodes·dims */
  readonly load: Float64Array;
  /** a stop's fraction, a site's accepted fractions, as bits */
  readonly mask: Int32Array;
  readonly windowFrom: Int32Array;
  readonly openS: Float64Array;
  readonly closeS: Float64Array;
  /** per stop, the earliest departure of the trip that serves it; undefined when no stop has one */
  readonly releaseS: Float64Array | undefined;
  /** cost of leaving a stop out; for required ones above any sensible detour */
  readonly skipCost: Float64Array;
  readonly required: Uint8Array;
  /** Uint8Array stops·vehicles, 1 = may serve; undefined when every vehicle may serve every stop */
  readonly allowed: Uint8Array | undefined;
  readonly vehicles: readonly ModelVehicle[];
  /** per stop, the first of its ways, and its next one or -1; undefined when every stop has one way */
  readonly primary: Int32Array | undefined;
  readonly nextWay: Int32Array | undefined;
  /** some window, shift or duration limit exists */
  readonly timed: boolean;
  /** the length of some shift costs or is limited */
  readonly spans: boolean;
  /** rules that only driving a whole sequence can tell; undefined when none is used */
  readonly exact: ExactModel | undefined;
  /** undefined when not used, like those below */
  readonly randomLoad: RandomLoad | undefined;
  readonly territory: Territory | undefined;
  readonly visitPrices: VisitPrices | undefined;
  readonly energy: EnergyModel | undefined;
  readonly areas: Areas | undefined;
  readonly compartments: Compartments | undefined;
}

function bits(fractions: readonly number[] | undefined): number {
  if (!fractions) return -1;
  return fractions.reduce((mask, fraction) => mask | (1 << fraction), 0);
}

function vector(values: readonly number[] | undefined, dims: number, missing: number): Float64Array {
  return Float64Array.from({ length: dims }, (_, k) => values?.[k] ?? missing);
}

function arcCosts({ distanceM, durationS }: Profile, vehicle: Vehicle): Float64Array {
  const [perM, perS] = [vehicle.costPerM ?? 1, vehicle.costPerS ?? 0];
  const arc = new Float64Array(distanceM.length);
  for (let i = 0; i < arc.length; i++) {
    const open = distanceM[i]! < UNREACHABLE && durationS[i]! < UNREACHABLE;
    arc[i] = open ? perM * distanceM[i]! + perS * durationS[i]! : FORBIDDEN;
  }
  return arc;
}

function turned(arc: Float64Array, n: number): Float64Array {
  let same = true;
  for (let i = 0; i < n && same; i++) for (let j = 0; j < i; j++) if (arc[i * n + j] !== arc[j * n + i]) same = false;
  if (same) return arc;
  const other = new Float64Array(arc.length);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) other[j * n + i] = arc[i * n + j]!;
  return other;
}

function endMask(problem: Problem, vehicle: Vehicle): number {
  if (!vehicle.mustEndEmpty) return -1;
  const here = (problem.sites ?? []).filter((site) => site.location === vehicle.endLocation);
  return here.reduce((mask, site) => mask | bits(site.fractions), bits(vehicle.mayEndWith ?? []));
}

function compileVehicle(
  problem: Problem,
  dims: number,
  { vehicle, profile: { distanceM, durationS } }: { vehicle: Vehicle; profile: Profile },
): Omit<ModelVehicle, 'arc' | 'arcIn' | 'classId'> {
  const loaded = vehicle.initialLoad?.some((amount) => amount > 0) ?? false;
  const locked = (vehicle.locked ?? []).map((code) => (code >= 0 ? code : problem.stops.length + ~code));
  return {
    start: vehicle.startLocation,
    end: vehicle.endLocation,
    capacity: vector(vehicle.capacity, dims, FREE),
    earliestS: vehicle.shift?.[0] ?? 0,
    latestS: vehicle.shift?.[1] ?? FREE,
    maxDurationS: vehicle.maxDurationS ?? FREE,
    fixedCost: vehicle.fixedCost ?? 0,
    costPerM: vehicle.costPerM ?? 1,
    costPerS: vehicle.costPerS ?? 0,
    distanceM,
    durationS,
    endMask: endMask(problem, vehicle),
    initialLoad: vector(vehicle.initialLoad, dims, 0),
    initialMask: loaded ? bits(vehicle.initialFractions ?? [0]) : 0,
    locked: Int32Array.from(locked),
    underWay: (vehicle.underWay ?? false) || loaded || locked.length > 0,
  };
}

function bothWays(arc: Float64Array, n: number): Pick<ModelVehicle, 'arc' | 'arcIn'> {
  return { arc, arcIn: turned(arc, n) };
}

/** What stops and the previous plan say about one vehicle alone, so that only vehicles alike in all of it are one class. */
function ownTerms({ stops, previous }: Problem, vehicle: number): string {
  if (previous) return String(vehicle);
  if (!stops.some(({ hours, familiarTo, visitCosts }) => hours || familiarTo || visitCosts)) return '';
  const terms = stops.map(({ hours = [], familiarTo, visitCosts }) => [
    hours.map(({ vehicles }) => vehicles.includes(vehicle)),
    familiarTo?.includes(vehicle),
    visitCosts?.[vehicle],
  ]);
  return JSON.stringify(terms);
}

function compileVehicles(problem: Problem, dims: number, allowed: Uint8Array | undefined): ModelVehicle[] {
  const arcs = new Map<string, Pick<ModelVehicle, 'arc' | 'arcIn'>>();
  const classes = new Map<string, number>();
  const profiles = problem.profiles.map((profile) => ({ ...profile, durationS: leastDurations(profile) }));
  return problem.vehicles.map((vehicle, index) => {
    const profile = profiles[vehicle.profile ?? 0]!;
    const arcKey = `${vehicle.profile ?? 0}/${vehicle.costPerM ?? 1}/${vehicle.costPerS ?? 0}`;
    const costs = arcs.get(arcKey) ?? bothWays(arcCosts(profile, vehicle), problem.locations);
    arcs.set(arcKey, costs);
    const column = allowed?.filter((_, i) => i % problem.vehicles.length === index).join('') ?? '';
    const classKey = JSON.stringify(vehicle) + column + ownTerms(problem, index);
    const classId = classes.get(classKey) ?? classes.size;
    classes.set(classKey, classId);
    return { ...compileVehicle(problem, dims, { vehicle, profile }), ...costs, classId };
  });
}

function compileAllowed(problem: Problem): Uint8Array | undefined {
  if (!problem.stops.some((stop) => stop.allowedVehicles)) return undefined;
  const width = problem.vehicles.length;
  const allowed = new Uint8Array(problem.stops.length * width).fill(1);
  for (const [index, stop] of problem.stops.entries()) {
    if (!stop.allowedVehicles) continue;
    allowed.fill(0, index * width, (index + 1) * width);
    for (const vehicle of stop.allowedVehicles) allowed[index * width + vehicle] = 1;
  }
  return allowed;
}

function flattenWindows(
  all: readonly (readonly Window[] | undefined)[],
): Pick<Model, 'windowFrom' | 'openS' | 'closeS'> {
  const windowFrom = new Int32Array(all.length + 1);
  const [openS, closeS]: [number[], number[]] = [[], []];
  for (const [index, windows] of all.entries()) {
    for (const [open, close] of windows?.length ? windows : [[-FREE, FREE] as const]) {
      openS.push(open);
      closeS.push(close);
    }
    windowFrom[index + 1] = openS.length;
  }
  return { windowFrom, openS: Float64Array.from(openS), closeS: Float64Array.from(closeS) };
}

/** A required stop must outweigh the dearest round trip, yet stay small enough for the search to swap stops. */
function skipPenalty(problem: Problem, vehicles: readonly ModelVehicle[]): number {
  const n = problem.locations;
  let worst = 1;
  for (const vehicle of vehicles) {
    for (const stop of problem.stops) {
      const trip = vehicle.arc[vehicle.start * n + stop.location]! + vehicle.arc[stop.location * n + vehicle.end]!;
      const cost = trip + vehicle.fixedCost + (stop.serviceS ?? 0) * vehicle.costPerS;
      if (cost < FORBIDDEN / 2) worst = Math.max(worst, cost);
    }
  }
  return 3 * worst;
}

/** Chains the ways of serving each stop, the first one in front. */
function chainWays(problem: Problem): Pick<Model, 'primary' | 'nextWay'> {
  const { stops } = problem;
  if (!stops.some((stop) => stop.alternativeTo !== undefined)) return { primary: undefined, nextWay: undefined };
  const primary = Int32Array.from(stops, (stop, index) => stop.alternativeTo ?? index);
  const nextWay = new Int32Array(stops.length).fill(-1);
  const last = Int32Array.from(primary);
  for (const [index, first] of primary.entries()) {
    if (first === index) continue;
    nextWay[last[first]!] = index;
    last[first] = index;
  }
  return { primary, nextWay };
}

/** The first way of the stop that a node serves, by which it is listed. */
export function firstWay({ primary }: Model, node: number): number {
  return primary?.[node] ?? node;
}

/** All ways of the stop that a node serves; a site has itself only. */
export function waysOf({ primary, nextWay }: Model, node: number): number[] {
  if (!nextWay || primary![node] === undefined) return [node];
  const ways: number[] = [];
  for (let way = primary![node]!; way >= 0; way = nextWay[way]!) ways.push(way);
  return ways;
}

/** Turns a valid problem into flat arrays with every default filled in. */
export function compile(given: Problem): Model {
  const problem = resolve(given);
  const sites = problem.sites ?? [];
  const nodes = [...problem.stops, ...sites];
  const dims = Math.max(
    0,
    ...problem.stops.map((s) => s.load?.length ?? 0),
    ...problem.vehicles.map((v) => v.initialLoad?.length ?? 0),
  );
  const allowed = compileAllowed(problem);
  const vehicles = compileVehicles(problem, dims, allowed);
  const penalty = skipPenalty(problem, vehicles);
  const anyWindow = nodes.some((node) => node.windows?.length);
  const released = problem.stops.some((stop) => stop.releaseS !== undefined);
  return {
    problem,
    locations: problem.locations,
    stopCount: problem.stops.length,
    siteCount: sites.length,
    dims,
    place: Int32Array.from(nodes, (node) => node.location),
    serviceS: Float64Array.from([...problem.stops.map((s) => s.serviceS ?? 0), ...sites.map((s) => s.tippingS ?? 0)]),
    load: Float64Array.from(nodes.flatMap((node) => [...vector('load' in node ? node.load : undefined, dims, 0)])),
    mask: Int32Array.from([
      ...problem.stops.map((s) => bits(s.parts?.map(({ fraction }) => fraction) ?? [s.fraction ?? 0])),
      ...sites.map((s) => bits(s.fractions)),
    ]),
    ...flattenWindows(nodes.map((node) => node.windows)),
    releaseS: released ? Float64Array.from(problem.stops, (stop) => stop.releaseS ?? -FREE) : undefined,
    skipCost: Float64Array.from(problem.stops, (stop) =>
      stop.alternativeTo === undefined ? (stop.prize ?? penalty * Math.max(1, stop.priority ?? 1)) : 0,
    ),
    required: Uint8Array.from(problem.stops, ({ prize, alternativeTo }) =>
      prize === undefined && alternativeTo === undefined ? 1 : 0,
    ),
    ...chainWays(problem),
    allowed,
    vehicles,
    timed: anyWindow || released || problem.vehicles.some((v) => v.shift !== undefined || v.maxDurationS !== undefined),
    spans: problem.vehicles.some((v) => v.maxDurationS !== undefined || (v.costPerS ?? 0) > 0),
    exact: compileExact(problem),
    randomLoad: compileRandomLoad(problem, dims),
    territory: compileTerritory(problem),
    visitPrices: compileVisitPrices(problem),
    energy: compileEnergy(problem),
    areas: compileAreas(problem, penalty),
    compartments: compileCompartments(problem, dims),
  };
}
