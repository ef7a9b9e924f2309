import { toStoredText, type Database, type Queries } from '@ronde/postgres';
import type { CorrectionBatch, CorrectionResult } from '../../port.ts';
import { PROVENANCE_MASK, CORRECTED_MARK } from '../sqlite/marks.ts';
import { COUNTS, HOUR_MS, givenSql, keptSql, lockSql, moveCursorSql, rowValues } from './append.ts';
import { numbersLiteral, textsLiteral } from './literals.ts';
import type { Names } from './names.ts';
import { parseInstant, toRow } from './rows.ts';

// as `isSameValue`
const TOLERANCE = 1e-9;

interface Touched {
  series: number;
  mounting: number;
  at_ms: number;
}
interface Outcome extends Touched {
  n: number;
  outcome: 'added' | 'changed';
}
interface Removed extends Touched {
  n: number;
}

/** Creates the corrector: replaces, adds and removes readings, and brings last values and rollups after them. */
export function createCorrect(database: Database, names: Names): (batch: CorrectionBatch) => Promise<CorrectionResult> {
  const sql = statements(database.schema);
  return async ({ tenant, readings, remove, cursor }) => {
    const rows = readings.map(toRow);
    const removals = removalValues(tenant, remove);
    const values = await rowValues(names, tenant, rows);
    return database.transaction(async (queries) => {
      await queries.script(lockSql(database.schema, 'alone'));
      const outcomes: CorrectionResult['outcomes'] = readings.map(() => 'same');
      const removed = remove.map(() => false);
      const written: Outcome[] = [];
      for (const part of oncePerIdentity(rows)) written.push(...(await replaceRows(queries, sql, values, part)));
      for (const { n, outcome } of written) outcomes[n - 1] = outcome;
      const gone = remove.length > 0 ? await queries.rows<Removed>(sql.remove, removals) : [];
      for (const { n } of gone) removed[n - 1] = true;
      await settle(queries, sql, [...written, ...gone]);
      const added = written.filter(({ outcome }) => outcome === 'added');
      await countAgain(queries, sql, added, gone);
      if (cursor) await queries.run(moveCursorSql(database.schema), [cursor.name, cursor.seq]);
      return { outcomes, removed };
    });
  };
}

function removalValues(tenant: string, remove: CorrectionBatch['remove']): string[] {
  const texts = (text: (one: CorrectionBatch['remove'][number]) => string): string =>
    textsLiteral(remove.map((one) => toStoredText(text(one))));
  return [
    tenant,
    texts(({ deviceId }) => deviceId),
    texts(({ chamber }) => chamber ?? ''),
    texts(({ quantity }) => quantity),
    numbersLiteral(remove.map(({ at }) => parseInstant(at))),
    texts(({ uplinkId }) => uplinkId),
  ];
}

/** Places in the batch, from 1, parted so that no part holds one identity twice: a statement changes a row once. */
function oncePerIdentity(rows: { place: string; atMs: number }[]): number[][] {
  const parts: number[][] = [];
  const turns = new Map<string, number>();
  rows.forEach(({ place, atMs }, i) => {
    const [device, , chamber, quantity] = place.split('\n');
    const key = `${device}\n${chamber}\n${quantity}\n${atMs}`;
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    (parts[turn] ??= []).push(i + 1);
  });
  return parts;
}

async function replaceRows(queries: Queries, sql: Statements, values: string[], part: number[]): Promise<Outcome[]> {
  return queries.rows<Outcome>(sql.replace, [numbersLiteral(part), ...values]);
}

/** Works the hours and channels that were touched out anew; nobody else writes meanwhile. */
async function settle(queries: Queries, sql: Statements, touched: Touched[]): Promise<void> {
  if (touched.length === 0) return;
  const hours = new Map(touched.map((one) => [`${one.mounting} ${Math.floor(one.at_ms / HOUR_MS)}`, one]));
  const distinct = [...hours.values()];
  const values = [
    numbersLiteral(distinct.map(({ series }) => series)),
    numbersLiteral(distinct.map(({ mounting }) => mounting)),
    numbersLiteral(distinct.map(({ at_ms }) => Math.floor(at_ms / HOUR_MS))),
  ];
  await queries.run(sql.dropHours, values.slice(1));
  await queries.run(sql.foldHours, values);
  const mountings = [numbersLiteral([...new Set(touched.map(({ mounting }) => mounting))])];
  await queries.run(sql.dropLast, mountings);
  await queries.run(sql.findLast, mountings);
}

async function countAgain(queries: Queries, sql: Statements, added: Touched[], removed: Touched[]): Promise<void> {
  const newest = (touched: Touched[]): number => Math.max(...touched.map(({ at_ms }) => at_ms));
  if (added.length + removed.length === 0) return;
  await queries.run(sql.count, [added.length - removed.length, added.length > 0 ? newest(added) : null]);
  if (removed.length === 0) return;
  const [known] = await queries.rows<{ at_ms: number | null }>(sql.newest);
  if (newest(removed) >= (known?.at_ms ?? Infinity)) await queries.run(sql.findNewest);
}

type Statements = ReturnType<typeof statements>;

function statements(schema: string) {
  const of = (name: string): string => `"${schema}".${name}`;
  const touchedHours = 'unnest($1::int[], $2::int[], $3::int[]) AS t (series, mounting, hour)';
  const channels = `SELECT DISTINCT channel FROM ${of('mountings')} WHERE id = ANY ($1::int[])`;
  return {
    replace: `WITH ${givenSql(2)},
      wanted AS (SELECT * FROM given WHERE n = ANY ($1::int[]) AND ${keptSql(schema, 'given')}),
      changed AS (
        UPDATE ${of('readings')} r SET value = w.value, marks = w.marks | ${CORRECTED_MARK}, type = w.type FROM wanted w
        WHERE r.series = w.series AND r.at_ms = w.at_ms AND r.uplink = w.uplink AND NOT (
          (r.marks | ${PROVENANCE_MASK}) = (w.marks | ${PROVENANCE_MASK}) AND
          CASE WHEN r.value IS NULL OR w.value IS NULL THEN r.value IS NULL AND w.value IS NULL
            ELSE abs(r.value - w.value) <= ${TOLERANCE} * greatest(1, abs(r.value)) END)
        RETURNING w.n, r.series, r.mounting, r.at_ms),
      added AS (
        INSERT INTO ${of('readings')} (at_ms, value, delay_ms, marks, series, mounting, type, uplink)
        SELECT at_ms, value, delay_ms, marks, series, mounting, type, uplink FROM wanted ORDER BY series, at_ms
        ON CONFLICT DO NOTHING RETURNING series, mounting, at_ms)
      SELECT n::int AS n, series, mounting, at_ms::float8 AS at_ms, 'changed' AS outcome FROM changed
      UNION ALL SELECT w.n::int, a.series, a.mounting, a.at_ms::float8, 'added' FROM added a JOIN wanted w USING (series, at_ms)`,
    remove: `DELETE FROM ${of('readings')} r USING ${of('series')} s,
        unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) WITH ORDINALITY
          AS g (device, chamber, quantity, at_ms, uplink, n)
      WHERE s.tenant = $1 AND s.device_id = g.device AND s.chamber = g.chamber AND s.quantity = g.quantity
        AND r.series = s.id AND r.at_ms = g.at_ms AND r.uplink = g.uplink
      RETURNING g.n::int AS n, r.series, r.mounting, r.at_ms::float8 AS at_ms`,
    dropHours: `DELETE FROM ${of('hourly')} h USING unnest($1::int[], $2::int[]) AS t (mounting, hour)
      WHERE h.mounting = t.mounting AND h.hour = t.hour`,
    foldHours: `INSERT INTO ${of('hourly')} (mounting, hour, count, min, max, sum)
      SELECT t.mounting, t.hour, count(*), min(r.value), max(r.value), sum(r.value::numeric) FROM ${touchedHours}
      JOIN ${of('readings')} r ON r.series = t.series AND r.mounting = t.mounting
        AND r.at_ms >= t.hour::bigint * ${HOUR_MS} AND r.at_ms < (t.hour::bigint + 1) * ${HOUR_MS}
      WHERE ${COUNTS} GROUP BY 1, 2`,
    dropLast: `DELETE FROM ${of('last_values')} WHERE channel IN (${channels})`,
    findLast: `INSERT INTO ${of('last_values')} (channel, mounting, device_id, at_ms, value, delay_ms, marks, type, uplink)
      SELECT DISTINCT ON (m.channel) m.channel, m.id, s.device_id, r.at_ms, r.value, r.delay_ms, r.marks, r.type, r.uplink
      FROM ${of('mountings')} m JOIN ${of('series')} s ON s.id = m.series CROSS JOIN LATERAL (
        SELECT * FROM ${of('readings')} WHERE series = m.series AND mounting = m.id AND ${COUNTS}
        ORDER BY at_ms DESC LIMIT 1) r
      WHERE m.channel IN (${channels}) ORDER BY m.channel, r.at_ms DESC, s.device_id DESC`,
    count: `INSERT INTO ${of('totals')} AS t VALUES (0, $1::int, $2::bigint) ON CONFLICT (slot) DO UPDATE
      SET readings = t.readings + excluded.readings, newest_at_ms = greatest(t.newest_at_ms, excluded.newest_at_ms)`,
    newest: `SELECT max(newest_at_ms)::float8 AS at_ms FROM ${of('totals')}`,
    // by the key of each series: the table itself may have millions of rows
    findNewest: `UPDATE ${of('totals')} SET newest_at_ms = (SELECT max(r.at_ms) FROM ${of('series')} s CROSS JOIN LATERAL (
      SELECT at_ms FROM ${of('readings')} WHERE series = s.id ORDER BY at_ms DESC LIMIT 1) r)`,
  };
}
