export interface BackOff {
  firstMs: number;
  maxMs: number;
}

const DEFAULT_BACK_OFF: BackOff = { firstMs: 500, maxMs: 30_000 };

/** Gives the wait before try `attempt` (0, 1, …): doubling, capped, with jitter so that screens do not return as one. */
export function delayOf(attempt: number, random: () => number, backOff: BackOff = DEFAULT_BACK_OFF): number {
  const ceiling = Math.min(backOff.maxMs, backOff.firstMs * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
