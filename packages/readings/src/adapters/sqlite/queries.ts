import type { DatabaseSync } from 'node:sqlite';
import type { RollupPoint } from '@ronde/contracts';
import type { LastValuesQuery, RollupQuery } from '../../port.ts';
import { DAY_MS, type ReadingColumns } from './columns.ts';
import { HOUR_MS } from './fold.ts';
import { createPrepared, createToColumns, type Row } from './rows.ts';
import { createSeriesQuery } from './series-query.ts';

/** Gives the queries over one connection. */
export function createQueries(db: DatabaseSync) {
  return {
    ...createPlainQueries(db),
    lastValues: createLastValuesQuery(db),
    series: createSeriesQuery(db),
    rollup: createRollupQuery(db),
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
    countSince: (tenant: string, sinceMs: number): number => {
      // from the series on, so that each is read from its day's first row only
      const sql = `SELECT count(*) FROM series s CROSS JOIN readings r ON r.series = s.id AND r.at_ms >= ? WHERE s.tenant = ?`;
      return (prepared(sql).get(sinceMs, tenant) as unknown as number[])[0]!;
    },
    stats() {
      const one = (sql: string) => prepared(sql).get() as unknown as number[];
      const [readings, newestAtMs] = one('SELECT readings, newest_at_ms FROM totals') as [number, number | null];
      return { readings, newestAtMs, bytes: one('PRAGMA page_count')[0]! * one('PRAGMA page_size')[0]! };
    },
  };
}

function createLastValuesQuery(db: DatabaseSync) {
  const prepared = createPrepared(db);
  const toColumns = createToColumns(db);
  return ({ tenant, assetIds, deviceIds, quantity }: LastValuesQuery): ReadingColumns => {
    const values = [tenant];
    let where = 'c.tenant = ?';
    const among = (column: string, ids: string[] | undefined): void => {
      if (!ids) return;
      where += ` AND ${column} IN (SELECT value FROM json_each(?))`;
      values.push(JSON.stringify(ids));
    };
    among('c.asset_id', assetIds);
    among('s.device_id', deviceIds);
    if (quantity !== undefined) {
      where += ' AND c.quantity = ?';
      values.push(quantity);
    }
    // by device, start from the device's few series instead of all channels of the tenant
    const from = deviceIds
      ? `series s CROSS JOIN mountings m ON m.series = s.id JOIN last_values l ON l.channel = m.channel AND l.mounting = m.id
         JOIN channels c ON c.id = m.channel`
      : 'channels c CROSS JOIN last_values l ON l.channel = c.id';
    const sql = `SELECT l.at_ms, l.value, l.delay_ms, l.marks, l.type, l.uplink, l.mounting FROM ${from} WHERE ${where}${deviceIds ? ' AND s.tenant = ?1' : ''}`;
    return toColumns(prepared(sql).all(...values) as unknown as Row[]);
  };
}

const STEP_HOURS = { '1h': 1, '1d': 24 } as const;

function createRollupQuery(db: DatabaseSync) {
  const prepared = createPrepared(db);
  return ({ tenant, assetId, deviceId, chamber, quantity, step, fromMs, toMs }: RollupQuery): RollupPoint[] => {
    const hours = STEP_HOURS[step];
    const stepMs = hours * HOUR_MS;
    const conditions: [string, string | undefined][] = [
      ['c.asset_id = ?', assetId],
      ['s.device_id = ?', deviceId],
      ['c.chamber = ?', chamber],
      ['c.quantity = ?', quantity],
    ];
    const used = conditions.filter(([, value]) => value !== undefined);
    const owners =
      assetId === undefined && deviceId !== undefined
        ? 'series s CROSS JOIN mountings m ON m.series = s.id JOIN channels c ON c.id = m.channel WHERE s.tenant = ?'
        : 'channels c CROSS JOIN mountings m ON m.channel = c.id JOIN series s ON s.id = m.series WHERE c.tenant = ?';
    // every hour since 1970 is positive, so integer division rounds down; UTC days begin at multiples of 24 hours
    const sql = `SELECT hour / ${hours} AS step, min(min), max(max), sum(sum) + sum(sum_rest), sum(count)
      FROM hourly WHERE mounting IN (SELECT m.id FROM ${owners}${used.map(([part]) => ` AND ${part}`).join('')})
      AND hour >= ? AND hour < ? GROUP BY step ORDER BY step`;
    const firstHour = Math.floor(fromMs / stepMs) * hours;
    const endHour = Math.ceil(toMs / stepMs) * hours;
    const rows = prepared(sql).all(
      tenant,
      ...used.map(([, value]) => value!),
      firstHour,
      endHour,
    ) as unknown as number[][];
    return rows.map(([at, min, max, sum, count]) => ({
      from: new Date(at! * stepMs).toISOString(),
      min: min!,
      max: max!,
      mean: sum! / count!,
      count: count!,
    }));
  };
}
