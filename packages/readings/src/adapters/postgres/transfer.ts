import { RondeError, type Reading } from '@ronde/contracts';
import { fromStoredText, toStoredText, type Database, type Queries } from '@ronde/postgres';
import type { CopyBatch, GoneHour, LoadOptions, ReadingBatch, ReadingsStore, TakeBatch } from '../../port.ts';
import { HOUR_MS, lockSql } from './append.ts';
import { raiseFloors } from './expire.ts';
import { numbersLiteral } from './literals.ts';
import type { Names } from './names.ts';
import { createToReadings } from './queries.ts';
import { ROW_COLUMNS, type PlaceTexts, type StoredRow } from './rows.ts';
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
        await dumpGone(queries, database.schema, take);
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

/** A series is below its floor whole or not at all: where no reading is left there, its hours are. */
async function dumpGone(queries: Queries, schema: string, take: TakeBatch): Promise<void> {
  const of = (name: string): string => `"${schema}".${name}`;
  const sql = `SELECT h.mounting, h.hour, s.tenant, s.device_id AS device, c.asset_id AS asset, s.chamber, s.quantity,
      h.min, h.max, h.sum::float8 AS sum, h.count
    FROM ${of('hourly')} h JOIN ${of('mountings')} m ON m.id = h.mounting JOIN ${of('series')} s ON s.id = m.series
    JOIN ${of('channels')} c ON c.id = m.channel JOIN ${of('floors')} f ON f.quantity = s.quantity
    WHERE (h.mounting, h.hour) > ($1::int, $2::int) AND h.hour < f.floor_ms / ${HOUR_MS} AND NOT EXISTS (
      SELECT 1 FROM ${of('readings')} r WHERE r.series = s.id AND r.at_ms < f.floor_ms)
    ORDER BY h.mounting, h.hour LIMIT ${PAGE}`;
  for (let after = [0, -(2 ** 31)]; ;) {
    const rows = await queries.rows<GoneRow>(sql, after);
    const hours = rows.map(toGoneHour);
    if (hours.length > 0) await take({ tenant: '', readings: [], gone: { hours, floors: {} } });
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = [last.mounting, last.hour];
  }
  const floors = await queries.rows<{ quantity: string; ms: number }>(
    `SELECT quantity, floor_ms::float8 AS ms FROM ${of('floors')}`,
  );
  if (floors.length === 0) return;
  const byQuantity = Object.fromEntries(floors.map(({ quantity, ms }) => [quantity, ms]));
  await take({ tenant: '', readings: [], gone: { hours: [], floors: byQuantity } });
}

interface GoneRow extends PlaceTexts {
  mounting: number;
  hour: number;
  tenant: string;
  min: number;
  max: number;
  sum: number;
  count: number;
}

function toGoneHour({ mounting: _, hour, device, asset, chamber, quantity, ...rest }: GoneRow): GoneHour {
  return {
    ...rest,
    deviceId: fromStoredText(device),
    assetId: fromStoredText(asset) || null,
    ...(chamber && { chamber: fromStoredText(chamber) }),
    quantity: quantity as GoneHour['quantity'],
    fromMs: hour * HOUR_MS,
  };
}

/** Adds hours to those of readings, and raises the floors. */
async function takeGone(database: Database, names: Names, { hours, floors }: Gone): Promise<void> {
  const mountings = new Map<GoneHour, number>();
  for (const [tenant, own] of Map.groupBy(hours, (hour) => hour.tenant)) {
    const texts = own.map(({ deviceId, assetId, chamber, quantity }) =>
      toStoredText([deviceId, assetId ?? '', chamber ?? '', quantity].join('\n')),
    );
    const distinct = [...new Set(texts)];
    const places = await names.places(tenant, distinct);
    const mountingOf = new Map(distinct.map((text, i) => [text, places[i]!.mounting]));
    own.forEach((hour, i) => mountings.set(hour, mountingOf.get(texts[i]!)!));
  }
  await database.transaction(async (queries) => {
    await queries.script(lockSql(database.schema, 'alone'));
    await queries.run(
      `INSERT INTO "${database.schema}".hourly AS h (mounting, hour, count, min, max, sum)
       SELECT mounting, hour, count, min, max, sum::numeric FROM unnest($1::int[], $2::int[], $3::int[], $4::float8[],
         $5::float8[], $6::float8[]) AS g (mounting, hour, count, min, max, sum) ORDER BY 1, 2
       ON CONFLICT (mounting, hour) DO UPDATE SET count = h.count + excluded.count, min = least(h.min, excluded.min),
         max = greatest(h.max, excluded.max), sum = h.sum + excluded.sum`,
      [
        numbersLiteral(hours.map((hour) => mountings.get(hour)!)),
        numbersLiteral(hours.map(({ fromMs }) => fromMs / HOUR_MS)),
        ...(['count', 'min', 'max', 'sum'] as const).map((field) => numbersLiteral(hours.map((hour) => hour[field]))),
      ],
    );
    await raiseFloors(queries, database.schema, floors);
  });
}
type Gone = NonNullable<CopyBatch['gone']>;

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
  { replace = false, append, names }: LoadOptions & Pick<ReadingsStore, 'append'> & { names: Names },
): Promise<void> {
  const tables = TABLES.filter((name) => !NAMES.has(name)).map((name) => `"${database.schema}".${name}`);
  await database.transaction(async (queries) => {
    const any = tables.map((table) => `EXISTS (SELECT 1 FROM ${table})`).join(' OR ');
    const [row] = await queries.rows<{ full: boolean }>(`SELECT ${any} AS full`);
    if (row!.full && !replace) throw new RondeError('RESOURCE_EXISTS', 'the readings store already holds something');
    if (row!.full) await queries.script(`TRUNCATE ${tables.join(', ')}`);
  });
  await fill(async ({ gone, ...batch }) => {
    if (gone) await takeGone(database, names, gone);
    else await append(batch);
  });
}

/** Numbered texts stay: this and other processes remember their numbers. */
const NAMES = new Set<string>(['series', 'channels', 'mountings', 'types']);
