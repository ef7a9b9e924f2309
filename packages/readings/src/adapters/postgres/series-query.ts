import { RondeError, type Reading } from '@ronde/contracts';
import { toStoredText, type Database, type Value } from '@ronde/postgres';
import type { SeriesQuery } from '../../port.ts';
import { ROW_COLUMNS, type StoredRow } from './rows.ts';

interface Source {
  series: number;
  /** Set when only the readings made while mounted there count. */
  mounting: number | null;
}
interface Position {
  atMs: number;
  series: number;
}
interface Range {
  fromMs: number;
  toMs: number;
}

/** Series asked together: each gives as many rows as the page has, so a few at a time, and the range narrows. */
const TOGETHER = 100;

/** Creates the query that pages through readings in order of (at, series). */
export function createSeriesQuery(database: Database, toReadings: (rows: StoredRow[]) => Promise<Reading[]>) {
  return async (query: SeriesQuery): Promise<{ items: Reading[]; next?: string }> => {
    const { limit } = query;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RondeError('INPUT_INVALID', `limit ${limit} is not a positive whole number`);
    const rows = await collect(database, query);
    const last = rows[limit - 1];
    const items = await toReadings(rows.slice(0, limit));
    return rows.length > limit && last ? { items, next: `${last.at_ms}.${last.series}` } : { items };
  };
}

async function collect(database: Database, query: SeriesQuery): Promise<StoredRow[]> {
  const { descending = false, limit } = query;
  const after = query.after === undefined ? undefined : parsePosition(query.after);
  const order = (a: StoredRow, b: StoredRow): number =>
    descending ? b.at_ms - a.at_ms || b.series - a.series : a.at_ms - b.at_ms || a.series - b.series;
  const range = pastPosition(query, after, descending);
  const sources = await sourcesOf(database, query);
  let rows: StoredRow[] = [];
  for (let from = 0; from < sources.length; from += TOGETHER) {
    const found = await select(database, sources.slice(from, from + TOGETHER), { ...range, after, descending, limit });
    rows = [...rows, ...found].sort(order).slice(0, limit + 1);
    const worst = rows[limit];
    if (!worst) continue;
    if (descending) range.fromMs = worst.at_ms;
    else range.toMs = worst.at_ms + 1;
  }
  return rows;
}

async function select(
  { rows, schema }: Database,
  sources: Source[],
  query: Range & { after: Position | undefined; descending: boolean; limit: number },
): Promise<StoredRow[]> {
  const { fromMs, toMs, after, descending, limit } = query;
  const values: Value[] = [
    sources.map(({ series }) => series),
    sources.map(({ mounting }) => mounting),
    clamp(fromMs),
    clamp(toMs),
    limit + 1,
  ];
  if (after) values.push(after.atMs, after.series);
  const direction = descending ? 'DESC' : 'ASC';
  // a row comparison, so that the page's first row is found by the key
  const past = after ? ` AND (r.at_ms, r.series) ${descending ? '<' : '>'} ($6::bigint, $7::int)` : '';
  const isMounted = sources[0]?.mounting !== null;
  return rows<StoredRow>(
    `SELECT ${ROW_COLUMNS} FROM unnest($1::int[], $2::int[]) AS s (wanted, mounted) CROSS JOIN LATERAL (
       SELECT * FROM "${schema}".readings r WHERE r.series = s.wanted AND r.at_ms >= $3::bigint AND r.at_ms < $4::bigint
       ${isMounted ? 'AND r.mounting = s.mounted' : ''}${past} ORDER BY r.at_ms ${direction} LIMIT $5::int) found
     ORDER BY found.at_ms ${direction}, series ${direction} LIMIT $5::int`,
    values,
  );
}

async function sourcesOf({ rows, schema }: Database, query: SeriesQuery): Promise<Source[]> {
  const { tenant, assetId, deviceId, chamber, quantity } = query;
  const values: Value[] = [tenant];
  const conditions: [string, string | undefined][] = [
    ['c.asset_id', assetId],
    ['s.device_id', deviceId],
    ['s.chamber', chamber],
    ['s.quantity', quantity],
  ];
  const where = conditions
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => ` AND ${column} = $${values.push(toStoredText(value!))}`)
    .join('');
  const sql =
    assetId === undefined
      ? `SELECT s.id AS series, NULL::int AS mounting FROM "${schema}".series s WHERE s.tenant = $1${where} ORDER BY s.id`
      : `SELECT s.id AS series, m.id AS mounting FROM "${schema}".channels c JOIN "${schema}".mountings m ON m.channel = c.id
         JOIN "${schema}".series s ON s.id = m.series WHERE c.tenant = $1 AND s.tenant = $1${where} ORDER BY s.id`;
  return rows<Source>(sql, values);
}

function pastPosition({ fromMs, toMs }: Range, after: Position | undefined, descending: boolean): Range {
  if (!after) return { fromMs, toMs };
  return descending ? { fromMs, toMs: Math.min(toMs, after.atMs + 1) } : { fromMs: Math.max(fromMs, after.atMs), toMs };
}

/** Whole milliseconds that a bigint holds. */
function clamp(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, -9e15), 9e15));
}

function parsePosition(text: string): Position {
  const [atMs, series] = text.split('.').map(Number);
  if (!Number.isSafeInteger(atMs) || !Number.isSafeInteger(series))
    throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return { atMs: atMs!, series: series! };
}
