import { setTimeout as rest } from 'node:timers/promises';
import { isRondeError } from '@ronde/contracts';

const PAUSE_MS = 2_000;

/**
 * Runs work until it comes through: after a fault that another try may mend (a store that is away), again two seconds of
 * host time later.
 * @param options `onTrouble` hears of each such fault
 * @returns true when it came through, false when the signal ended it
 * @throws (by rejection) what no other try can mend
 */
export async function keepTrying(
  work: () => Promise<unknown>,
  { signal, onTrouble }: { signal: AbortSignal; onTrouble: (error: Error) => void },
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!isRondeError(thrown) || !thrown.definition.retriable) throw thrown;
      onTrouble(thrown);
      await rest(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}

/**
 * Runs work once and waits for it; where another try may mend its fault, goes on trying behind the caller's back.
 * @throws (by rejection) what no other try can mend, if it comes at the first
 */
export function tryNowOrLater(
  work: () => Promise<unknown>,
  { signal, onTrouble }: { signal: AbortSignal; onTrouble: (error: Error) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const goOn = (error: Error): void => {
      onTrouble(error);
      resolve();
    };
    keepTrying(work, { signal, onTrouble: goOn }).then(
      () => resolve(),
      (error: Error) => {
        // the caller is told of the first try only
        onTrouble(error);
        reject(error);
      },
    );
  });
}
