import cron from 'node-cron';
import type { Cancel, Clock } from '@ronde/kit';
import { toWallMs } from './zoned-time.ts';

const MINUTE_MS = 60_000;
// After a long pause (a suspended host) only the last day is made up for
const CATCH_UP_MINUTES = 24 * 60;

/**
 * Fires on a cron expression from the platform clock.
 * node-cron reads and matches the expression, against a wall clock that only moves forward: wall minutes that spring
 * skips are still passed, those that autumn repeats are passed once, so a daily time fires once every day of the year.
 */
export function startSchedule(
  expression: string,
  options: { timeZone: string; clock: Clock; fire: () => void },
): Cancel {
  const { timeZone, clock, fire } = options;
  const matcher = cron.createTask(expression, () => undefined, { timezone: 'UTC' });
  let passedMs = toWallMs(timeZone, clock.nowMs());
  const pass = (): void => {
    const wallMs = toWallMs(timeZone, clock.nowMs());
    let due = false;
    passedMs = Math.max(passedMs, wallMs - CATCH_UP_MINUTES * MINUTE_MS);
    while (passedMs < wallMs) {
      passedMs += MINUTE_MS;
      due ||= matcher.match(new Date(passedMs));
    }
    if (due) fire();
  };
  const cancel = clock.every(MINUTE_MS / 2, pass);
  return () => {
    cancel();
    void matcher.destroy();
  };
}

/** Tells whether a cron expression can be read, and if not, why. */
export function cronFault(expression: string): string | undefined {
  const { valid, errors } = cron.validateDetailed(expression);
  return valid ? undefined : errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
}
