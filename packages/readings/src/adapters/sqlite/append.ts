import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DAY_MS, type BatchColumns } from './columns.ts';
import { toFault } from './faults.ts';
import { createFold } from './fold.ts';
import { createLastValues, type LastValues } from './last-values.ts';
import { isInvalid } from './marks.ts';
import { createNames, type Names, type Place } from './names.ts';

/** Whole days of receipt (UTC) that uplink keys are kept: a duplicate is asked for within a day. */
const UPLINK_DAYS_KEPT = 3;

/** What the writers of one connection share. */
export interface WriteParts {
  db: DatabaseSync;
  names: Names;
  lastValues: LastValues;
}

/** Opens what the writers of a connection share; it must be the only one that writes. */
export function openWriteParts(db: DatabaseSync): WriteParts {
  return { db, names: createNames(db), lastValues: createLastValues(db) };
}

/** Creates the appender: gives for each reading of a batch 1 when it was stored and 0 when it was there already. */
export function createAppend({ db, names, lastValues }: WriteParts): (batch: BatchColumns) => Uint8Array {
  const insertRows = createInsertRows(db, lastValues);
  const keepUplinkKeys = createKeepUplinkKeys(db);
  const moveCursor = prepareMoveCursor(db);
  return (batch) =>
    transact({ db, names, lastValues }, batch.cursor !== undefined, () => {
      const stored = insertRows(batch, names.places(batch.tenant, batch.keys), names.types(batch.types));
      keepUplinkKeys(batch.uplinkKeys);
      if (batch.cursor) moveCursor.run(batch.cursor.name, batch.cursor.seq);
      return stored;
    });
}

/**
 * Runs work in one transaction.
 * @param repeatable its reader moves a cursor in it. Then NORMAL is enough: a power cut may undo the last transactions,
 *   but it undoes readings and cursor together, and the same frames are read from the inbox again, which is synced
 *   before it acknowledges. Else nobody would send the readings again, so the commit waits for the disk.
 */
export function transact<T>({ db, names, lastValues }: WriteParts, repeatable: boolean, work: () => T): T {
  try {
    db.exec(`PRAGMA synchronous = ${repeatable ? 'NORMAL' : 'FULL'}; BEGIN IMMEDIATE`);
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    names.forget();
    lastValues.forget();
    throw toFault(error);
  }
}

export function prepareMoveCursor(db: DatabaseSync): StatementSync {
  return db.prepare('INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq');
}

function createInsertRows(db: DatabaseSync, lastValues: LastValues) {
  const insert = db.prepare('INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const addTotals = db.prepare(
    'UPDATE totals SET readings = readings + ?, newest_at_ms = max(coalesce(newest_at_ms, ?2), ?2)',
  );
  const fold = createFold(db);
  return (batch: BatchColumns, places: Place[], types: number[]): Uint8Array => {
    const stored = new Uint8Array(batch.key.length);
    let count = 0;
    let newestAtMs = -Infinity;
    for (const i of inSeriesOrder(batch, places)) {
      const place = places[batch.key[i]!]!;
      const atMs = batch.atMs[i]!;
      const value = Number.isNaN(batch.value[i]) ? null : batch.value[i]!;
      const delayMs = batch.receivedAtMs[i]! - atMs;
      const marks = batch.marks[i]!;
      const type = types[batch.type[i]!]!;
      const uplink = batch.uplinks[batch.uplink[i]!]!;
      if (insert.run(place.series, atMs, value, delayMs, place.mounting, marks, type, uplink).changes === 0) continue;
      stored[i] = 1;
      count += 1;
      if (atMs > newestAtMs) newestAtMs = atMs;
      if (value === null || isInvalid(marks)) continue;
      fold.add(place.mounting, atMs, value);
      lastValues.offer(place, { atMs, value, delayMs, marks, type, uplink });
    }
    fold.flush();
    lastValues.flush();
    if (count > 0) addTotals.run(count, newestAtMs);
    return stored;
  };
}

/** Rows in the order of the table: neighbours share a page, and the fold of an hour is met in one piece. */
function inSeriesOrder({ key, atMs }: BatchColumns, places: Place[]): Uint32Array {
  const order = Uint32Array.from(key, (_, i) => i);
  // equal ones keep their order (typed arrays sort stably), so that the first of two duplicates wins
  return order.sort((a, b) => places[key[a]!]!.series - places[key[b]!]!.series || atMs[a]! - atMs[b]!);
}

function createKeepUplinkKeys(db: DatabaseSync) {
  const keep = db.prepare(
    `INSERT INTO uplink_keys VALUES (?, ?, ?)
     ON CONFLICT (day, key) DO UPDATE SET received_at_ms = max(received_at_ms, excluded.received_at_ms)`,
  );
  const prune = db.prepare('DELETE FROM uplink_keys WHERE day < ?');
  let newestDay = -Infinity;
  return (keys: BatchColumns['uplinkKeys']): void => {
    const before = newestDay;
    for (const { key, receivedAtMs } of keys) {
      const day = Math.floor(receivedAtMs / DAY_MS);
      keep.run(day, key, receivedAtMs);
      if (day > newestDay) newestDay = day;
    }
    if (newestDay > before) prune.run(newestDay - UPLINK_DAYS_KEPT);
  };
}
