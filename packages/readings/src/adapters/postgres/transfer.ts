import { RondeError, type Reading } from '@ronde/contracts';
import { fromStoredText, type Database, type Queries } from '@ronde/postgres';
import type { LoadOptions, ReadingBatch, ReadingsStore, TakeBatch } from '../../port.ts';
import type { Names } from './names.ts';
import { createToReadings } from './queries.ts';
import { ROW_COLUMNS, type StoredRow } from './rows.ts';
import { TABLES } from './schema.ts';

const PAGE = 5_000;
/** Copies of whole stores take their time. */
const COPY_MS = 24 * 3_600_000;
const UNREACHABLE = 'READINGS_UNREACHABLE';

/** Creates what reads everything as of one moment, as batches that make the same store when appended. */
export function createDump(database: Database, names: Names): (take: TakeBatch) => Promise<void> {
  const toReadings = createToReadings(names);
  return async (take) => {
    let isTaken = false;
    await database.transaction(
      async (queries) => {
        if (isTaken) throw new RondeError(UNREACHABLE, 'the readings store was lost while it was being copied');
        isTaken = true;
        await dumpRows(queries, database.schema, async (tenant, rows) =>
          take({ tenant, readings: await toReadings(rows) }),
        );
        for (const batch of await restOf(queries, database.schema)) await take(batch);
      },
      { snapshot: true, statementMs: COPY_MS },
    );
  };
}

async function dumpRows(
  queries: Queries,
  schema: string,
  take: (tenant: string, rows: StoredRow[]) => Promise<void>,
): Promise<void> {
  const sql = `SELECT s.tenant, r.* FROM (
      SELECT ${ROW_COLUMNS} FROM "${schema}".readings WHERE (series, at_ms) > ($1::int, $2::bigint)
      ORDER BY readings.series, readings.at_ms LIMIT ${PAGE}) r JOIN "${schema}".series s ON s.id = r.series
    ORDER BY r.series, r.at_ms`;
  for (let after = [0, 0]; ;) {
    const rows = await queries.rows<StoredRow & { tenant: string }>(sql, after);
    for (const [tenant, mine] of Map.groupBy(rows, (row) => row.tenant)) await take(tenant, mine);
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = [last.series, last.at_ms];
  }
}

/** Cursors and uplink keys belong to no tenant. */
async function restOf(queries: Queries, schema: string): Promise<ReadingBatch[]> {
  const readings: Reading[] = [];
  const cursors = await queries.rows<{ name: string; seq: number }>(
    `SELECT name, seq::float8 AS seq FROM "${schema}".cursors`,
  );
  const keys = await queries.rows<{ key: string; at: number }>(
    `SELECT key, received_at_ms::float8 AS at FROM "${schema}".uplink_keys ORDER BY received_at_ms`,
  );
  const uplinkKeys = keys.map(({ key, at }) => ({ key: fromStoredText(key), receivedAtMs: at }));
  return [{ tenant: '', readings, uplinkKeys }, ...cursors.map((cursor) => ({ tenant: '', readings, cursor }))];
}

/** Fills the store with what `dump` gave, batch by batch. */
export async function loadReadings(
  database: Database,
  fill: (take: TakeBatch) => Promise<void>,
  { replace = false, append }: LoadOptions & Pick<ReadingsStore, 'append'>,
): Promise<void> {
  const tables = TABLES.filter((name) => !NAMES.has(name)).map((name) => `"${database.schema}".${name}`);
  await database.transaction(async (queries) => {
    const any = tables.map((table) => `EXISTS (SELECT 1 FROM ${table})`).join(' OR ');
    const [row] = await queries.rows<{ full: boolean }>(`SELECT ${any} AS full`);
    if (row!.full && !replace) throw new RondeError('RESOURCE_EXISTS', 'the readings store already holds something');
    if (row!.full) await queries.script(`TRUNCATE ${tables.join(', ')}`);
  });
  await fill(async (batch) => void (await append(batch)));
}

/** Numbered texts stay: this and other processes remember their numbers. */
const NAMES = new Set<string>(['series', 'channels', 'mountings', 'types']);
