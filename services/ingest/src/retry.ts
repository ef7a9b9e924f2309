import { isRondeError } from '@ronde/contracts';
import type { Clock, Logger, Rng } from '@ronde/kit';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/** Tells whether the fault lies in the data: trying again, or trying the rest of the batch with it, cannot help. */
export function isPoison(thrown: unknown): boolean {
  if (isRondeError(thrown)) return thrown.definition.status < 500;
  return thrown instanceof TypeError || thrown instanceof RangeError;
}

/** Tries work again for ever while a store is in trouble, with growing delays and jitter. */
export interface Retry {
  /** @throws what the work threw, when it is poison, and StopSignal's reason when stopped while waiting */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Why nothing gets through at this moment; undefined when all is well. */
  trouble(): string | undefined;
  stop(): void;
}

/** Thrown out of `run` when the service stops while a store is in trouble; nothing was stored. */
export class Stopped extends Error {}

export function createRetry(options: { clock: Clock; rng: Rng; log: Logger; onRetry: () => void }): Retry {
  const { clock, rng, log, onRetry } = options;
  let trouble: string | undefined;
  let stopped = false;
  let wake: () => void = () => undefined;
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      // stores live in host time: a fast demo clock must not shorten the wait
      const cancel = clock.after(delayMs * clock.speed, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  return {
    trouble: () => trouble,
    stop() {
      stopped = true;
      wake();
    },
    async run(work) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          const value = await work();
          trouble = undefined;
          return value;
        } catch (thrown) {
          if (isPoison(thrown)) throw thrown;
          trouble = thrown instanceof Error ? thrown.message : String(thrown);
          onRetry();
          log.warn({ err: thrown, attempt }, 'ingest.store.retry');
          if (stopped) throw new Stopped(trouble);
          await pause(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + rng.next() / 2));
          if (stopped) throw new Stopped(trouble);
        }
      }
    },
  };
}
