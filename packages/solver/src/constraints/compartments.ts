import { FREE } from '../model.ts';
import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';
import { withInserted } from './draft.ts';
import type { Constraint, Shortfall } from './constraint.ts';

/** A vehicle's compartments. */
interface Body {
  readonly count: number;
  /** per fraction 0…30, its compartment */
  readonly of: Int8Array;
  /** Float64Array compartments·dims */
  readonly capacity: Float64Array;
  /** aboard at the start, likewise */
  readonly initial: Float64Array;
}

/** What stops hold per fraction, and where vehicles put it. */
export interface Compartments {
  /** per vehicle; undefined for one with a single body */
  readonly bodies: readonly (Body | undefined)[];
  /** parts of a stop: partFrom[stop] up to partFrom[stop+1] */
  readonly partFrom: Int32Array;
  readonly partFraction: Int32Array;
  /** Float64Array parts·dims */
  readonly partLoad: Float64Array;
}

/** Gives parts and bodies of a resolved problem; undefined when no vehicle has compartments. */
export function compileCompartments({ vehicles, stops }: Problem, dims: number): Compartments | undefined {
  if (!vehicles.some(({ compartments }) => compartments)) return undefined;
  const parts = stops.map((stop) => stop.parts ?? []);
  const partFrom = new Int32Array(stops.length + 1);
  for (const [stop, list] of parts.entries()) partFrom[stop + 1] = partFrom[stop]! + list.length;
  const flat = parts.flat();
  return {
    bodies: vehicles.map(({ compartments, initialParts = [] }): Body | undefined => {
      if (!compartments) return undefined;
      const of = new Int8Array(31);
      for (const [index, { fractions }] of compartments.entries())
        for (const fraction of fractions) of[fraction] = index;
      const capacity = compartments.flatMap(({ capacity = [] }) =>
        Array.from({ length: dims }, (_, k) => capacity[k] ?? FREE),
      );
      const initial = new Float64Array(compartments.length * dims);
      for (const { fraction, load } of initialParts)
        for (let k = 0; k < dims; k++) initial[of[fraction]! * dims + k]! += load[k] ?? 0;
      return { count: compartments.length, of, capacity: Float64Array.from(capacity), initial };
    }),
    partFrom,
    partFraction: Int32Array.from(flat, ({ fraction }) => fraction),
    partLoad: Float64Array.from(flat.flatMap(({ load }) => Array.from({ length: dims }, (_, k) => load[k] ?? 0))),
  };
}

let sums = new Float64Array(16);

/** The compartment and dimension that is fullest beyond its capacity over a sequence; its excess. */
function worstExcess(model: Model, body: Body, seq: Int32Array, len: number): { excess: number; compartment: number } {
  const { partFrom, partFraction, partLoad } = model.compartments!;
  const { dims, stopCount } = model;
  const size = body.count * dims;
  if (sums.length < size) sums = new Float64Array(size);
  sums.set(body.initial);
  const worst = { excess: -Infinity, compartment: 0 };
  for (let i = 0; i < len; i++) {
    const node = seq[i]!;
    if (node >= stopCount) {
      sums.fill(0, 0, size);
      continue;
    }
    for (let part = partFrom[node]!; part < partFrom[node + 1]!; part++) {
      const compartment = body.of[partFraction[part]!]!;
      for (let k = 0; k < dims; k++) {
        const at = compartment * dims + k;
        sums[at]! += partLoad[part * dims + k]!;
        if (sums[at]! - body.capacity[at]! <= worst.excess) continue;
        worst.excess = sums[at]! - body.capacity[at]!;
        worst.compartment = compartment;
      }
    }
  }
  return worst;
}

/** Keeps every compartment within its own capacity; a disposal visit, which must accept all that is aboard, empties all. */
export const compartments: Constraint = {
  name: 'compartments',
  curedByDisposal: true,
  supports: (model) => model.compartments !== undefined,
  refresh: () => undefined,
  admits(model, route, gap, a, b) {
    const body = model.compartments!.bodies[route.vehicle];
    if (!body) return true;
    const len = route.len + (b < 0 ? 1 : 2);
    return worstExcess(model, body, withInserted(route, gap, a, b), len).excess <= 1e-6;
  },
  holds(model, vehicle, seq, len) {
    const body = model.compartments!.bodies[vehicle];
    return !body || worstExcess(model, body, seq, len).excess <= 1e-6;
  },
  shortfalls(model, vehicle, seq, len): Shortfall[] {
    const body = model.compartments!.bodies[vehicle];
    if (!body) return [];
    const { excess, compartment } = worstExcess(model, body, seq, len);
    return excess > 1e-6 ? [{ code: 'NO_COMPARTMENT', amount: excess, unit: 'load', dimension: compartment }] : [];
  },
};
