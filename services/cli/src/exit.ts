/** Exit statuses: 0 success, 1 a check found mismatches, 2 bad usage, 78 bad configuration (sysexits EX_CONFIG). */
export const EXIT = { OK: 0, MISMATCH: 1, USAGE: 2, CONFIG: 78 } as const;

/** Ends the command with a status and one clear line on standard error. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number, message = '') {
    super(message);
    this.status = status;
  }
}
