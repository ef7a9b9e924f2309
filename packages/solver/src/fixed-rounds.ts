import type { Problem, Stop } from './problem.ts';

/** A round that is agreed already and takes a vehicle, with its crew, for a while: a market to clean, a contract's glass run. */
export interface FixedRound {
  readonly vehicle: number;
  /** location where it begins and ends */
  readonly location: number;
  readonly startS: number;
  readonly endS: number;
  /** what it leaves aboard, per dimension; nothing when absent */
  readonly load?: readonly number[];
  readonly fraction?: number;
}

/**
 * Reserves vehicles for fixed rounds: each becomes a required stop that only its vehicle may serve, at its hour and for as long
 * as it takes. Tip slots are reserved by narrowing a site's windows instead.
 * @returns the problem, and the indices of the stops that stand for the rounds, in their order
 */
export function withFixedRounds(
  problem: Problem,
  rounds: readonly FixedRound[],
): { readonly problem: Problem; readonly stops: readonly number[] } {
  const added = rounds.map(({ vehicle, location, startS, endS, load, fraction }): Stop => ({
    location,
    serviceS: endS - startS,
    windows: [[startS, startS]],
    allowedVehicles: [vehicle],
    load,
    fraction,
  }));
  const stops = rounds.map((_, index) => problem.stops.length + index);
  return { problem: { ...problem, stops: [...problem.stops, ...added] }, stops };
}
