import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import type { StatementSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { serveThread } from '@ronde/kit/thread';
import { MAX_BATCH_FRAMES } from './commit-queue.ts';
import type { EncodedBatch } from './frame-codec.ts';
import { openFile, storeFile } from './store.ts';

const SQLITE_CORRUPT = 11;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
export interface Span {
  fromMs: number;
  toMs: number;
  after: number;
}

/** A connection of its own that only reads: commits never wait for it, nor the main thread. */
function openReader({ dir }: { dir: string }) {
  const db = openFile(storeFile(dir), { timeout: 2_000, readOnly: true });
  const columns = 'first_seq, last_seq, blob';
  // no batch is longer than MAX_BATCH_FRAMES, so the primary key alone finds where a seq may lie
  const after = db.prepare(`SELECT ${columns} FROM batches WHERE first_seq > ? AND last_seq > ? ORDER BY first_seq`);
  const holding = db.prepare(`SELECT ${columns} FROM batches WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`);
  const firstOfSpan = db.prepare('SELECT min(first_seq) first FROM batches WHERE to_ms >= ? AND from_ms < ?');
  const span = db.prepare(
    `SELECT ${columns} FROM batches WHERE first_seq >= ? AND last_seq > ? AND to_ms >= ? AND from_ms < ? ORDER BY first_seq`,
  );
  const from = db.prepare(`SELECT ${columns} FROM batches WHERE first_seq > ? ORDER BY first_seq`);
  return {
    /** Batches that begin above a seq, whatever lies below it: to find the far side of a damaged stretch. */
    from: (seq: number, frames: number): EncodedBatch[] => collect(from, [seq], frames),
    after: (seq: number, frames: number): EncodedBatch[] => collect(after, [seq - MAX_BATCH_FRAMES, seq], frames),
    holding: (seq: number): EncodedBatch[] => collect(holding, [seq], 1),
    span({ fromMs, toMs, after: seq }: Span, frames: number): EncodedBatch[] {
      const first = Number(firstOfSpan.get(fromMs, toMs)!['first'] ?? Infinity);
      if (first === Infinity) return [];
      return collect(span, [Math.max(first, seq - MAX_BATCH_FRAMES + 1), seq, fromMs, toMs], frames);
    },
    backup(file: string): void {
      const part = `${file}.part`;
      rmSync(part, { force: true });
      db.prepare('VACUUM INTO ?').run(part);
      const handle = openSync(part, 'r+');
      fsyncSync(handle);
      closeSync(handle);
      renameSync(part, file);
    },
    close: (): void => db.close(),
  };
}
export type Reader = ReturnType<typeof openReader>;

function collect(statement: StatementSync, parameters: number[], frames: number): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  try {
    readRows(statement.iterate(...parameters), frames, batches);
  } catch (thrown) {
    if (((thrown as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_CORRUPT) throw thrown;
    // what was read before the damaged page is an answer; the next question begins at it
    if (batches.length > 0) return batches;
    throw new RondeError('STORE_CORRUPT', `a part of the inbox is damaged: ${(thrown as Error).message}`, {
      cause: thrown,
    });
  }
  return batches;
}

function readRows(rows: Iterable<Record<string, unknown>>, frames: number, batches: EncodedBatch[]): void {
  let left = frames;
  let bytes = 0;
  for (const row of rows) {
    const batch = {
      firstSeq: Number(row['first_seq']),
      lastSeq: Number(row['last_seq']),
      blob: row['blob'] as Uint8Array,
    };
    batches.push(batch);
    left -= batch.lastSeq - batch.firstSeq + 1;
    bytes += batch.blob.length;
    if (left <= 0 || bytes >= MAX_ANSWER_BYTES) break;
  }
}

serveThread(openReader);
