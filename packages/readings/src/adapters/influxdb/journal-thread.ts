import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts';
import { serveThread } from '@ronde/kit/thread';
import { toFault } from '../sqlite/faults.ts';
import type { Decision, JournalState, Totals, UplinkKey } from './journal.ts';

/*
 * What InfluxDB cannot promise, beside it in one file: the batch that is on its way (at most one), the sinks' cursors,
 * the keys of uplinks by day of receipt, and the newest time of each series.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE on_its_way (one INTEGER PRIMARY KEY CHECK (one = 1), decision TEXT NOT NULL);
   CREATE TABLE series (key TEXT PRIMARY KEY, newest_at_ms INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE uplink_keys (
     day INTEGER NOT NULL, key TEXT NOT NULL, received_at_ms INTEGER NOT NULL, PRIMARY KEY (day, key)) WITHOUT ROWID;
   CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), readings INTEGER NOT NULL, newest_at_ms INTEGER);
   INSERT INTO totals VALUES (1, 0, NULL);`,
];
const DAY_MS = 86_400_000;
/** Whole days of receipt (UTC) that uplink keys are kept: a duplicate is asked for within a day. */
const UPLINK_DAYS_KEPT = 3;
const BUSY_TIMEOUT_MS = 5_000;

export interface JournalThreadData {
  file: string;
}
export type JournalHandlers = ReturnType<typeof openHandlers>;

function openHandlers({ file }: JournalThreadData) {
  const db = guard(() => open(file))();
  const transact = createTransact(db);
  const keep = createKeep(db);
  const setTotals = db.prepare('UPDATE totals SET readings = ?, newest_at_ms = ?');
  const clear = db.prepare('DELETE FROM on_its_way');
  const put = db.prepare('INSERT INTO on_its_way VALUES (1, ?)');
  return {
    state: guard(() => readState(db)),
    decide: guard((decision: Decision, keys: UplinkKey[], totals: Totals) =>
      transact(() => {
        keep.uplinks(keys);
        keep.marks(decision.marks);
        if (decision.cursor) keep.cursor(decision.cursor);
        setTotals.run(totals.readings, totals.newestAtMs);
        // without lines there is nothing that InfluxDB still has to take
        if (decision.lines.length + decision.removals.length > 0) put.run(JSON.stringify(decision));
      }),
    ),
    settle: guard((totals: Totals) =>
      transact(() => {
        setTotals.run(totals.readings, totals.newestAtMs);
        clear.run();
      }),
    ),
    learn: guard((marks: [string, number][], totals: Totals) =>
      transact(() => {
        keep.marks(marks);
        setTotals.run(totals.readings, totals.newestAtMs);
      }),
    ),
    ...keyQueries(db),
    bytes: guard(() => (file === ':memory:' ? 0 : statSync(file).size)),
    clear: guard(() =>
      transact(() => {
        for (const table of ['on_its_way', 'series', 'uplink_keys', 'cursors']) db.exec(`DELETE FROM ${table}`);
        setTotals.run(0, null);
      }),
    ),
    scrub: guard(() => void db.exec('PRAGMA wal_checkpoint(TRUNCATE)')),
    close: () => db.close(),
  };
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  // FULL: what was decided is sent to another machine, so a power cut may not undo it here
  // what was sent must not live on in pages that nobody uses
  db.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  const { user_version: from } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (from > MIGRATIONS.length)
    throw new RondeError('SCHEMA_NEWER', `${file} has schema ${from}, this version knows up to ${MIGRATIONS.length}`);
  if (from < MIGRATIONS.length) {
    db.exec('BEGIN IMMEDIATE');
    for (const statements of MIGRATIONS.slice(from)) db.exec(statements);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
  }
  return db;
}

function readState(db: DatabaseSync): JournalState {
  const totals = db.prepare('SELECT readings, newest_at_ms AS newestAtMs FROM totals').get() as unknown as Totals;
  const pairs = (sql: string): [string, number][] => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all() as unknown as [string, number][];
  };
  const onItsWay = db.prepare('SELECT decision FROM on_its_way').get() as { decision: string } | undefined;
  return {
    // a clone keeps plain objects only, and rows have no prototype
    totals: { ...totals },
    marks: pairs('SELECT key, newest_at_ms FROM series'),
    cursors: pairs('SELECT name, seq FROM cursors'),
    ...(onItsWay && { onItsWay: JSON.parse(onItsWay.decision) as Decision }),
  };
}

function createKeep(db: DatabaseSync) {
  const mark = db.prepare(
    `INSERT INTO series VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET newest_at_ms = max(newest_at_ms, excluded.newest_at_ms)`,
  );
  const cursor = db.prepare('INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq');
  const uplink = db.prepare(
    `INSERT INTO uplink_keys VALUES (?, ?, ?)
     ON CONFLICT (day, key) DO UPDATE SET received_at_ms = max(received_at_ms, excluded.received_at_ms)`,
  );
  const prune = db.prepare('DELETE FROM uplink_keys WHERE day < ?');
  let newestDay = -Infinity;
  return {
    marks(marks: [string, number][]) {
      for (const [key, atMs] of marks) mark.run(key, atMs);
    },
    cursor: ({ name, seq }: { name: string; seq: number }) => void cursor.run(name, seq),
    uplinks(keys: UplinkKey[]) {
      const before = newestDay;
      for (const { key, receivedAtMs } of keys) {
        const day = Math.floor(receivedAtMs / DAY_MS);
        uplink.run(day, key, receivedAtMs);
        if (day > newestDay) newestDay = day;
      }
      if (newestDay > before) prune.run(newestDay - UPLINK_DAYS_KEPT);
    },
  };
}

function keyQueries(db: DatabaseSync) {
  const since = db.prepare(
    // cast, because numbers are bound as reals and would not be divided into whole days
    `SELECT key FROM uplink_keys WHERE day >= cast(?1 / ${DAY_MS} AS INTEGER) AND received_at_ms >= ?1
     ORDER BY received_at_ms`,
  );
  const known = db.prepare(
    `SELECT DISTINCT k.key FROM (SELECT DISTINCT day FROM uplink_keys) days CROSS JOIN json_each(?) asked
     CROSS JOIN uplink_keys k ON k.day = days.day AND k.key = asked.value`,
  );
  const all = db.prepare('SELECT key, received_at_ms AS receivedAtMs FROM uplink_keys ORDER BY received_at_ms');
  const keysOf = (rows: unknown[]): string[] => (rows as { key: string }[]).map(({ key }) => key);
  return {
    uplinkKeys: guard(() => all.all().map((row) => ({ ...row })) as unknown as UplinkKey[]),
    uplinkKeysSince: guard((sinceMs: number) => keysOf(since.all(sinceMs))),
    knownUplinkKeys: guard((keys: string[]) => keysOf(known.all(JSON.stringify(keys)))),
  };
}

function createTransact(db: DatabaseSync): (work: () => void) => void {
  return (work) => {
    try {
      db.exec('BEGIN IMMEDIATE');
      work();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
}

function guard<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return work(...args);
    } catch (error) {
      throw toFault(error);
    }
  };
}

serveThread(openHandlers);
