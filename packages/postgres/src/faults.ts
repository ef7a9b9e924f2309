import { RondeError, type ErrorCode } from '@ronde/contracts';

/** How an adapter's errors are told: its code for a store that cannot be reached, and its noun. */
export interface FaultNames {
  unreachable: Extract<ErrorCode, 'REGISTRY_UNREACHABLE' | 'READINGS_UNREACHABLE'>;
  noun: string;
  /** What a broken uniqueness means here. */
  taken: Extract<ErrorCode, 'RESOURCE_EXISTS' | 'INPUT_INVALID'>;
}

// Classes and codes of appendix A of the manual, https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNIQUE_VIOLATION = '23505';
const CONSTRAINT_CLASS = '23';
const DATA_CLASS = '22';
const CORRUPT = new Set(['XX001', 'XX002']);
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** The server's own mistakes and ours: trying again gives the same answer. */
const BROKEN_CLASSES = new Set(['42', '0A', '2B', '21', '44', 'XX']);
const INSUFFICIENT_PRIVILEGE = '42501';

/** Turns what the driver throws into the platform's error codes; what is no database error passes unchanged. */
export function toFault(thrown: unknown, { unreachable, noun, taken }: FaultNames): unknown {
  if (thrown instanceof RondeError || !(thrown instanceof Error) || isOurBug(thrown)) return thrown;
  const { code = '', detail } = thrown as { code?: string; detail?: string };
  const text = `${noun}: ${thrown.message || code || 'no message'}${taken && detail ? ` (${detail})` : ''}`;
  const cause = { cause: thrown };
  if (code === UNIQUE_VIOLATION) return new RondeError(taken, `taken: ${detail ?? thrown.message}`, cause);
  if (code.startsWith(DATA_CLASS) || code.startsWith(CONSTRAINT_CLASS))
    return new RondeError('INPUT_INVALID', text, cause);
  if (CORRUPT.has(code)) return new RondeError('STORE_CORRUPT', text, cause);
  if (isState(code) && BROKEN_CLASSES.has(code.slice(0, 2)) && code !== INSUFFICIENT_PRIVILEGE)
    return new RondeError('INTERNAL', text, cause);
  // everything else passes: gone, restarting, failing over, too many connections, no disk, read-only, too slow
  return new RondeError(unreachable, text, cause);
}

/** Tells whether a transaction lost against another one and may be run again as it is. */
export function isLostRace(thrown: unknown): boolean {
  const { code } = thrown as { code?: string };
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}

/** Tells whether a connection must not be used again: nothing came back, or it is on a server that takes no writes. */
export function isConnectionSpoiled(thrown: unknown): boolean {
  const { code = '' } = thrown as { code?: string };
  return !isState(code) || /^(08|57P|25006|25P0[23])/.test(code);
}

/** Tells whether the connection broke, so that the same read is worth one more try on another. */
export function isConnectionLost(thrown: unknown): boolean {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  return (
    /^(08|57P0[123])/.test(code) ||
    /ECONNRESET|EPIPE/.test(code) ||
    /terminated unexpectedly|not queryable/.test(message)
  );
}

function isState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E');
}

function isOurBug(thrown: Error): boolean {
  return thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof SyntaxError;
}
