import type { Database, Queries } from '@ronde/postgres';
import { HOUR_MS, lockSql } from './append.ts';
import { numbersLiteral, textsLiteral } from './literals.ts';
import type { ReadingsStore } from '../../port.ts';

/** Series whose old readings go in one transaction: of each all or none, so that nobody adds up half an hour. */
const SERIES_AT_ONCE = 8;
const SLICE_MS = 60_000;

interface Pass {
  quantity: string;
  floorMs: number;
}

/**
 * Creates the taking away of old readings. The floors are raised first, while nobody appends: from then on nothing older
 * is stored. Hours stand in a table of their own and stay. Of several processes one works, the others find nothing to do.
 */
export function createExpire(database: Database): NonNullable<ReadingsStore['expire']> {
  const { schema } = database;
  const open = `SELECT quantity, floor_ms::float8 AS "floorMs" FROM "${schema}".floors
    WHERE done_ms IS NULL OR done_ms < floor_ms ORDER BY quantity LIMIT 1`;
  return async (before) => {
    await database.transaction(async (queries) => {
      await queries.script(lockSql(schema, 'alone'));
      await raiseFloors(queries, schema, before);
    });
    let removed = 0;
    for (;;) {
      const [pass] = await database.rows<Pass>(open);
      if (!pass) return removed;
      const count = await database.transaction((queries) => takeAway(queries, schema, pass), { statementMs: SLICE_MS });
      if (count === 'others') return removed;
      removed += count;
    }
  };
}

/** Raises floors, down to the hour; one never goes back. */
export async function raiseFloors(
  queries: Queries,
  schema: string,
  before: Partial<Record<string, number>>,
): Promise<void> {
  const floors = Object.entries(before).map(
    ([quantity, ms]) => [quantity, Math.floor(ms! / HOUR_MS) * HOUR_MS] as const,
  );
  await queries.run(
    `INSERT INTO "${schema}".floors AS f (quantity, floor_ms)
     SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT (quantity) DO UPDATE
     SET floor_ms = excluded.floor_ms WHERE excluded.floor_ms > f.floor_ms`,
    [textsLiteral(floors.map(([quantity]) => quantity)), numbersLiteral(floors.map(([, ms]) => ms))],
  );
}

/** One slice of a pass; the pass is done when no series has anything below its floor. */
async function takeAway(queries: Queries, schema: string, { quantity, floorMs }: Pass): Promise<number | 'others'> {
  const of = (name: string): string => `"${schema}".${name}`;
  const [lock] = await queries.rows<{ mine: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('ronde ${schema} expiry', 0)) AS mine`,
  );
  if (!lock!.mine) return 'others';
  // beside appends, which store nothing that old, and not beside corrections, which add hours up anew
  await queries.script(lockSql(schema, 'shared'));
  const series = await queries.rows<{ id: number }>(
    `SELECT s.id FROM ${of('series')} s WHERE s.quantity = $1 AND EXISTS (
       SELECT 1 FROM ${of('readings')} r WHERE r.series = s.id AND r.at_ms < $2::bigint) ORDER BY s.id LIMIT ${SERIES_AT_ONCE}`,
    [quantity, floorMs],
  );
  const ids = numbersLiteral(series.map(({ id }) => id));
  if (series.length === 0) {
    await queries.run(`UPDATE ${of('floors')} SET done_ms = $2::bigint WHERE quantity = $1`, [quantity, floorMs]);
    return 0;
  }
  const removed = await queries.run(
    `DELETE FROM ${of('readings')} WHERE series = ANY ($1::int[]) AND at_ms < $2::bigint`,
    [ids, floorMs],
  );
  // a channel whose last value is that old has no newer one
  await queries.run(
    `DELETE FROM ${of('last_values')} l USING ${of('mountings')} m
     WHERE m.id = l.mounting AND m.series = ANY ($1::int[]) AND l.at_ms < $2::bigint`,
    [ids, floorMs],
  );
  await queries.run(
    `INSERT INTO ${of('totals')} AS t VALUES (0, -$1::int, NULL) ON CONFLICT (slot) DO UPDATE
     SET readings = t.readings + excluded.readings`,
    [removed],
  );
  return removed;
}
