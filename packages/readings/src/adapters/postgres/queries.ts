import type { Reading, RollupPoint } from '@ronde/contracts';
import { fromStoredText, toStoredText, type Database, type Value } from '@ronde/postgres';
import type { LastValuesQuery, ReadingsStore, RollupQuery } from '../../port.ts';
import { HOUR_MS } from './append.ts';
import type { Names } from './names.ts';
import { ROW_COLUMNS, toReading, type StoredRow } from './rows.ts';
import { TABLES } from './schema.ts';
import { createSeriesQuery } from './series-query.ts';

type Queries = Pick<
  ReadingsStore,
  'cursor' | 'uplinkKeysSince' | 'knownUplinkKeys' | 'lastValues' | 'series' | 'rollup' | 'countSince' | 'stats'
>;

const DAY_MS = 24 * HOUR_MS;

/** Gives the queries. */
export function createQueries(database: Database, names: Names): Queries {
  const toReadings = createToReadings(names);
  return {
    ...createPlainQueries(database),
    lastValues: createLastValuesQuery(database, toReadings),
    series: createSeriesQuery(database, toReadings),
    rollup: createRollupQuery(database),
  };
}

/** Gives rows as readings, in their order. */
export function createToReadings(names: Names): (rows: StoredRow[]) => Promise<Reading[]> {
  return async (rows) => {
    const places = await names.placesOf([...new Set(rows.map(({ mounting }) => mounting))]);
    const types = await names.typesOf([...new Set(rows.map(({ type }) => type))]);
    return rows.map((row) => toReading(row, places.get(row.mounting)!, types.get(row.type)!));
  };
}

function createPlainQueries({ rows, schema }: Database) {
  const of = (name: string): string => `"${schema}".${name}`;
  const keys = (found: { key: string }[]): string[] => found.map(({ key }) => fromStoredText(key));
  return {
    async cursor(name: string) {
      const sql = `SELECT seq::float8 AS seq FROM ${of('cursors')} WHERE name = $1`;
      return (await rows<{ seq: number }>(sql, [name]))[0]?.seq ?? 0;
    },
    async uplinkKeysSince(sinceMs: number) {
      const sql = `SELECT key FROM ${of('uplink_keys')} WHERE day >= $1 AND received_at_ms >= $2 ORDER BY received_at_ms`;
      return keys(await rows<{ key: string }>(sql, [Math.floor(sinceMs / DAY_MS), Math.ceil(sinceMs)]));
    },
    async knownUplinkKeys(asked: string[]) {
      const sql = `SELECT DISTINCT key FROM ${of('uplink_keys')} WHERE key = ANY ($1::text[])`;
      return new Set(keys(await rows<{ key: string }>(sql, [asked.map(toStoredText)])));
    },
    async countSince(tenant: string, sinceMs: number) {
      const sql = `SELECT count(*)::float8 AS n FROM ${of('series')} s JOIN ${of('readings')} r
        ON r.series = s.id AND r.at_ms >= $2::bigint WHERE s.tenant = $1`;
      return (await rows<{ n: number }>(sql, [tenant, Math.ceil(sinceMs)]))[0]!.n;
    },
    async stats() {
      const sizes = TABLES.map((table) => `pg_total_relation_size('${of(table)}')`).join(' + ');
      const sql = `SELECT coalesce(sum(readings), 0)::float8 AS readings, max(newest_at_ms)::float8 AS "newestAtMs",
        (${sizes})::float8 AS bytes FROM ${of('totals')}`;
      return (await rows<{ readings: number; newestAtMs: number | null; bytes: number }>(sql))[0]!;
    },
  };
}

function createLastValuesQuery({ rows, schema }: Database, toReadings: (rows: StoredRow[]) => Promise<Reading[]>) {
  return async ({ tenant, assetIds, deviceIds, quantity }: LastValuesQuery): Promise<Reading[]> => {
    const values: Value[] = [tenant];
    let where = 'c.tenant = $1';
    const among = (column: string, ids: string[] | undefined): void => {
      if (ids) where += ` AND ${column} = ANY ($${values.push(ids.map(toStoredText))}::text[])`;
    };
    among('c.asset_id', assetIds);
    among('l.device_id', deviceIds);
    if (quantity !== undefined) where += ` AND c.quantity = $${values.push(quantity)}`;
    // by device, start from the device's few series instead of all channels of the tenant
    const mine = deviceIds
      ? ` AND c.id IN (SELECT m.channel FROM "${schema}".series s JOIN "${schema}".mountings m ON m.series = s.id
          WHERE s.tenant = $1 AND s.device_id = ANY ($${values.push(deviceIds.map(toStoredText))}::text[]))`
      : '';
    const sql = `SELECT ${ROW_COLUMNS.replace('series', '0 AS series')} FROM "${schema}".channels c
      JOIN "${schema}".last_values l ON l.channel = c.id WHERE ${where}${mine}`;
    return toReadings(await rows<StoredRow>(sql, values));
  };
}

const STEP_HOURS = { '1h': 1, '1d': 24 } as const;

function createRollupQuery({ rows, schema }: Database) {
  return async ({ tenant, assetId, deviceId, chamber, quantity, step, fromMs, toMs }: RollupQuery) => {
    const hours = STEP_HOURS[step];
    const stepMs = hours * HOUR_MS;
    const values: Value[] = [tenant, Math.floor(fromMs / stepMs) * hours, Math.ceil(toMs / stepMs) * hours];
    const conditions: [string, string | undefined][] = [
      ['c.asset_id', assetId],
      ['s.device_id', deviceId],
      ['c.chamber', chamber],
      ['c.quantity', quantity],
    ];
    const where = conditions
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => ` AND ${column} = $${values.push(toStoredText(value!))}`)
      .join('');
    // every hour since 1970 is positive, so whole division rounds down; UTC days begin at multiples of 24 hours
    const sql = `SELECT h.hour / ${hours} AS step, min(h.min) AS min, max(h.max) AS max,
        (sum(h.sum) / sum(h.count))::float8 AS mean, sum(h.count)::float8 AS count
      FROM "${schema}".channels c JOIN "${schema}".mountings m ON m.channel = c.id JOIN "${schema}".series s ON s.id = m.series
      JOIN "${schema}".hourly h ON h.mounting = m.id
      WHERE c.tenant = $1${where} AND h.hour >= $2::bigint AND h.hour < $3::bigint GROUP BY 1 ORDER BY 1`;
    const found = await rows<RollupPoint & { step: number }>(sql, values);
    return found.map(({ step: at, min, max, mean, count }): RollupPoint => {
      return { from: new Date(at * stepMs).toISOString(), min, max, mean, count };
    });
  };
}
