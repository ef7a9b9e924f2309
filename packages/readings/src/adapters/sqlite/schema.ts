import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { toOpenFault } from './faults.ts';
import { packIntoBlocks } from './migrate-blocks.ts';

/*
 * series: what identifies a reading besides its time. A device keeps its series when it moves to another asset; they
 * are numbered device × 1,024 + n.
 * channels: what people ask for: a quantity of an asset's chamber, or of a device that hangs nowhere (asset_id empty).
 * mountings: a series while it belongs to a channel, so that what is asked for an asset is exact after a sensor moved.
 * segments, blocks, last_pages, hours: see storage.ts, last-values.ts and hours.ts.
 * floors: how far back each quantity is kept, and up to where what is older has been taken away.
 * uplink_keys: by day of receipt, so that old days are dropped in one piece and no second index holds the keys again.
 * Texts are '' where absent, since NULLs are distinct in UNIQUE.
 */
const MIGRATIONS: readonly ((db: DatabaseSync) => void)[] = [
  (db) =>
    db.exec(`CREATE TABLE series (
     id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, device_id TEXT NOT NULL, chamber TEXT NOT NULL, quantity TEXT NOT NULL,
     UNIQUE (tenant, device_id, chamber, quantity));
   CREATE TABLE channels (
     id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, asset_id TEXT NOT NULL, device_id TEXT NOT NULL, chamber TEXT NOT NULL,
     quantity TEXT NOT NULL, UNIQUE (tenant, asset_id, device_id, chamber, quantity));
   CREATE TABLE mountings (
     id INTEGER PRIMARY KEY, series INTEGER NOT NULL, channel INTEGER NOT NULL, UNIQUE (series, channel));
   CREATE INDEX mountings_by_channel ON mountings (channel);
   CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
   CREATE TABLE readings (
     series INTEGER NOT NULL, at_ms INTEGER NOT NULL, value REAL, delay_ms INTEGER NOT NULL, mounting INTEGER NOT NULL,
     marks INTEGER NOT NULL, type INTEGER NOT NULL, uplink INTEGER NOT NULL, PRIMARY KEY (series, at_ms)) WITHOUT ROWID;
   CREATE TABLE last_values (
     channel INTEGER PRIMARY KEY, mounting INTEGER NOT NULL, at_ms INTEGER NOT NULL, value REAL NOT NULL, delay_ms INTEGER NOT NULL,
     marks INTEGER NOT NULL, type INTEGER NOT NULL, uplink INTEGER NOT NULL);
   CREATE TABLE hourly (
     mounting INTEGER NOT NULL, hour INTEGER NOT NULL, min REAL NOT NULL, max REAL NOT NULL, sum REAL NOT NULL,
     sum_rest REAL NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (mounting, hour)) WITHOUT ROWID;
   CREATE TABLE uplink_keys (
     day INTEGER NOT NULL, key TEXT NOT NULL, received_at_ms INTEGER NOT NULL, PRIMARY KEY (day, key)) WITHOUT ROWID;
   CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), readings INTEGER NOT NULL, newest_at_ms INTEGER);
   INSERT INTO totals VALUES (1, 0, NULL);`),
  (db) => {
    db.exec(`CREATE TABLE segments (
      id INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, level INTEGER NOT NULL, rows INTEGER NOT NULL,
      first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX segments_by_bucket ON segments (bucket, id);
    CREATE TABLE blocks (
      id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX channels_by_quantity ON channels (tenant, quantity);
    CREATE TABLE last_pages (page INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE floors (quantity TEXT PRIMARY KEY, floor_ms INTEGER NOT NULL, done_ms INTEGER);
    CREATE TABLE hours (id INTEGER PRIMARY KEY, data BLOB NOT NULL);`);
    packIntoBlocks(db);
    db.exec('DROP TABLE readings; DROP TABLE last_values; DROP TABLE hourly');
  },
];

const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 16_384;
// A checkpoint writes each changed page once, however often it changed: fewer and larger ones write less in all.
const CHECKPOINT_PAGES = 8_000;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the file for the writer and brings it up to this version's schema.
 * @throws RondeError SCHEMA_NEWER, STORE_CORRUPT or READINGS_UNREACHABLE
 */
export function openForWriting(file: string): DatabaseSync {
  return guarded(file, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    // what was packed, replaced or erased must not live on in pages that nobody uses
    db.exec(`PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`);
    migrate(db);
    checkNames(db);
    return db;
  });
}

/** Tables of texts and numbers that carry no checksum, but stand whole in a unique index too. */
const NAMES = ['series', 'channels', 'mountings', 'types'];

/** A flipped bit in a name would give a reading to another device or hide it: table and index then differ. */
function checkNames(db: DatabaseSync): void {
  for (const table of NAMES) {
    const { integrity_check: found } = db.prepare(`PRAGMA integrity_check(${table})`).get() as {
      integrity_check: string;
    };
    if (found !== 'ok')
      throw new RondeError(
        'STORE_CORRUPT',
        `readings: the table ${table} is damaged (${found}); restore the last backup`,
      );
  }
}

/** Opens the file a second time for queries: in WAL mode they neither wait for the writer nor hold it up. */
export function openForReading(file: string): DatabaseSync {
  return guarded(file, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    db.exec(`PRAGMA query_only = 1; PRAGMA cache_size = -${CACHE_KIB / 2}`);
    return db;
  });
}

function guarded<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw toOpenFault(error, file);
  }
}

function migrate(db: DatabaseSync): void {
  const { user_version: from } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (from > MIGRATIONS.length) {
    throw new RondeError(
      'SCHEMA_NEWER',
      `the readings store has schema ${from}, this version knows up to ${MIGRATIONS.length}`,
    );
  }
  if (from === MIGRATIONS.length) return;
  db.exec('BEGIN IMMEDIATE');
  for (const step of MIGRATIONS.slice(from)) step(db);
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
}
