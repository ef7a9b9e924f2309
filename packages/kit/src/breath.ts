/** How long one stretch of work may keep the event loop by default [ms]. */
const STRETCH_MS = 2;

/** Called between the steps of long work: gives way where that is due, and nothing to wait for where it is not. */
export type Breath = () => Promise<void> | undefined;

/**
 * Makes a function that long work calls between its steps: it gives way to everything else that waits for the event loop,
 * but only when the work has gone on for so long. On a busy machine a stretch takes a multiple of its processor time.
 */
export function createBreath(stretchMs = STRETCH_MS): Breath {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < stretchMs) return undefined;
    return new Promise((resolve) => {
      waiting.push(() => {
        sinceMs = performance.now();
        resolve();
      });
      if (waiting.length === 1) setImmediate(wakeOne);
    });
  };
}

/** Who gave way: one goes on in each turn of the event loop, or several stretches would follow each other without a break. */
const waiting: (() => void)[] = [];

function wakeOne(): void {
  waiting[0]!();
  waiting.shift();
  if (waiting.length > 0) setImmediate(wakeOne);
}
