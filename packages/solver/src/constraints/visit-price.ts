import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';
import { compilePrevious, turnedPrice, turnedPrices } from './stability.ts';
import type { PreviousPlan } from './stability.ts';
import { isUnfamiliar } from './territory.ts';

/** Money that depends on who serves what, and in which order, beside driving: stability, territory, familiarity. */
export interface VisitPrices {
  /** Float64Array stops·vehicles */
  readonly byVehicle: Float64Array;
  /** the plan whose order costs to change; undefined when it does not */
  readonly previous: PreviousPlan | undefined;
}

/** Gives the prices of visits; undefined when none costs more than its driving and its work. */
export function compileVisitPrices(problem: Problem): VisitPrices | undefined {
  const previous = compilePrevious(problem);
  const { stops, vehicles } = problem;
  const priced = stops.some(({ visitCosts }) => visitCosts?.length) || vehicles.some((v) => v.unfamiliarCost);
  if (!previous && !priced) return undefined;
  const byVehicle = new Float64Array(stops.length * vehicles.length);
  for (const [index, { visitCosts }] of stops.entries()) {
    for (const [vehicle, { unfamiliarCost = 0 }] of vehicles.entries()) {
      const moved = previous && previous.vehicle[index]! >= 0 && previous.vehicle[index] !== vehicle;
      byVehicle[index * vehicles.length + vehicle] =
        (visitCosts?.[vehicle] ?? 0) +
        (isUnfamiliar(problem, index, vehicle) ? unfamiliarCost : 0) +
        (moved ? previous.movedCost : 0);
    }
  }
  return { byVehicle, previous: previous && previous.orderCost > 0 ? previous : undefined };
}

/** Prices of the visits of a whole route. */
export function visitPrices(model: Model, vehicle: number, seq: Int32Array, len: number): number {
  const { byVehicle, previous } = model.visitPrices!;
  let sum = previous ? turnedPrices(model, previous, seq, len) : 0;
  for (let i = 0; i < len; i++)
    if (seq[i]! < model.stopCount) sum += byVehicle[seq[i]! * model.vehicles.length + vehicle]!;
  return sum;
}

/** What a stop in a gap adds to those prices. */
export function addedVisitPrice(
  model: Model,
  { vehicle, seq, len }: { vehicle: number; seq: Int32Array; len: number },
  gap: number,
  stop: number,
): number {
  const { byVehicle, previous } = model.visitPrices!;
  const price = byVehicle[stop * model.vehicles.length + vehicle]!;
  if (!previous) return price;
  let [before, after] = [gap - 1, gap];
  while (before >= 0 && seq[before]! >= model.stopCount) before--;
  while (after < len && seq[after]! >= model.stopCount) after++;
  const head = before >= 0 ? turnedPrice(previous, seq[before]!, stop) : 0;
  const tail = after < len ? turnedPrice(previous, stop, seq[after]!) : 0;
  const was = before >= 0 && after < len ? turnedPrice(previous, seq[before]!, seq[after]!) : 0;
  return price + head + tail - was;
}
