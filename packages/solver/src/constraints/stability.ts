import type { Model } from '../model.ts';
import type { Problem } from '../problem.ts';

/** Where the previous plan served each stop. */
export interface PreviousPlan {
  /** per stop, its vehicle and its place in that round; -1 when it was in none */
  readonly vehicle: Int32Array;
  readonly position: Int32Array;
  readonly movedCost: number;
  readonly orderCost: number;
}

/** Gives the previous plan by stop; undefined when there is none or no change to it costs anything. */
export function compilePrevious({ previous, stops }: Problem): PreviousPlan | undefined {
  const { rounds = [], movedCost = 0, orderCost = 0 } = previous ?? {};
  if (movedCost === 0 && orderCost === 0) return undefined;
  const vehicle = new Int32Array(stops.length).fill(-1);
  const position = new Int32Array(stops.length).fill(-1);
  for (const round of rounds) {
    for (const [place, stop] of round.stops.entries()) {
      const served = stops[stop]!.alternativeTo ?? stop;
      vehicle[served] = round.vehicle;
      position[served] = place;
    }
  }
  // whichever way a stop is served now, it is the same stop
  for (const [index, { alternativeTo }] of stops.entries()) {
    if (alternativeTo === undefined) continue;
    vehicle[index] = vehicle[alternativeTo]!;
    position[index] = position[alternativeTo]!;
  }
  return { vehicle, position, movedCost, orderCost };
}

/** Price of driving straight from one stop to another whose order the previous plan had the other way round. */
export function turnedPrice({ vehicle, position, orderCost }: PreviousPlan, from: number, to: number): number {
  return vehicle[from]! >= 0 && vehicle[from] === vehicle[to] && position[from]! > position[to]! ? orderCost : 0;
}

/** Price of the turned pairs in a sequence; disposal visits between two stops do not part them. */
export function turnedPrices({ stopCount }: Model, plan: PreviousPlan, seq: Int32Array, len: number): number {
  let [sum, last] = [0, -1];
  for (let i = 0; i < len; i++) {
    const node = seq[i]!;
    if (node >= stopCount) continue;
    if (last >= 0) sum += turnedPrice(plan, last, node);
    last = node;
  }
  return sum;
}
