import { RondeError } from '@ronde/contracts';
import { withRemedy, type Logger } from '@ronde/kit';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
// A proxy that asks for a day is not obeyed: a backlog would wait for nothing.
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Keeps requests away from a server in trouble: after a failure none goes out until the pause is over. */
export interface Breaker {
  /** @throws RondeError READINGS_UNREACHABLE while the pause lasts */
  check(): void;
  succeeded(): void;
  /** Notes a failure and gives it back. @param retryAfterMs what the server asked for; 0 = nothing */
  failed(error: RondeError, retryAfterMs: number): RondeError;
  trouble(): string | undefined;
}

export function createBreaker({
  log,
  nowMs = () => performance.now(),
}: {
  log: Logger;
  nowMs?: () => number;
}): Breaker {
  let failures = 0;
  let openUntilMs = 0;
  let last: RondeError | undefined;
  return {
    trouble: () => last && withRemedy(last),
    check() {
      if (!last || nowMs() >= openUntilMs) return;
      throw new RondeError('READINGS_UNREACHABLE', `${last.message} (not asked again yet)`, { cause: last });
    },
    succeeded() {
      if (last) log.info({ failures }, 'readings.influx.recover');
      failures = 0;
      last = undefined;
    },
    failed(error, retryAfterMs) {
      if (!last) log.warn({ err: error }, 'readings.influx.fail');
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
      failures += 1;
      last = error;
      openUntilMs = nowMs() + Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
      return error;
    },
  };
}
