import type { DatabaseSync } from 'node:sqlite';
import { isSameValue } from '../../same-reading.ts';
import { prepareMoveCursor, transact, type WriteParts } from './append.ts';
import type { CorrectionColumns, StoredUplink } from './columns.ts';
import { HOUR_MS, createFold } from './fold.ts';
import { CORRECTED_MARK, IS_VALID, marksSayTheSame } from './marks.ts';
import type { Place } from './names.ts';

/** What became of a reading, in the order of `OUTCOMES`. */
const SAME = 0;
const ADDED = 1;
const CHANGED = 2;
export const OUTCOMES = ['same', 'added', 'changed'] as const;

interface Row {
  value: number | null;
  marks: number;
  mounting: number;
  uplink: StoredUplink;
}
/** What a correction touched, and so has to be worked out anew. */
interface Touched {
  note(series: number, mounting: number, atMs: number): void;
  settle(): void;
}

/** Creates the corrector: replaces, adds and removes readings, and brings last values and rollups after them. */
export function createCorrect(parts: WriteParts): (batch: CorrectionColumns) => {
  outcomes: Uint8Array;
  removed: Uint8Array;
} {
  const { db, names } = parts;
  const replaceRows = createReplaceRows(db);
  const removeRows = createRemoveRows(db);
  const moveCursor = prepareMoveCursor(db);
  const openTouched = prepareTouched(parts);
  const totals = createTotals(db);
  return (batch) =>
    transact(parts, batch.cursor !== undefined, () => {
      const touched = openTouched();
      const outcomes = replaceRows(batch, names.places(batch.tenant, batch.keys), names.types(batch.types), touched);
      const removed = removeRows(batch, touched);
      touched.settle();
      totals(batch, outcomes, removed);
      if (batch.cursor) moveCursor.run(batch.cursor.name, batch.cursor.seq);
      return { outcomes, removed };
    });
}

function createReplaceRows(db: DatabaseSync) {
  const select = db.prepare('SELECT value, marks, mounting, uplink FROM readings WHERE series = ? AND at_ms = ?');
  const insert = db.prepare('INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const update = db.prepare('UPDATE readings SET value = ?, marks = ?, type = ? WHERE series = ? AND at_ms = ?');
  return (batch: CorrectionColumns, places: Place[], types: number[], touched: Touched): Uint8Array => {
    const one = (i: number): number => {
      const { series, mounting } = places[batch.key[i]!]!;
      const atMs = batch.atMs[i]!;
      const value = Number.isNaN(batch.value[i]) ? null : batch.value[i]!;
      const marks = batch.marks[i]!;
      const type = types[batch.type[i]!]!;
      const uplink = batch.uplinks[batch.uplink[i]!]!;
      const stored = select.get(series, atMs) as unknown as Row | undefined;
      if (!stored) {
        insert.run(series, atMs, value, batch.receivedAtMs[i]! - atMs, mounting, marks, type, uplink);
        touched.note(series, mounting, atMs);
        return ADDED;
      }
      const isSame = isSameValue(stored.value, value) && marksSayTheSame(stored.marks, marks);
      if (isSame || stored.uplink !== uplink) return SAME;
      update.run(value, marks | CORRECTED_MARK, type, series, atMs);
      touched.note(series, stored.mounting, atMs);
      return CHANGED;
    };
    return Uint8Array.from(batch.key, (_, i) => one(i));
  };
}

function createRemoveRows(db: DatabaseSync) {
  const seriesOf = db.prepare(
    'SELECT id FROM series WHERE tenant = ? AND device_id = ? AND chamber = ? AND quantity = ?',
  );
  const remove = db.prepare('DELETE FROM readings WHERE series = ? AND at_ms = ? AND uplink = ? RETURNING mounting');
  return ({ tenant, remove: keys }: CorrectionColumns, touched: Touched): Uint8Array =>
    Uint8Array.from(keys, ({ deviceId, chamber, quantity, atMs, uplink }) => {
      const series = seriesOf.get(tenant, deviceId, chamber, quantity) as { id: number } | undefined;
      const removed = series && (remove.get(series.id, atMs, uplink) as { mounting: number } | undefined);
      if (!removed) return 0;
      touched.note(series.id, removed.mounting, atMs);
      return 1;
    });
}

/** Prepares what works hours and channels out anew, each once per transaction. */
function prepareTouched({ db, lastValues }: WriteParts): () => Touched {
  const dropHour = db.prepare('DELETE FROM hourly WHERE mounting = ? AND hour = ?');
  const valuesOf = db.prepare(
    `SELECT at_ms AS atMs, value FROM readings
     WHERE series = ? AND at_ms >= ? AND at_ms < ? AND mounting = ? AND value IS NOT NULL AND ${IS_VALID} ORDER BY at_ms`,
  );
  const channelOf = db.prepare('SELECT channel FROM mountings WHERE id = ?');
  const fold = createFold(db);
  const refold = ({ series, mounting, hour }: { series: number; mounting: number; hour: number }): void => {
    dropHour.run(mounting, hour);
    const rows = valuesOf.all(series, hour * HOUR_MS, (hour + 1) * HOUR_MS, mounting);
    for (const { atMs, value } of rows as unknown as { atMs: number; value: number }[]) fold.add(mounting, atMs, value);
  };
  return () => {
    const hours = new Map<string, { series: number; mounting: number; hour: number }>();
    const newestOf = new Map<number, number>();
    return {
      note(series, mounting, atMs) {
        const hour = Math.floor(atMs / HOUR_MS);
        hours.set(`${mounting} ${hour}`, { series, mounting, hour });
        newestOf.set(mounting, Math.max(atMs, newestOf.get(mounting) ?? -Infinity));
      },
      settle() {
        hours.forEach(refold);
        fold.flush();
        for (const [mounting, atMs] of newestOf)
          lastValues.refresh((channelOf.get(mounting) as { channel: number }).channel, atMs);
      },
    };
  };
}

function createTotals(db: DatabaseSync) {
  const add = db.prepare('UPDATE totals SET readings = readings + ?');
  const raise = db.prepare('UPDATE totals SET newest_at_ms = max(coalesce(newest_at_ms, ?1), ?1)');
  const newest = db.prepare('SELECT newest_at_ms AS atMs FROM totals');
  // by the key of each series: the table itself may have millions of rows
  const findNewest = db.prepare(
    `UPDATE totals SET newest_at_ms =
       (SELECT max((SELECT max(at_ms) FROM readings WHERE series = s.id)) FROM series s)`,
  );
  return (batch: CorrectionColumns, outcomes: Uint8Array, removed: Uint8Array): void => {
    let count = 0;
    let addedAtMs = -Infinity;
    let removedAtMs = -Infinity;
    outcomes.forEach((outcome, i) => {
      if (outcome !== ADDED) return;
      count += 1;
      addedAtMs = Math.max(addedAtMs, batch.atMs[i]!);
    });
    removed.forEach((was, i) => {
      count -= was;
      if (was) removedAtMs = Math.max(removedAtMs, batch.remove[i]!.atMs);
    });
    if (count !== 0) add.run(count);
    if (addedAtMs > -Infinity) raise.run(addedAtMs);
    const { atMs } = newest.get() as { atMs: number | null };
    if (atMs !== null && removedAtMs >= atMs) findNewest.run();
  };
}
