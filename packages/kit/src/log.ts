import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** Opens the process log: JSON lines on standard error, one fact a line, the message is the event's name. */
export function openLog(level: string): Logger {
  // asynchronous with a bounded buffer: a blocked pipe must not block the service
  const destination = pino.destination({ dest: 2, sync: false, maxLength: 4 * 1024 * 1024 });
  return pino({ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Gives a log that says nothing, for tests. */
export function silentLog(): Logger {
  return pino({ level: 'silent' });
}
