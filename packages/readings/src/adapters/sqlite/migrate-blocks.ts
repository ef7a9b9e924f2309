import type { DatabaseSync } from 'node:sqlite';
import { createDictionary, splitUplinkId } from './columns.ts';
import { createLastValues } from './last-values.ts';
import { packDevice } from './pack.ts';
import { emptyRows, joinRows, type Rows } from './rows.ts';
import { createStorage, seriesId } from './storage.ts';

type OldRow = [
  series: number,
  atMs: number,
  value: number | null,
  delayMs: number,
  mounting: number,
  marks: number,
  type: number,
  /** A number, or ":" and a text. */
  uplink: number | string,
];
const OLD_COLUMNS = 'at_ms, value, delay_ms, mounting, marks, type, uplink';

/**
 * Schema 1 to 2: a row a reading becomes blocks, and the series of each device are numbered together.
 * In the transaction of the migration, one device at a time; hourly rollups are not carried over, since they follow from
 * the readings.
 */
export function packIntoBlocks(db: DatabaseSync): void {
  const storage = createStorage(db);
  const lastValues = createLastValues(db, storage);
  const readings = db.prepare(`SELECT series, ${OLD_COLUMNS} FROM readings WHERE series = ? ORDER BY at_ms`);
  readings.setReturnArrays(true);
  const renumber = db.prepare('UPDATE series SET id = ? WHERE id = ?');
  const remount = db.prepare('UPDATE mountings SET series = ? WHERE series = ?');
  const devices = db.prepare('SELECT group_concat(id) AS ids FROM series GROUP BY tenant, device_id').all();
  // moved out of the way first: a new number may be another's old one
  db.exec('UPDATE series SET id = -id; UPDATE mountings SET series = -series');
  devices.forEach((row, i) => {
    const parts = String(row['ids'])
      .split(',')
      .map((text, n) => {
        const id = seriesId(i + 1, n);
        if (id === undefined) throw new Error('a device has more than 1,024 series');
        renumber.run(id, -Number(text));
        remount.run(id, -Number(text));
        return toRows(readings.all(Number(text)) as unknown as OldRow[], id);
      });
    const rows = joinRows(parts);
    if (rows.series.length > 0) packDevice(storage, rows);
  });
  const last = db.prepare(
    `SELECT m.series, ${OLD_COLUMNS}, l.channel FROM last_values l JOIN mountings m ON m.id = l.mounting`,
  );
  last.setReturnArrays(true);
  for (const [series, ...rest] of last.all() as unknown as [...OldRow, number][])
    lastValues.offer(rest[7] as number, toRows([[series, ...rest] as unknown as OldRow], series), 0);
  lastValues.flush();
}

function toRows(old: OldRow[], series: number): Rows {
  const prefixes = createDictionary(['']);
  const rows = emptyRows(old.length, prefixes.items);
  rows.series.fill(series);
  old.forEach(([, atMs, value, delayMs, mounting, marks, type, stored], i) => {
    const { prefix, number } = splitUplinkId(typeof stored === 'number' ? String(stored) : stored.slice(1));
    rows.atMs[i] = atMs;
    rows.value[i] = value ?? NaN;
    rows.delayMs[i] = delayMs;
    rows.mounting[i] = mounting;
    rows.marks[i] = marks;
    rows.type[i] = type;
    rows.prefix[i] = prefixes.add(prefix);
    rows.uplink[i] = number;
  });
  return rows;
}
