import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { serveThread } from '@ronde/kit/thread';
import { blankFrames } from './frame-codec.ts';
import { openStore, prepareDirectory, takeLock, toOpenFault } from './store.ts';

/** What the writer knows of the store after each change. */
export interface StoreState {
  head: number;
  tail: number;
  frames: number;
  bytes: number;
}
export interface WriterData {
  dir: string;
  maxStoreBytes?: number | undefined;
  firstSeq?: number | undefined;
}
export interface PruneLimits {
  beforeMs: number;
  maxBytes: number;
  keepFromSeq: number;
}
const PRUNE_ROWS = 200;

function openWriter({ dir, maxStoreBytes, firstSeq = 0 }: WriterData) {
  prepareDirectory(dir);
  const lock = takeLock(dir);
  let db: DatabaseSync;
  let insert: StatementSync;
  const state: StoreState = { head: 0, tail: 1, frames: 0, bytes: 0 };
  const open = (): void => {
    db = openStore(dir, maxStoreBytes);
    insert = db.prepare('INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)');
    const sums = db
      .prepare(
        'SELECT max(last_seq) head, min(first_seq) tail, sum(last_seq - first_seq + 1) frames, sum(bytes) bytes FROM batches',
      )
      .get()!;
    const kept = Number(db.prepare('SELECT head FROM state').get()!['head']);
    state.head = Math.max(kept, Number(sums['head'] ?? 0), firstSeq);
    state.tail = Number(sums['tail'] ?? state.head + 1);
    state.frames = Number(sums['frames'] ?? 0);
    state.bytes = Number(sums['bytes'] ?? 0);
  };
  try {
    open();
  } catch (cause) {
    throw toOpenFault(cause, dir);
  }
  return {
    state: (): StoreState => state,
    /** Writes a batch in one durable transaction (an INSERT alone is one). */
    commit(blob: Uint8Array, frames: number, fromMs: number, toMs: number): StoreState {
      const firstSeq = state.head + 1;
      insert.run(firstSeq, state.head + frames, fromMs, toMs, blob.length, blob);
      state.head += frames;
      state.frames += frames;
      state.bytes += blob.length;
      // given back now: this thread makes so little else that its garbage would not be collected for tens of megabytes
      (blob.buffer as ArrayBuffer).transfer(0);
      return state;
    },
    /** Proves after a fault that writing works; on failure the next try starts from a fresh handle. */
    probe(): StoreState {
      try {
        db.exec('UPDATE state SET probes = probes + 1');
      } catch (thrown) {
        if (db.isOpen) db.close();
        open();
        throw thrown;
      }
      return state;
    },
    prune: (limits: PruneLimits): Promise<number> => prune(db, state, limits),
    erase: (seqs: number[]): Promise<number> => erase(db, state, seqs),
    close(): void {
      db.close();
      lock.close();
    },
  };
}
export type Writer = ReturnType<typeof openWriter>;

/** Deletes whole batches in small transactions, so that commits get their turn in between. */
async function prune(db: DatabaseSync, state: StoreState, limits: PruneLimits): Promise<number> {
  const oldest = db.prepare(
    'SELECT first_seq, last_seq, to_ms, bytes FROM batches WHERE last_seq < ? ORDER BY first_seq LIMIT ?',
  );
  const remove = db.prepare('DELETE FROM batches WHERE first_seq <= ?');
  const remember = db.prepare('UPDATE state SET head = ?');
  let dropped = 0;
  for (;;) {
    const rows = oldest.all(limits.keepFromSeq, PRUNE_ROWS);
    let bytes = 0;
    let frames = 0;
    let last: number | undefined;
    for (const row of rows) {
      if (Number(row['to_ms']) >= limits.beforeMs && state.bytes - bytes <= limits.maxBytes) break;
      last = Number(row['first_seq']);
      bytes += Number(row['bytes']);
      frames += Number(row['last_seq']) - last + 1;
    }
    if (last === undefined) return dropped;
    db.exec('BEGIN IMMEDIATE');
    try {
      remove.run(last);
      // seqs never repeat, also when the last batch goes
      remember.run(state.head);
      db.exec('COMMIT');
    } catch (thrown) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw thrown;
    }
    state.bytes -= bytes;
    state.frames -= frames;
    state.tail = Number(db.prepare('SELECT min(first_seq) tail FROM batches').get()!['tail'] ?? state.head + 1);
    dropped += frames;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Blanks frames batch by batch, so that commits get their turn in between; SQLite overwrites what it frees. */
async function erase(db: DatabaseSync, state: StoreState, seqs: number[]): Promise<number> {
  const wanted = new Set(seqs);
  const holding = db.prepare(
    'SELECT first_seq, last_seq, blob FROM batches WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
  );
  const update = db.prepare('UPDATE batches SET blob = ?, bytes = ? WHERE first_seq = ?');
  let erased = 0;
  let done = 0;
  for (const seq of [...wanted].sort((a, b) => a - b)) {
    if (seq <= done) continue;
    const row = holding.get(seq);
    if (!row || Number(row['last_seq']) < seq) continue;
    const batch = {
      firstSeq: Number(row['first_seq']),
      lastSeq: Number(row['last_seq']),
      blob: row['blob'] as Uint8Array,
    };
    done = batch.lastSeq;
    const blob = blankFrames(batch, wanted);
    if (!blob) continue;
    update.run(blob, blob.length, batch.firstSeq);
    state.bytes += blob.length - batch.blob.length;
    for (const one of wanted) if (one >= batch.firstSeq && one <= batch.lastSeq) erased += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // what was erased is in the log too, until it is folded into the file
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return erased;
}

serveThread(openWriter);
