import type { Rng } from '../rng.ts';

/** Measured at an interval of 60 min: p1 and p99 of the gap are 4 to 5 s off. */
const DEVIATION_MS = 1_950;
/** A device that reports every few seconds does not scatter by as much. */
const MOST = 1 / 60;

/** How much earlier or later than its interval a device reports, ms. */
export function jitterMs(rng: Rng, { intervalMs, factor }: { intervalMs: number; factor: number }): number {
  if (factor <= 0) return 0;
  const limitMs = intervalMs * MOST;
  return Math.max(-limitMs, Math.min(limitMs, rng.normal(0, DEVIATION_MS * factor)));
}
