/*
 * A path is better when it takes less time, and of two that take the same, when it is shorter. One number orders both:
 * milliseconds times 2^26 plus decimetres. Sums stay exact up to 37 hours and 6,700 km, so the fastest path and its length
 * come out the same whoever computes them.
 */
const SCALE = 2 ** 26;

/** Closed. */
export const CLOSED = Infinity;

/** Makes the weight of some milliseconds and decimetres. */
export function weightOf(ms: number, dm: number): number {
  return ms * SCALE + dm;
}

/** Gives the time of a weight, milliseconds. */
export function msOf(weight: number): number {
  return Math.floor(weight / SCALE);
}

/** Gives the length of a weight, decimetres. */
export function dmOf(weight: number): number {
  return weight - Math.floor(weight / SCALE) * SCALE;
}

/** Splits a weight at a fraction of its way: the part before it, in whole milliseconds and decimetres. */
export function partOf(weight: number, fraction: number): number {
  return weightOf(Math.round(msOf(weight) * fraction), Math.round(dmOf(weight) * fraction));
}
