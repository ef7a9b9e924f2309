/** How much a sender may still send: a burst at once, then so many a second. */
export interface Allowance {
  /** Takes one; gives the milliseconds to wait before the next, 0 while there is room. */
  take(): number;
}

/** Gives a full allowance; it may go into debt, which the wait pays off. */
export function createAllowance(options: { burst: number; perSecond: number; nowMs: () => number }): Allowance {
  const { burst, perSecond, nowMs } = options;
  let left = burst;
  let atMs = nowMs();
  return {
    take() {
      const now = nowMs();
      left = Math.min(burst, left + ((now - atMs) / 1000) * perSecond) - 1;
      atMs = now;
      return left >= 0 ? 0 : Math.ceil((-left / perSecond) * 1000);
    },
  };
}
