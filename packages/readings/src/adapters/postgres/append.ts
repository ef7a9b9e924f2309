import type { Database, Queries, Value } from '@ronde/postgres';
import { RondeError } from '@ronde/contracts';
import { toStoredText } from '@ronde/postgres';
import type { AppendResult, ReadingBatch, UplinkKey } from '../../port.ts';
import { numbersLiteral, textsLiteral } from './literals.ts';
import type { Names } from './names.ts';
import { toRow, type NewRow } from './rows.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Whole days of receipt (UTC) that uplink keys are kept: a duplicate is asked for within a day. */
const UPLINK_DAYS_KEPT = 3;
const SLOTS = 16;

/** Whose value counts; the same question as `isInvalid` of the marks, denied. */
export const COUNTS = 'value IS NOT NULL AND (marks & 3) <> 2';
/** Appends go on beside each other; a correction has the store for itself for as long as its batch takes. */
export const lockSql = (schema: string, mode: 'shared' | 'alone'): string =>
  `SELECT pg_advisory_xact_lock${mode === 'shared' ? '_shared' : ''}(hashtextextended('ronde ${schema} corrections', 0))`;

/** Creates the appender: batches of one process one after the other, processes beside each other. */
export function createAppend(database: Database, names: Names): (batch: ReadingBatch) => Promise<AppendResult> {
  const sql = appendSql(database.schema);
  const keepUplinkKeys = createKeepUplinkKeys(database.schema);
  const slot = Math.floor(Math.random() * SLOTS);
  const append = async ({ tenant, readings, uplinkKeys = [], cursor }: ReadingBatch): Promise<AppendResult> => {
    const rows = readings.map(toRow);
    const values = await rowValues(names, tenant, rows);
    return database.transaction(async (queries) => {
      await queries.script(lockSql(database.schema, 'shared'));
      await claimUplinkKeys(queries, database.schema, uplinkKeys);
      const missing = readings.length > 0 ? await insertRows(queries, sql, [slot, ...values]) : new Set<number>();
      await keepUplinkKeys(queries, uplinkKeys);
      if (cursor) await queries.run(moveCursorSql(database.schema), [cursor.name, cursor.seq]);
      return { stored: readings.map((_, i) => !missing.has(i + 1)) };
    });
  };
  let last: Promise<unknown> = Promise.resolve();
  return (batch) => {
    const result = last.then(() => append(batch));
    last = result.catch(() => undefined);
    return result;
  };
}

export const moveCursorSql = (schema: string): string =>
  `INSERT INTO "${schema}".cursors VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq`;

/** Lays rows out as the arrays of `givenSql`. */
export async function rowValues(names: Names, tenant: string, rows: NewRow[]): Promise<string[]> {
  const placeTexts = [...new Set(rows.map(({ place }) => place))];
  const typeNames = [...new Set(rows.map(({ type }) => type))];
  const places = await names.places(tenant, placeTexts);
  const types = await names.types(typeNames);
  const placeOf = new Map(placeTexts.map((text, i) => [text, i + 1]));
  const typeOf = new Map(typeNames.map((name, i) => [name, types[i]!]));
  return [
    numbersLiteral(rows.map(({ place }) => placeOf.get(place)!)),
    numbersLiteral(rows.map(({ atMs }) => atMs)),
    numbersLiteral(rows.map(({ value }) => value)),
    numbersLiteral(rows.map(({ delayMs }) => delayMs)),
    numbersLiteral(rows.map(({ marks }) => marks)),
    numbersLiteral(rows.map(({ type }) => typeOf.get(type)!)),
    textsLiteral(rows.map(({ uplink }) => uplink)),
    numbersLiteral(places.map(({ series }) => series)),
    numbersLiteral(places.map(({ mounting }) => mounting)),
    numbersLiteral(places.map(({ channel }) => channel)),
    textsLiteral(places.map(({ device }) => device)),
  ];
}

/** Rows and places from parameters $from on, in the order of `rowValues`. */
export function givenSql(from: number): string {
  const [place, at, value, delay, marks, type, uplink, series, mounting, channel, device] = Array.from(
    { length: 11 },
    (_, i) => `$${from + i}`,
  );
  return `places AS (
      SELECT * FROM unnest(${series}::int[], ${mounting}::int[], ${channel}::int[], ${device}::text[])
        WITH ORDINALITY AS p (series, mounting, channel, device_id, place)),
    given AS (
      SELECT g.*, p.series, p.mounting, p.channel, p.device_id FROM unnest(${place}::int[], ${at}::bigint[], ${value}::float8[],
        ${delay}::bigint[], ${marks}::bigint[], ${type}::int[], ${uplink}::text[])
        WITH ORDINALITY AS g (place, at_ms, value, delay_ms, marks, type, uplink, n) JOIN places p USING (place))`;
}

/** Whether a row of this table is not older than its quantity is kept. */
export function keptSql(schema: string, rows: string): string {
  return `NOT EXISTS (SELECT 1 FROM "${schema}".floors f JOIN "${schema}".series fs ON fs.quantity = f.quantity
    WHERE fs.id = ${rows}.series AND ${rows}.at_ms < f.floor_ms)`;
}

/*
 * One statement for the rows and all that follows from them. Every table is gone through in the order of its key, so
 * that workers that meet wait for each other and not in a circle. Of two of a batch with one identity the first wins.
 */
function appendSql(schema: string): string {
  const of = (name: string): string => `"${schema}".${name}`;
  return `WITH ${givenSql(2)},
    stored AS (
      INSERT INTO ${of('readings')} (at_ms, value, delay_ms, marks, series, mounting, type, uplink)
      SELECT at_ms, value, delay_ms, marks, series, mounting, type, uplink FROM given
      WHERE ${keptSql(schema, 'given')} ORDER BY series, at_ms, n
      ON CONFLICT DO NOTHING RETURNING *),
    counting AS (
      SELECT s.*, p.channel, p.device_id FROM stored s JOIN places p USING (mounting) WHERE ${COUNTS}),
    hours AS (
      INSERT INTO ${of('hourly')} AS h (mounting, hour, count, min, max, sum)
      SELECT mounting, floor(at_ms::float8 / ${HOUR_MS})::int AS hour, count(*), min(value), max(value), sum(value::numeric)
      FROM counting GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (mounting, hour) DO UPDATE SET count = h.count + excluded.count, min = least(h.min, excluded.min),
        max = greatest(h.max, excluded.max), sum = h.sum + excluded.sum),
    lasts AS (
      INSERT INTO ${of('last_values')} AS l (channel, mounting, device_id, at_ms, value, delay_ms, marks, type, uplink)
      SELECT DISTINCT ON (channel) channel, mounting, device_id, at_ms, value, delay_ms, marks, type, uplink
      FROM counting ORDER BY channel, at_ms DESC, device_id COLLATE "C" DESC
      ON CONFLICT (channel) DO UPDATE SET mounting = excluded.mounting, device_id = excluded.device_id,
        at_ms = excluded.at_ms, value = excluded.value, delay_ms = excluded.delay_ms, marks = excluded.marks,
        type = excluded.type, uplink = excluded.uplink
      WHERE (excluded.at_ms, excluded.device_id) > (l.at_ms, l.device_id)),
    counted AS (
      INSERT INTO ${of('totals')} AS t (slot, readings, newest_at_ms)
      SELECT $1::int, count(*), max(at_ms) FROM stored HAVING count(*) > 0
      ON CONFLICT (slot) DO UPDATE SET readings = t.readings + excluded.readings,
        newest_at_ms = greatest(t.newest_at_ms, excluded.newest_at_ms))
    SELECT n::int AS n FROM (
      SELECT g.n, row_number() OVER (PARTITION BY g.series, g.at_ms ORDER BY g.n) AS turn, s.series AS known
      FROM given g LEFT JOIN stored s ON s.series = g.series AND s.at_ms = g.at_ms
      WHERE (SELECT count(*) FROM stored) < (SELECT count(*) FROM given)) missing
    WHERE known IS NULL OR turn > 1`;
}

/** Gives the places in the batch, from 1, of readings that were there already. */
async function insertRows(queries: Queries, sql: string, values: Value[]): Promise<Set<number>> {
  const rows = await queries.rows<{ n: number }>(sql, values);
  return new Set(rows.map(({ n }) => n));
}

/** @throws RondeError UPLINK_TAKEN when another process has stored, or is just storing, a key that must be new */
async function claimUplinkKeys(queries: Queries, schema: string, keys: readonly UplinkKey[]): Promise<void> {
  const claims = new Map<string, number>();
  for (const { key, receivedAtMs, mustBeNew } of keys) if (mustBeNew) claims.set(toStoredText(key), receivedAtMs);
  if (claims.size === 0) return;
  const table = `"${schema}".uplink_keys`;
  const texts = textsLiteral([...claims.keys()]);
  // also of other days; the insert then waits for those who are at it right now
  const known = await queries.rows(`SELECT 1 FROM ${table} WHERE key = ANY($1::text[]) LIMIT 1`, [texts]);
  const added =
    known.length > 0
      ? []
      : await queries.rows(
          `INSERT INTO ${table} (day, key, received_at_ms)
            SELECT floor(at::float8 / ${DAY_MS})::int, key, at FROM unnest($1::text[], $2::bigint[]) AS g (key, at) ORDER BY key
            ON CONFLICT (key, day) DO NOTHING RETURNING 1`,
          [texts, numbersLiteral([...claims.values()])],
        );
  if (added.length < claims.size) throw new RondeError('UPLINK_TAKEN', 'another worker has stored a copy of an uplink');
}

function createKeepUplinkKeys(schema: string) {
  const keep = `INSERT INTO "${schema}".uplink_keys AS k (day, key, received_at_ms)
    SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[]) AS g (day, key, at) ORDER BY key, day
    ON CONFLICT (key, day) DO UPDATE SET received_at_ms = greatest(k.received_at_ms, excluded.received_at_ms)`;
  const prune = `DELETE FROM "${schema}".uplink_keys WHERE day < $1`;
  let newestDay = -Infinity;
  return async (queries: Queries, keys: { key: string; receivedAtMs: number }[]): Promise<void> => {
    if (keys.length === 0) return;
    const latest = new Map<string, { day: number; key: string; atMs: number }>();
    for (const { key, receivedAtMs } of keys) {
      const day = Math.floor(receivedAtMs / DAY_MS);
      const known = latest.get(`${day} ${key}`);
      latest.set(`${day} ${key}`, { day, key, atMs: Math.max(receivedAtMs, known?.atMs ?? receivedAtMs) });
    }
    const rows = [...latest.values()];
    await queries.run(keep, [
      numbersLiteral(rows.map(({ day }) => day)),
      textsLiteral(rows.map(({ key }) => toStoredText(key))),
      numbersLiteral(rows.map(({ atMs }) => atMs)),
    ]);
    const day = Math.max(...rows.map((row) => row.day));
    if (day > newestDay) await queries.run(prune, [day - UPLINK_DAYS_KEPT]);
    newestDay = Math.max(newestDay, day);
  };
}
