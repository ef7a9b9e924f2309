import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { serveThread } from '@ronde/kit/thread';
import { createAppend, openWriteParts } from './append.ts';
import { createCompaction } from './compact.ts';
import { createCorrect } from './correct.ts';
import { createExpire } from './expire.ts';
import { createTakeGone } from './take-gone.ts';
import { toFault } from './faults.ts';
import { createListings } from './listings.ts';
import { createQueries } from './queries.ts';
import { openForReading, openForWriting } from './schema.ts';

export interface ThreadData {
  file: string;
  /** The one writer, or one of the readers beside it. */
  writes: boolean;
  settleAfterMs: number;
}
export type ReadingsHandlers = ReturnType<typeof openHandlers>;

function openHandlers({ file, writes, settleAfterMs }: ThreadData) {
  const db = writes ? openForWriting(file) : openForReading(file);
  const queries = createQueries(db);
  const listings = createListings(db);
  const parts = writes ? openWriteParts(db) : undefined;
  // one view of the store over all statements of a query: compaction moves readings between them
  const inOneView =
    <A extends unknown[], R>(query: (...args: A) => R) =>
    (...args: A): R =>
      guarded(() => {
        db.exec('BEGIN');
        try {
          return query(...args);
        } finally {
          if (db.isTransaction) db.exec('COMMIT');
        }
      });
  return {
    append: parts ? createAppend(parts) : (refuse as ReturnType<typeof createAppend>),
    correct: parts ? createCorrect(parts) : (refuse as ReturnType<typeof createCorrect>),
    compact: parts ? createCompaction(parts, { settleAfterMs }) : (refuse as ReturnType<typeof createCompaction>),
    expire: parts ? createExpire(parts) : (refuse as ReturnType<typeof createExpire>),
    cursor: inOneView(queries.cursor),
    uplinkKeysSince: inOneView(queries.uplinkKeysSince),
    knownUplinkKeys: inOneView(queries.knownUplinkKeys),
    lastValues: inOneView(queries.lastValues),
    series: inOneView(queries.series),
    rollup: inOneView(queries.rollup),
    countSince: inOneView(queries.countSince),
    stats: inOneView(queries.stats),
    takeGone: parts ? createTakeGone(parts) : (refuse as ReturnType<typeof createTakeGone>),
    owners: inOneView(listings.owners),
    floors: inOneView(listings.floors),
    goneHours: inOneView(listings.goneHours),
    cursors: inOneView(listings.cursors),
    uplinkKeys: inOneView(listings.uplinkKeys),
    backup: (target: string) => guarded(() => backup(db, target)),
    /** The log holds pages as they were before. */
    scrub: () => guarded(() => void db.exec('PRAGMA wal_checkpoint(TRUNCATE)')),
    close: () => db.close(),
  };
}

function guarded<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw toFault(error);
  }
}

function refuse(): never {
  throw new RondeError('INTERNAL', 'this thread only reads');
}

function backup(db: DatabaseSync, target: string): void {
  if (existsSync(target)) throw new RondeError('RESOURCE_EXISTS', `backup: ${target} is already there`);
  // a connection for queries counts the copy as a change
  db.exec('PRAGMA query_only = 0');
  db.prepare('VACUUM INTO ?').run(target);
  // VACUUM INTO does not wait for the disk
  const copy = openSync(target, 'r+');
  fsyncSync(copy);
  closeSync(copy);
}

serveThread(openHandlers);
