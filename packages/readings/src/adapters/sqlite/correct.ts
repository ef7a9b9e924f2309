import type { DatabaseSync } from 'node:sqlite';
import { isSameValue } from '../../same-reading.ts';
import { prepareMoveCursor, toRows, transact, type WriteParts } from './append.ts';
import type { CorrectionColumns } from './columns.ts';
import { openEdit, type Edit, type EditedRow } from './edit.ts';
import { marksSayTheSame, withCorrected } from './marks.ts';
import type { Rows } from './rows.ts';
import { deviceOf } from './storage.ts';

/** What became of a reading, in the order of `OUTCOMES`. */
const SAME = 0;
const ADDED = 1;
const CHANGED = 2;
export const OUTCOMES = ['same', 'added', 'changed'] as const;

/** Notes what a correction touched. */
type Note = (mounting: number, atMs: number) => void;

/** Creates the corrector: replaces, adds and removes readings, and brings last values after them. */
export function createCorrect(parts: WriteParts): (batch: CorrectionColumns) => {
  outcomes: Uint8Array;
  removed: Uint8Array;
} {
  const { db, storage, names, lastValues, newest, floors } = parts;
  const removeRow = prepareRemove(db);
  const moveCursor = prepareMoveCursor(db);
  const channelOf = db.prepare('SELECT channel FROM mountings WHERE id = ?');
  const totals = createTotals(db);
  return (batch) => {
    names.learn(batch.newPlaces);
    return transact(parts, batch.cursor !== undefined, () => {
      const edit = openEdit(storage);
      const { isGone } = floors.read();
      const touched = new Map<number, number>();
      const note: Note = (mounting, atMs) =>
        void touched.set(mounting, Math.max(atMs, touched.get(mounting) ?? -Infinity));
      const rows = toRows(batch, names);
      const outcomes = Uint8Array.from(rows.series, (series, i) =>
        isGone(series, rows.atMs[i]!) ? SAME : putRow(edit, rows, i, note),
      );
      const removed = Uint8Array.from(batch.remove, (key) => removeRow(edit, batch.tenant, key, note));
      edit.save();
      outcomes.forEach((outcome, i) => {
        if (outcome === ADDED) newest.raise(deviceOf(rows.series[i]!), rows.atMs[i]!);
      });
      for (const [mounting, atMs] of touched)
        lastValues.refresh((channelOf.get(mounting) as { channel: number }).channel, atMs);
      lastValues.flush();
      totals(batch, outcomes, removed);
      if (batch.cursor) moveCursor.run(batch.cursor.name, batch.cursor.seq);
      return { outcomes, removed };
    });
  };
}

function putRow(edit: Edit, rows: Rows, i: number, note: Note): number {
  const found = edit.find(rows.series[i]!, rows.atMs[i]!);
  if (!found) {
    edit.add(rows, i);
    note(rows.mounting[i]!, rows.atMs[i]!);
    return ADDED;
  }
  const { rows: stored, row } = found;
  const marks = rows.marks[i]!;
  const isSame = isSameNumber(stored.value[row]!, rows.value[i]!) && marksSayTheSame(stored.marks[row]!, marks);
  if (isSame || !isUplink(found, rows.prefixes[rows.prefix[i]!]!, rows.uplink[i]!)) return SAME;
  stored.value[row] = rows.value[i]!;
  stored.marks[row] = withCorrected(marks);
  stored.type[row] = rows.type[i]!;
  edit.touch(found);
  note(stored.mounting[row]!, stored.atMs[row]!);
  return CHANGED;
}

function prepareRemove(db: DatabaseSync) {
  const seriesOf = db.prepare(
    'SELECT id FROM series WHERE tenant = ? AND device_id = ? AND chamber = ? AND quantity = ?',
  );
  return (edit: Edit, tenant: string, key: CorrectionColumns['remove'][number], note: Note): number => {
    const series = seriesOf.get(tenant, key.deviceId, key.chamber, key.quantity) as { id: number } | undefined;
    const found = series && edit.find(series.id, key.atMs);
    if (!found || !isUplink(found, key.uplink.prefix, key.uplink.number)) return 0;
    edit.drop(found);
    note(found.rows.mounting[found.row]!, key.atMs);
    return 1;
  };
}

function isUplink({ rows, row }: EditedRow, prefix: string, number: number): boolean {
  return rows.uplink[row] === number && rows.prefixes[rows.prefix[row]!] === prefix;
}

function isSameNumber(a: number, b: number): boolean {
  return isSameValue(Number.isNaN(a) ? null : a, Number.isNaN(b) ? null : b);
}

function createTotals(db: DatabaseSync) {
  const add = db.prepare('UPDATE totals SET readings = readings + ?');
  const raise = db.prepare('UPDATE totals SET newest_at_ms = max(coalesce(newest_at_ms, ?1), ?1)');
  const newest = db.prepare('SELECT newest_at_ms AS atMs FROM totals');
  const findNewest = db.prepare(
    `UPDATE totals SET newest_at_ms = (SELECT max(last_ms) FROM
       (SELECT max(last_ms) AS last_ms FROM segments UNION ALL SELECT max(last_ms) FROM blocks))`,
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
