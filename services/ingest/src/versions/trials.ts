import { RondeError } from '@ronde/contracts';
import { openTrial, type Trial } from '@ronde/sensor-types';

/** Lends out sandboxes for versions nobody trusts yet, one at a time. */
export interface Trials {
  /** @throws RondeError RATE_EXCEEDED when others wait already */
  use<T>(work: (trial: Trial) => Promise<T>): Promise<T>;
}

const MAX_WAITING = 8;

/** Creates the trials; each piece of work gets a sandbox that nobody used before, and that goes when it ends. */
export function createTrials(): Trials {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    async use(work) {
      if (waiting >= MAX_WAITING)
        throw new RondeError('RATE_EXCEEDED', 'other versions are being tried; wait a moment');
      waiting += 1;
      const mine = last.then(async () => {
        const trial = await openTrial();
        try {
          return await work(trial);
        } finally {
          await trial.close();
        }
      });
      last = mine.catch(() => undefined);
      return mine.finally(() => (waiting -= 1));
    },
  };
}
