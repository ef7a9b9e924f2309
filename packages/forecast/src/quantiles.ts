/** Probabilities at which a predictive distribution is kept. */
export const LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;
export const LEVEL_COUNT = LEVELS.length;
export const P05 = 0;
export const P50 = 3;
export const P95 = 6;
const LAST = LEVEL_COUNT - 1;

/** Gives P(value < x) for a distribution known by its quantiles, with exponential tails beyond the outer two. */
export function probabilityBelow(quantiles: readonly number[], x: number): number {
  if (x <= quantiles[0]!) return LEVELS[0] * tail(quantiles[0]! - x, quantiles[1]! - quantiles[0]!);
  if (x >= quantiles[LAST]!)
    return 1 - (1 - LEVELS[LAST]!) * tail(x - quantiles[LAST]!, quantiles[LAST]! - quantiles[LAST - 1]!);
  let k = 1;
  while (quantiles[k]! < x) k++;
  const width = quantiles[k]! - quantiles[k - 1]!;
  const share = width > 0 ? (x - quantiles[k - 1]!) / width : 1;
  return LEVELS[k - 1]! + share * (LEVELS[k]! - LEVELS[k - 1]!);
}

/** Between neighbouring outer levels the tail mass halves; beyond them it goes on halving per the same distance. */
function tail(distance: number, halving: number): number {
  return distance <= 0 ? 1 : 2 ** -(distance / Math.max(halving, 1e-6));
}

/** Gives the mean of the distribution after clamping to 0..1: each level stands for the mass nearest to it. */
export function clampedMean(quantiles: readonly number[]): number {
  let sum = 0;
  let from = 0;
  for (let k = 0; k < LEVEL_COUNT; k++) {
    const to = k === LAST ? 1 : (LEVELS[k]! + LEVELS[k + 1]!) / 2;
    sum += (to - from) * clamp01(quantiles[k]!);
    from = to;
  }
  return sum;
}

export function clamp01(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
