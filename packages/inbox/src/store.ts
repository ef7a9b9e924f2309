import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';

const SCHEMA_VERSION = 1;
const PAGE_BYTES = 4096;
const SQLITE = { BUSY: 5, CORRUPT: 11, NOTADB: 26 };

export const storeFile = (dir: string): string => join(dir, 'inbox.sqlite');

/** Makes the directory durable, not only present: a power cut right after the first start must not lose it. */
export function prepareDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const path of [dir, dirname(dir)]) {
      const handle = openSync(path, 'r');
      fsyncSync(handle);
      closeSync(handle);
    }
  } catch (cause) {
    throw new RondeError(
      'STORAGE_UNAVAILABLE',
      `the inbox directory ${dir} cannot be made: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Takes the directory for this thread until the handle closes or the process ends, however it ends.
 * A lock of the operating system on a file of its own: a process id in a file would outlive kill -9.
 */
export function takeLock(dir: string): DatabaseSync {
  const lock = openFile(join(dir, 'inbox.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if (codeOf(cause) !== SQLITE.BUSY) throw unavailable(dir, cause);
    throw new RondeError('DATA_DIR_LOCKED', `another inbox is open in ${dir}`, { cause });
  }
}

/** Opens the store for writing and brings its schema up to date. */
export function openStore(dir: string, maxStoreBytes?: number): DatabaseSync {
  const db = openFile(storeFile(dir), { timeout: 2_000 });
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
    if (version > SCHEMA_VERSION)
      throw new RondeError(
        'SCHEMA_NEWER',
        `the inbox in ${dir} has schema ${version}, this program knows ${SCHEMA_VERSION}`,
      );
    // what was pruned or erased must not live on in pages that nobody uses
    db.exec(
      'PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864',
    );
    db.exec(`
      CREATE TABLE IF NOT EXISTS batches (
        first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, from_ms REAL NOT NULL, to_ms REAL NOT NULL,
        bytes INTEGER NOT NULL, blob BLOB NOT NULL);
      CREATE INDEX IF NOT EXISTS batches_time ON batches (to_ms, from_ms);
      CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), head INTEGER NOT NULL, probes INTEGER NOT NULL);
      INSERT OR IGNORE INTO state VALUES (1, 0, 0);
      CREATE TABLE IF NOT EXISTS line (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
      INSERT OR IGNORE INTO line VALUES (1, '${newLine()}');
      PRAGMA user_version = ${SCHEMA_VERSION}`);
    if (maxStoreBytes) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxStoreBytes / PAGE_BYTES)}`);
    return db;
  } catch (cause) {
    db.close();
    throw toOpenFault(cause, dir);
  }
}

/** Which inbox this is: its seqs mean nothing beside those of another one. */
export function lineOf(db: DatabaseSync): string {
  return String(db.prepare('SELECT id FROM line').get()!['id']);
}

/** Makes it another inbox: the one named, or a new one. */
export function setLine(db: DatabaseSync, line: string | undefined): void {
  db.prepare('UPDATE line SET id = ?').run(line ?? newLine());
}

/** Begins with the day, so that people can tell folders of lines apart. */
function newLine(): string {
  return `${new Date().toISOString().slice(0, 10)}-${randomUUID()}`;
}

export function openFile(file: string, options: { timeout: number; readOnly?: boolean }): DatabaseSync {
  try {
    return new DatabaseSync(file, options);
  } catch (cause) {
    throw unavailable(file, cause);
  }
}

/** Says what is wrong with a store that does not open. */
export function toOpenFault(cause: unknown, dir: string): RondeError {
  if (cause instanceof RondeError) return cause;
  return [SQLITE.CORRUPT, SQLITE.NOTADB].includes(codeOf(cause))
    ? new RondeError('STORE_CORRUPT', `the inbox in ${dir} is damaged: ${(cause as Error).message}`, { cause })
    : unavailable(dir, cause);
}

function unavailable(place: string, cause: unknown): RondeError {
  return new RondeError('STORAGE_UNAVAILABLE', `the inbox cannot use ${place}: ${(cause as Error).message}`, { cause });
}

// extended result codes carry the primary one in the low byte
function codeOf(thrown: unknown): number {
  return ((thrown as { errcode?: number }).errcode ?? 0) & 0xff;
}
