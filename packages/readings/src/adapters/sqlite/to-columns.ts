import type { DatabaseSync } from 'node:sqlite';
import { createDictionary, type PlaceText, type ReadingColumns } from './columns.ts';
import type { Rows } from './rows.ts';

/** Gives rows as columns with their texts. */
export function createToColumns(db: DatabaseSync): (rows: Rows) => ReadingColumns {
  const selectKey = db.prepare(
    `SELECT concat_ws(char(10), s.device_id, c.asset_id, s.chamber, s.quantity) AS text FROM mountings m
     JOIN series s ON s.id = m.series JOIN channels c ON c.id = m.channel WHERE m.id = ?`,
  );
  const selectType = db.prepare('SELECT name FROM types WHERE id = ?');
  // mountings and types are never changed nor deleted once committed
  const keyTexts = new Map<number, PlaceText>();
  const typeNames = new Map<number, string>();
  const keyOf = (mounting: number): PlaceText => {
    const known = keyTexts.get(mounting);
    if (known !== undefined) return known;
    const { text } = selectKey.get(mounting) as { text: string };
    keyTexts.set(mounting, text);
    return text;
  };
  const typeOf = (type: number): string => {
    const name = typeNames.get(type) ?? (selectType.get(type) as { name: string }).name;
    typeNames.set(type, name);
    return name;
  };
  return ({ mounting, type, atMs, delayMs, value, marks, prefix, uplink, prefixes }) => {
    const mountings = createDictionary<number>();
    const types = createDictionary<number>();
    return {
      key: mounting.map(mountings.add),
      type: type.map(types.add),
      keys: mountings.items.map(keyOf),
      types: types.items.map(typeOf),
      atMs,
      delayMs,
      value,
      marks,
      prefix,
      uplink,
      prefixes,
    };
  };
}
