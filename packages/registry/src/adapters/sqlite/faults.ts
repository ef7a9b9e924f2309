import { RondeError } from '@ronde/contracts/errors';

// Primary result codes, https://www.sqlite.org/rescode.html
const READ_ONLY = 8;
const CORRUPT = 11;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

/** Turns what node:sqlite throws into the platform's error codes; other errors pass unchanged. */
export function toFault(thrown: unknown): unknown {
  const { errcode, message } = thrown as { errcode?: number; message?: string };
  if (thrown instanceof RondeError || errcode === undefined) return thrown;
  const primary = errcode & 0xff;
  const text = message ?? 'no message';
  if (primary === CONSTRAINT)
    return new RondeError('RESOURCE_EXISTS', `taken: ${text.replace(/^UNIQUE constraint failed: /, '')}`, {
      cause: thrown,
    });
  // only what was stored whole is stored: a document that is none any more was damaged
  if (primary === CORRUPT || primary === NOT_A_DATABASE || text.includes('malformed JSON'))
    return new RondeError('STORE_CORRUPT', `registry: ${text}`, { cause: thrown });
  return new RondeError('REGISTRY_UNREACHABLE', `registry: ${text}`, { cause: thrown });
}

/** As `toFault`, for a file that is being opened: where it cannot be written, place and permissions are what to look at. */
export function toOpenFault(thrown: unknown, file: string): unknown {
  const { errcode, message } = thrown as { errcode?: number; message?: string };
  const primary = (errcode ?? 0) & 0xff;
  if (primary !== READ_ONLY && primary !== CANNOT_OPEN) return toFault(thrown);
  return new RondeError('STORAGE_UNAVAILABLE', `registry: ${file}: ${message ?? 'cannot be opened'}`, {
    cause: thrown,
  });
}
