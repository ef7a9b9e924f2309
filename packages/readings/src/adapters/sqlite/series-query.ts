import type { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts';
import type { SeriesQuery } from '../../port.ts';
import type { ReadingColumns } from './columns.ts';
import { ROW_COLUMNS, createPrepared, createToColumns, type Row } from './rows.ts';

type Prepared = ReturnType<typeof createPrepared>;
interface Source {
  series: number;
  /** Set when only the readings made while mounted there count. */
  mounting: number | null;
}
interface Position {
  atMs: number;
  series: number;
}

/** Creates the query that pages through readings in order of (at, series). */
export function createSeriesQuery(
  db: DatabaseSync,
): (query: SeriesQuery) => { columns: ReadingColumns; next?: string } {
  const prepared = createPrepared(db);
  const toColumns = createToColumns(db);
  return (query) => {
    if (!Number.isSafeInteger(query.limit) || query.limit < 1)
      throw new RondeError('INPUT_INVALID', `limit ${query.limit} is not a positive whole number`);
    const rows = collect(prepared, query);
    const last = rows[query.limit - 1];
    const columns = toColumns(rows.slice(0, query.limit));
    return rows.length > query.limit && last ? { columns, next: `${last[0]}.${last[7]}` } : { columns };
  };
}

/**
 * Takes one more row than the limit over all sources, each by its own range of the key: what has been found narrows
 * the range of the sources to come, so that no page reads more than about limit × ln(sources) rows.
 */
function collect(prepared: Prepared, query: SeriesQuery): Row[] {
  const { descending = false, limit } = query;
  const after = query.after === undefined ? undefined : parsePosition(query.after);
  const order = (a: Row, b: Row): number => (descending ? b[0] - a[0] || b[7] - a[7] : a[0] - b[0] || a[7] - b[7]);
  const range = { fromMs: query.fromMs, toMs: query.toMs };
  let rows: Row[] = [];
  for (const source of sourcesOf(prepared, query)) {
    const found = select(prepared, source, {
      ...pastPosition(range, source, after, descending),
      limit: limit + 1,
      descending,
    });
    if (rows.length === 0) rows = found;
    else for (const row of found) rows.push(row);
    if (rows.length <= 2 * limit) continue;
    rows = rows.sort(order).slice(0, limit + 1);
    const worst = rows[limit]!;
    if (descending) range.fromMs = worst[0];
    else range.toMs = worst[0] + 1;
  }
  return rows.sort(order).slice(0, limit + 1);
}

function select(
  prepared: Prepared,
  source: Source,
  range: { fromMs: number; toMs: number; limit: number; descending: boolean },
): Row[] {
  const mounted = source.mounting === null ? [] : [source.mounting];
  const statement = prepared(
    `SELECT ${ROW_COLUMNS} FROM readings WHERE series = ? AND at_ms >= ? AND at_ms < ?${mounted.length ? ' AND mounting = ?' : ''}
     ORDER BY at_ms ${range.descending ? 'DESC' : 'ASC'} LIMIT ?`,
  );
  return statement.all(source.series, range.fromMs, range.toMs, ...mounted, range.limit) as unknown as Row[];
}

function sourcesOf(prepared: Prepared, { tenant, assetId, deviceId, chamber, quantity }: SeriesQuery): Source[] {
  const conditions: [string, string | undefined][] = [
    ['s.tenant = ?', tenant],
    ['c.asset_id = ?', assetId],
    ['s.device_id = ?', deviceId],
    ['s.chamber = ?', chamber],
    ['s.quantity = ?', quantity],
  ];
  const used = conditions.filter(([, value]) => value !== undefined);
  const where = used.map(([sql]) => sql).join(' AND ');
  const values = used.map(([, value]) => value!);
  const sql =
    assetId === undefined
      ? `SELECT s.id, NULL FROM series s WHERE ${where}`
      : `SELECT s.id, m.id FROM channels c JOIN mountings m ON m.channel = c.id JOIN series s ON s.id = m.series
         WHERE ${where} AND c.tenant = ?1`;
  const rows = prepared(sql).all(...values) as unknown as [number, number | null][];
  return rows.map(([series, mounting]) => ({ series, mounting }));
}

function pastPosition(
  range: { fromMs: number; toMs: number },
  { series }: Source,
  after: Position | undefined,
  descending: boolean,
) {
  if (!after) return range;
  if (descending)
    return { fromMs: range.fromMs, toMs: Math.min(range.toMs, series < after.series ? after.atMs + 1 : after.atMs) };
  return { fromMs: Math.max(range.fromMs, series > after.series ? after.atMs : after.atMs + 1), toMs: range.toMs };
}

function parsePosition(text: string): Position {
  const [atMs, series] = text.split('.').map(Number);
  if (!Number.isSafeInteger(atMs) || !Number.isSafeInteger(series))
    throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return { atMs: atMs!, series: series! };
}
