/** Where a search stands. */
export interface Progress {
  readonly iterations: number;
  readonly bestCost: number;
  /** iterations since bestCost last fell */
  readonly stalled: number;
}

/** Tells how much of a budget is used: 0 at the start, 1 or more ends the search. It also drives the cooling. */
export type StopRule = (progress: Progress) => number;

/** Ends after a number of iterations; plans are then the same for the same seed. */
export function afterIterations(limit: number): StopRule {
  return (progress) => (limit <= 0 ? 1 : progress.iterations / limit);
}

/**
 * Ends after wall time.
 * @param nowMs a monotonic clock, such as performance.now
 */
export function afterSeconds(limitS: number, nowMs: () => number): StopRule {
  const startMs = nowMs();
  return () => (limitS <= 0 ? 1 : (nowMs() - startMs) / (limitS * 1000));
}

/** Ends after this many iterations without a better plan. */
export function afterStall(limit: number): StopRule {
  return (progress) => (progress.stalled >= limit ? 1 : 0);
}

/** Ends at once when asked to. */
export function whenCancelled(isCancelled: () => boolean): StopRule {
  return () => (isCancelled() ? 1 : 0);
}

/** Ends when the first of several rules does. */
export function anyOf(...rules: readonly StopRule[]): StopRule {
  return (progress) => {
    let used = 0;
    for (const rule of rules) used = Math.max(used, rule(progress));
    return used;
  };
}
