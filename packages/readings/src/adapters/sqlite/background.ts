import { setTimeout as rest } from 'node:timers/promises';
import type { Logger } from '@ronde/kit';
import type { Slice } from './compact.ts';

const WAKE_MS = 250;
const RETRY_MS = 10_000;
/** Rest after a slice, in its own lengths, while others wait for the writer. */
const REST_BUSY = 2;

/** Runs slices of work between others' calls. */
export interface Background {
  /** Tells that there may be something to do. */
  wake(): void;
  /** Does all there is to do now, also what is not settled. */
  finish(): Promise<void>;
  /** Does work in slices, resting between them as the background does; gives how many readings it took away. */
  inSlices(slice: () => Promise<Slice & { removed: number }>): Promise<number>;
  /** Resolves when no slice runs any more. */
  stop(): Promise<void>;
}

/** Creates the background; `waiting` tells how many calls the thread has not answered. */
export function createBackground(
  slice: (isAll?: boolean) => Promise<Slice>,
  waiting: () => number,
  log: Logger,
): Background {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let isStopped = false;
  const restMs = (tookMs: number): number => (waiting() > 0 ? tookMs * REST_BUSY : 0);
  const schedule = (delayMs: number): void => {
    if (isStopped || timer) return;
    timer = setTimeout(() => {
      running = run();
    }, delayMs);
    timer.unref();
  };
  const run = async (): Promise<void> => {
    timer = undefined;
    try {
      const { isMore, tookMs } = await slice();
      if (isMore) schedule(restMs(tookMs));
    } catch (error) {
      // nothing is lost: what was not packed is read as it lies
      log.warn({ err: error }, 'readings.store.compact');
      schedule(RETRY_MS);
    }
  };
  return {
    wake: () => schedule(WAKE_MS),
    async finish() {
      while ((await slice(true)).isMore);
    },
    async inSlices(work) {
      for (let removed = 0; ;) {
        const done = await work();
        removed += done.removed;
        if (!done.isMore || isStopped) return removed;
        await rest(restMs(done.tookMs), undefined, { ref: false });
      }
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
