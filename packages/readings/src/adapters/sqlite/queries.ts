import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS } from './columns.ts';
import { createLastValuesQuery } from './last-values-query.ts';
import { createPrepared } from './prepared.ts';
import { createRollupQuery } from './rollup-query.ts';
import { createSeriesQuery } from './series-query.ts';
import { createSources, loadSources, piecesOf } from './sources.ts';
import { createStorage, type Storage } from './storage.ts';

/** Gives the queries over one connection. */
export function createQueries(db: DatabaseSync) {
  const storage = createStorage(db);
  return {
    ...createPlainQueries(db),
    countSince: createCount(db, storage),
    lastValues: createLastValuesQuery(db),
    series: createSeriesQuery(db, storage),
    rollup: createRollupQuery(db, storage),
  };
}

function createPlainQueries(db: DatabaseSync) {
  const prepared = createPrepared(db);
  const column = <T>(sql: string, value: string | number): T[] =>
    (prepared(sql).all(value) as unknown as [T][]).map(([one]) => one);
  return {
    cursor: (name: string): number => column<number>('SELECT seq FROM cursors WHERE name = ?', name)[0] ?? 0,
    uplinkKeysSince: (sinceMs: number): string[] =>
      // cast, because numbers are bound as reals and would not be divided into whole days
      column<string>(
        `SELECT key FROM uplink_keys WHERE day >= cast(?1 / ${DAY_MS} AS INTEGER) AND received_at_ms >= ?1 ORDER BY received_at_ms`,
        sinceMs,
      ),
    knownUplinkKeys: (keys: string[]): string[] =>
      column<string>(
        // steps from day to day by the index: there are a handful of days and many keys in each
        `WITH RECURSIVE days (day) AS (
           SELECT min(day) FROM uplink_keys UNION ALL
           SELECT (SELECT min(day) FROM uplink_keys WHERE day > days.day) FROM days WHERE day IS NOT NULL)
         SELECT DISTINCT k.key FROM days CROSS JOIN json_each(?) asked CROSS JOIN uplink_keys k ON k.day = days.day AND k.key = asked.value`,
        JSON.stringify(keys),
      ),
    stats() {
      const one = (sql: string) => prepared(sql).get() as unknown as number[];
      const [readings, newestAtMs] = one('SELECT readings, newest_at_ms FROM totals') as [number, number | null];
      return { readings, newestAtMs, bytes: one('PRAGMA page_count')[0]! * one('PRAGMA page_size')[0]! };
    },
  };
}

function createCount(db: DatabaseSync, storage: Storage) {
  const sourcesOf = createSources(db);
  return (tenant: string, sinceMs: number): number => {
    const sources = sourcesOf({ tenant });
    const range = { fromMs: sinceMs, toMs: Infinity };
    let count = 0;
    for (const piece of piecesOf(storage, sources, range)) {
      // a block is one tenant's
      if (piece.kind === 'block' && piece.firstMs >= sinceMs) count += piece.count;
      else for (const part of loadSources(storage, piece, sources, range)) count += part.atMs.length;
    }
    return count;
  };
}
