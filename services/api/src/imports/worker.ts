import type { Import } from '@ronde/contracts';
import { serveThread } from '@ronde/kit/thread';
import { readTable } from './read-table.ts';
import { openRowReader } from './read-rows.ts';

export type ImportThread = Awaited<ReturnType<typeof open>>;

/** Unpacking, decoding and reading of a file happen here: some seconds of work that nobody else should wait for. */
async function open({ kind, bytes }: { kind: Import['kind']; bytes: Uint8Array }) {
  const reader = openRowReader(kind, await readTable(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  return {
    about: () => ({ total: reader.total, warnings: reader.warnings }),
    next: (count: number) => reader.next(count),
  };
}

serveThread(open);
