import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { createDictionary, emptyColumns, type PlaceText, type ReadingColumns, type StoredUplink } from './columns.ts';

/** One reading as the statements of this folder select it: the order of `ROW_COLUMNS`. */
export type Row = [
  atMs: number,
  value: number | null,
  delayMs: number,
  marks: number,
  type: number,
  uplink: StoredUplink,
  mounting: number,
  series: number,
];
export const ROW_COLUMNS = 'at_ms, value, delay_ms, marks, type, uplink, mounting, series';

/** Prepares each statement once; rows come as arrays. */
export function createPrepared(db: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    statements.set(sql, statement);
    return statement;
  };
}

/** Gives rows as columns with their texts. */
export function createToColumns(db: DatabaseSync): (rows: Row[]) => ReadingColumns {
  const selectKey = db.prepare(
    `SELECT concat_ws(char(10), s.device_id, c.asset_id, s.chamber, s.quantity) AS text FROM mountings m
     JOIN series s ON s.id = m.series JOIN channels c ON c.id = m.channel WHERE m.id = ?`,
  );
  const selectType = db.prepare('SELECT name FROM types WHERE id = ?');
  // mountings and types are never changed nor deleted once committed
  const keyTexts = new Map<number, PlaceText>();
  const typeNames = new Map<number, string>();
  const keyOf = (mounting: number): PlaceText => {
    const text = keyTexts.get(mounting) ?? (selectKey.get(mounting) as { text: string }).text;
    keyTexts.set(mounting, text);
    return text;
  };
  const typeOf = (type: number): string => {
    const name = typeNames.get(type) ?? (selectType.get(type) as { name: string }).name;
    typeNames.set(type, name);
    return name;
  };
  return (rows) => {
    const n = rows.length;
    const mountings = createDictionary<number>();
    const types = createDictionary<number>();
    const uplinks = createDictionary<StoredUplink>();
    const columns = emptyColumns(n);
    rows.forEach(([atMs, value, delayMs, marks, type, uplink, mounting], i) => {
      columns.key[i] = mountings.add(mounting);
      columns.atMs[i] = atMs;
      columns.receivedAtMs[i] = atMs + delayMs;
      columns.value[i] = value ?? NaN;
      columns.marks[i] = marks;
      columns.type[i] = types.add(type);
      columns.uplink[i] = uplinks.add(uplink);
    });
    return { keys: mountings.items.map(keyOf), types: types.items.map(typeOf), uplinks: uplinks.items, ...columns };
  };
}
