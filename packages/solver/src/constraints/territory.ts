import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';
import type { Constraint } from './constraint.ts';

/** What crews know, and how much of what they do not know they may be given. */
export interface Territory {
  /** Uint8Array stops·vehicles, 1 = the crew does not know the stop */
  readonly unfamiliar: Uint8Array;
  /** per vehicle; Infinity when it has no bound */
  readonly most: Float64Array;
}

/** Whether a crew does not know a stop: only stops that say who knows them are unfamiliar to the others. */
export function isUnfamiliar({ stops }: Problem, stop: number, vehicle: number): boolean {
  const { familiarTo } = stops[stop]!;
  return familiarTo !== undefined && !familiarTo.includes(vehicle);
}

/** Gives the bounds on unfamiliar stops; undefined when no vehicle has one. */
export function compileTerritory(problem: Problem): Territory | undefined {
  if (!problem.vehicles.some(({ maxUnfamiliar }) => maxUnfamiliar !== undefined)) return undefined;
  const width = problem.vehicles.length;
  const unfamiliar = new Uint8Array(problem.stops.length * width);
  for (const stop of problem.stops.keys()) {
    for (let vehicle = 0; vehicle < width; vehicle++)
      unfamiliar[stop * width + vehicle] = isUnfamiliar(problem, stop, vehicle) ? 1 : 0;
  }
  return { unfamiliar, most: Float64Array.from(problem.vehicles, ({ maxUnfamiliar }) => maxUnfamiliar ?? Infinity) };
}

function count({ stopCount, vehicles, territory }: Model, vehicle: number, seq: Int32Array, len: number): number {
  let sum = 0;
  for (let i = 0; i < len; i++)
    if (seq[i]! < stopCount) sum += territory!.unfamiliar[seq[i]! * vehicles.length + vehicle]!;
  return sum;
}

/** Keeps the stops that a crew does not know within its bound. */
export const territory: Constraint = {
  name: 'territory',
  curedByDisposal: false,
  supports: (model) => model.territory !== undefined,
  wholeRoute: () => true,
  refresh: () => undefined,
  admits(model, { vehicle, seq, len }, _gap, a, b) {
    const { unfamiliar, most } = model.territory!;
    const stop = a < model.stopCount ? a : b;
    if (unfamiliar[stop * model.vehicles.length + vehicle] === 0 || most[vehicle] === Infinity) return true;
    return count(model, vehicle, seq, len) < most[vehicle]!;
  },
  holds: (model, vehicle, seq, len) => count(model, vehicle, seq, len) <= model.territory!.most[vehicle]!,
  shortfalls(model, vehicle, seq, len) {
    const amount = count(model, vehicle, seq, len) - model.territory!.most[vehicle]!;
    return amount > 0 ? [{ code: 'TOO_UNFAMILIAR', amount, unit: 'visits' }] : [];
  },
};
