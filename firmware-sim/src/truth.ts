import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';

/** Log of what really happened, one JSON object a line, beside what went over the wire. */
export interface Truth {
  write(line: object): void;
  close(): Promise<void>;
}

const DEFAULT_LIMIT_BYTES = 50 * 1024 * 1024;

/** Opens the log; at its size limit it moves to `<file>.1` (replacing that) and starts anew. Without a file it writes nothing. */
export function openTruth(file: string | undefined, limitBytes = DEFAULT_LIMIT_BYTES): Truth {
  if (file === undefined) return { write: () => undefined, close: () => Promise.resolve() };
  let bytes = existsSync(file) ? statSync(file).size : 0;
  let stream = open(file);
  const rotate = (): void => {
    stream.end();
    renameSync(file, `${file}.1`);
    stream = open(file);
    bytes = 0;
  };
  return {
    write(line) {
      const text = `${JSON.stringify(line)}\n`;
      bytes += text.length;
      stream.write(text);
      if (bytes >= limitBytes) rotate();
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

function open(file: string): WriteStream {
  // the descriptor exists at once: a rotation right after opening must find the file
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', () => stream.destroy());
  return stream;
}
