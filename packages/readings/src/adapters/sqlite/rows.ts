import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TEXTS_PER_KEY, createDictionary, type ReadingColumns, type StoredUplink } from './columns.ts';

/** One reading as the statements of this folder select it: the order of `ROW_COLUMNS`. */
export type Row = [
  atMs: number, value: number | null, delayMs: number, marks: number, type: number, uplink: StoredUplink, series: number, mounting: number,
];
export const ROW_COLUMNS = 'at_ms, value, delay_ms, marks, type, uplink, series, mounting';

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
    `SELECT s.device_id, c.asset_id, s.chamber, s.quantity FROM mountings m
     JOIN series s ON s.id = m.series JOIN channels c ON c.id = m.channel WHERE m.id = ?`,
  );
  selectKey.setReturnArrays(true);
  const selectType = db.prepare('SELECT name FROM types WHERE id = ?');
  // mountings and types are never changed nor deleted once committed
  const keyTexts = new Map<number, string[]>();
  const typeNames = new Map<number, string>();
  const keyOf = (mounting: number): string[] => {
    const texts = keyTexts.get(mounting) ?? (selectKey.get(mounting) as unknown as string[]);
    keyTexts.set(mounting, texts);
    return texts;
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
    const columns = {
      key: new Uint32Array(n), atMs: new Float64Array(n), receivedAtMs: new Float64Array(n), value: new Float64Array(n),
      marks: new Uint32Array(n), type: new Uint32Array(n), uplink: new Uint32Array(n),
    };
    rows.forEach(([atMs, value, delayMs, marks, type, uplink, , mounting], i) => {
      columns.key[i] = mountings.add(mounting);
      columns.atMs[i] = atMs;
      columns.receivedAtMs[i] = atMs + delayMs;
      columns.value[i] = value ?? NaN;
      columns.marks[i] = marks;
      columns.type[i] = types.add(type);
      columns.uplink[i] = uplinks.add(uplink);
    });
    const keys: string[] = new Array(mountings.items.length * TEXTS_PER_KEY);
    mountings.items.forEach((mounting, at) => keyOf(mounting).forEach((text, t) => (keys[at * TEXTS_PER_KEY + t] = text)));
    return { keys, types: types.items.map(typeOf), uplinks: uplinks.items, ...columns };
  };
}
