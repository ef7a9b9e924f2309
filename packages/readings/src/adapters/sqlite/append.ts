import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DAY_MS, type BatchColumns } from './columns.ts';
import { toFault } from './faults.ts';
import { createFloors, type Floors, type FloorsNow } from './floors.ts';
import { createLastValues, type LastValues } from './last-values.ts';
import { createLookup, createNewest, type Lookup, type Newest } from './lookup.ts';
import { isInvalid } from './marks.ts';
import { createNames, type Names } from './names.ts';
import { emptyRows, seriesOrder, takeRows, type Rows } from './rows.ts';
import { ANY_BUCKET, bucketOf, createStorage, deviceOf, type Storage } from './storage.ts';

/** Whole days of receipt (UTC) that uplink keys are kept: a duplicate is asked for within a day. */
const UPLINK_DAYS_KEPT = 3;
/** Batches of so many rows are split over the buckets at once: rows that are split later are written twice. */
const SPLIT_ROWS = 1_000;

/** What the writers of one connection share. */
export interface WriteParts {
  db: DatabaseSync;
  storage: Storage;
  names: Names;
  lastValues: LastValues;
  newest: Newest;
  floors: Floors;
}

/** Opens what the writers of a connection share; it must be the only one that writes. */
export function openWriteParts(db: DatabaseSync): WriteParts {
  const storage = createStorage(db);
  return {
    db,
    storage,
    names: createNames(db),
    lastValues: createLastValues(db, storage),
    newest: createNewest(storage),
    floors: createFloors(db),
  };
}

/** Creates the appender: gives for each reading of a batch 1 when it was stored and 0 when it was there already. */
export function createAppend(parts: WriteParts): (batch: BatchColumns) => Uint8Array {
  const { db, names } = parts;
  const insertRows = createInsertRows(parts);
  const keepUplinkKeys = createKeepUplinkKeys(db);
  const moveCursor = prepareMoveCursor(db);
  return (batch) => {
    names.learn(batch.newPlaces);
    return transact(parts, batch.cursor !== undefined, () => {
      const stored = insertRows(batch);
      keepUplinkKeys(batch.uplinkKeys);
      if (batch.cursor) moveCursor.run(batch.cursor.name, batch.cursor.seq);
      return stored;
    });
  };
}

/**
 * Runs work in one transaction.
 * @param repeatable its reader moves a cursor in it, or it changes nothing that anybody sees. Then NORMAL is enough: a
 *   power cut may undo the last transactions, but it undoes readings and cursor together, and the same frames are read
 *   from the inbox again, which is synced before it acknowledges. Else nobody would send the readings again, so the
 *   commit waits for the disk.
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

/** Gives a batch as rows, in its order. */
export function toRows(batch: Omit<BatchColumns, 'uplinkKeys'>, names: Names): Rows {
  const types = names.types(batch.types);
  const n = batch.key.length;
  const rows = emptyRows(n, batch.prefixes);
  for (let i = 0; i < n; i++) {
    const place = names.place(batch.key[i]!);
    rows.series[i] = place.series;
    rows.mounting[i] = place.mounting;
    rows.type[i] = types[batch.type[i]!]!;
  }
  for (const name of ['atMs', 'delayMs', 'value', 'marks', 'prefix', 'uplink'] as const) rows[name].set(batch[name]);
  return rows;
}

function createInsertRows({ db, storage, names, lastValues, newest, floors }: WriteParts) {
  const addTotals = db.prepare(
    'UPDATE totals SET readings = readings + ?, newest_at_ms = max(coalesce(newest_at_ms, ?2), ?2)',
  );
  return (batch: BatchColumns): Uint8Array => {
    const rows = toRows(batch, names);
    const fresh = freshRows(rows, { newest, lookup: createLookup(storage), floors: floors.read() });
    const stored = new Uint8Array(rows.series.length);
    let newestAtMs = -Infinity;
    for (const row of fresh) {
      stored[row] = 1;
      const atMs = rows.atMs[row]!;
      if (atMs > newestAtMs) newestAtMs = atMs;
      if (Number.isNaN(rows.value[row]) || isInvalid(rows.marks[row]!)) continue;
      lastValues.offer(names.place(batch.key[row]!).channel, rows, row);
    }
    insertSegments(storage, rows, fresh);
    lastValues.flush();
    if (fresh.length > 0) addTotals.run(fresh.length, newestAtMs);
    return stored;
  };
}

interface Known {
  newest: Newest;
  lookup: Lookup;
  floors: FloorsNow;
}

/** Places of the rows that are not stored yet, in order of (series, at); of equal ones the first. */
function freshRows(rows: Rows, { newest, lookup, floors }: Known): Uint32Array {
  const order = seriesOrder(rows);
  let count = 0;
  let before = -1;
  let device = -1;
  let newestAtMs = -Infinity;
  for (const row of order) {
    const series = rows.series[row]!;
    const atMs = rows.atMs[row]!;
    const isRepeated = before >= 0 && rows.series[before] === series && rows.atMs[before] === atMs;
    before = row;
    if (isRepeated) continue;
    if (deviceOf(series) !== device) {
      device = deviceOf(series);
      newestAtMs = newest.of(device);
    }
    // nearly all readings are newer than all of their device
    if (atMs <= newestAtMs && lookup.has(series, atMs)) continue;
    if (floors.isGone(series, atMs)) continue;
    newest.raise(device, atMs);
    order[count++] = row;
  }
  return order.subarray(0, count);
}

/** Stores the rows at these places, which are in order of series. */
export function insertSegments(storage: Storage, rows: Rows, places: Uint32Array): void {
  if (places.length === 0) return;
  if (places.length < SPLIT_ROWS) {
    storage.insertSegment(ANY_BUCKET, 0, takeRows(rows, places));
    return;
  }
  splitByBucket(rows, places, (bucket, own) => storage.insertSegment(bucket, 0, takeRows(rows, own)));
}

/** Gives the places of each bucket. */
export function splitByBucket(
  rows: Rows,
  places: Uint32Array,
  each: (bucket: number, places: Uint32Array) => void,
): void {
  let from = 0;
  while (from < places.length) {
    const bucket = bucketOf(deviceOf(rows.series[places[from]!]!));
    let to = from + 1;
    while (to < places.length && bucketOf(deviceOf(rows.series[places[to]!]!)) === bucket) to += 1;
    each(bucket, places.subarray(from, to));
    from = to;
  }
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
