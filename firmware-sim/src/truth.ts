import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import type { SimLog } from './clock.ts';

/** Log of what really happened, one JSON object a line, beside what went over the wire. */
export interface Truth {
  /** False: nothing is kept, so lines need not be made. */
  readonly on: boolean;
  write(line: object): void;
  close(): void;
}

const LIMIT_BYTES = 50 * 1024 * 1024;
/** Lines are written in blocks of this size; a crash loses less than one. */
const BLOCK_BYTES = 32 * 1024;

/**
 * Opens the log; at its size limit it moves to `<file>.1` (replacing that) and starts anew. Without a file it writes
 * nothing; when the disk refuses it gives up, since a simulation must not stop the platform it feeds.
 */
export function openTruth(
  file: string | undefined,
  options: { limitBytes?: number | undefined; log?: SimLog | undefined } = {},
): Truth {
  if (file === undefined) return { on: false, write: () => undefined, close: () => undefined };
  const limitBytes = options.limitBytes ?? LIMIT_BYTES;
  let bytes = existsSync(file) ? statSync(file).size : 0;
  let block = '';
  let broken = false;
  const flush = (): void => {
    if (broken || block === '') return;
    try {
      if (bytes + block.length > limitBytes && bytes > 0) {
        renameSync(file, `${file}.1`);
        bytes = 0;
      }
      appendFileSync(file, block, { mode: 0o600 });
      bytes += block.length;
    } catch (error) {
      broken = true;
      options.log?.warn({ err: error, file }, 'sim.truth.fail');
    }
    block = '';
  };
  return {
    on: true,
    write(line) {
      if (broken) return;
      block += `${JSON.stringify(line)}\n`;
      if (block.length >= Math.min(BLOCK_BYTES, limitBytes / 4)) flush();
    },
    close: flush,
  };
}
