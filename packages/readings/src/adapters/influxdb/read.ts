import { RondeError, type Reading, type RollupPoint } from '@ronde/contracts';
import type { LastValuesQuery, ReadingsStore, RollupQuery, SeriesQuery } from '../../port.ts';
import type { Connection } from './connection.ts';
import { count, edges, newestPoints, points, steps, type Span, type Tags } from './flux-queries.ts';
import { fromRow, type PointRow } from './point.ts';
import type { KeptSteps } from './kept-steps.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = { '1h': HOUR_MS, '1d': 24 * HOUR_MS } as const;

/** Creates the questions to InfluxDB; they need nothing that the writing process keeps. */
export function createReads(
  connection: Connection,
  kept: KeptSteps,
): Pick<ReadingsStore, 'lastValues' | 'series' | 'rollup' | 'countSince'> {
  return {
    lastValues: (query) => lastValues(connection, query),
    series: (query) => series(connection, query),
    rollup: (query) => rollup(connection, kept, query),
    async countSince(tenant, sinceMs) {
      const span = { fromMs: sinceMs, toMs: Number.MAX_SAFE_INTEGER };
      const [row] = await connection.query<{ _value: number }>(count(connection.bucket, span, tenant));
      return row?._value ?? 0;
    },
  };
}

async function lastValues(connection: Connection, query: LastValuesQuery): Promise<Reading[]> {
  const { tenant, assetIds, deviceIds, quantity } = query;
  const ask = async (tags: Omit<Tags, 'tenant'>): Promise<Reading[]> => {
    const rows = await connection.query<PointRow>(newestPoints(connection.bucket, { tenant, quantity, ...tags }));
    return rows.map(fromRow);
  };
  const isAsked = among(assetIds);
  if (!deviceIds) return newestOfChannels((await ask({ assetIds })).filter(({ assetId }) => isAsked(assetId)));
  const ofDevices = among(deviceIds);
  const own = (await ask({ assetIds, deviceIds })).filter((r) => ofDevices(r.deviceId) && isAsked(r.assetId));
  // another device may have had the last word on the same chamber
  const assets = [...new Set(own.flatMap(({ assetId }) => assetId ?? []))];
  const others = assets.length > 0 ? (await ask({ assetIds: assets })).filter((r) => r.assetId !== null) : [];
  const ownAssets = new Set<string | null>(assets);
  const all = [...own.filter((r) => r.assetId === null), ...others.filter((r) => ownAssets.has(r.assetId))];
  return newestOfChannels(all).filter((r) => ofDevices(r.deviceId));
}

function among(ids: readonly string[] | undefined): (id: string | null) => boolean {
  if (!ids) return () => true;
  const set = new Set<string | null>(ids);
  return (id) => set.has(id);
}

function newestOfChannels(readings: readonly Reading[]): Reading[] {
  const newest = new Map<string, Reading>();
  for (const reading of readings) {
    const { assetId, deviceId, chamber = '', quantity, at } = reading;
    const channel = `${assetId ?? ''}\n${assetId === null ? deviceId : ''}\n${chamber}\n${quantity}`;
    const known = newest.get(channel);
    if (!known || at > known.at || (at === known.at && deviceId > known.deviceId)) newest.set(channel, reading);
  }
  return [...newest.values()];
}

// A page is looked for in ever longer stretches, so that the newest few of a device do not read all its years.
const FIRST_STRETCH_MS = 24 * HOUR_MS;
const STRETCH_GROWTH = 8;

async function series(connection: Connection, query: SeriesQuery): Promise<{ items: Reading[]; next?: string }> {
  const { tenant, assetId, deviceId, chamber, quantity, limit, descending = false } = query;
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RondeError('INPUT_INVALID', `limit ${limit} is not a positive whole number`);
  const after = query.after === undefined ? undefined : parsePosition(query.after);
  const tags: Tags = {
    tenant,
    chamber,
    quantity,
    ...(assetId !== undefined && { assetIds: [assetId] }),
    ...(deviceId !== undefined && { deviceIds: [deviceId] }),
  };
  const order = (a: Place, b: Place): number => (descending ? compare(b, a) : compare(a, b));
  const found: Place[] = [];
  for await (const rows of stretches(connection, tags, { ...spanOf(query, after), limit, descending })) {
    const places = rows.map((row) => placeOf(fromRow(row)));
    found.push(...places.filter((place) => !after || order(place, after) > 0).sort(order));
    if (found.length > limit) break;
  }
  const items = found.slice(0, limit).map(({ reading }) => reading!);
  const last = found[limit - 1];
  return found.length > limit && last ? { items, next: `${last.atMs}.${last.key}` } : { items };
}

/** Gives the points of a span piece by piece, from the end that is asked for. */
async function* stretches(
  connection: Connection,
  tags: Tags,
  { fromMs, toMs, limit, descending }: Span & { limit: number; descending: boolean },
): AsyncGenerator<PointRow[]> {
  const { bucket } = connection;
  const ends = await connection.query<{ _time: string }>(edges(bucket, tags, { fromMs, toMs }));
  const times = ends.map(({ _time }) => Date.parse(_time));
  let from = times.reduce((a, b) => Math.min(a, b), Infinity);
  let to = times.reduce((a, b) => Math.max(a, b), -Infinity) + 1;
  for (let lengthMs = FIRST_STRETCH_MS; from < to; lengthMs *= STRETCH_GROWTH) {
    const piece = descending
      ? { fromMs: Math.max(from, to - lengthMs), toMs: to }
      : { fromMs: from, toMs: Math.min(to, from + lengthMs) };
    // those of one millisecond before the page's first are dropped afterwards, at most one of each series
    yield await connection.query<PointRow>(points(bucket, tags, { ...piece, limit: limit + 2, descending }));
    if (descending) to = piece.fromMs;
    else from = piece.toMs;
  }
}

interface Place {
  atMs: number;
  /** Orders readings of one millisecond; unique among them. */
  key: string;
  reading?: Reading;
}

function placeOf(reading: Reading): Place {
  const { at, deviceId, chamber = '', quantity } = reading;
  return { atMs: Date.parse(at), key: Buffer.from(`${deviceId}\n${chamber}\n${quantity}`).toString('hex'), reading };
}

function compare(a: Place, b: Place): number {
  return a.atMs - b.atMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function spanOf({ fromMs, toMs, descending }: SeriesQuery, after: Place | undefined): Span {
  if (!after) return { fromMs, toMs };
  return descending ? { fromMs, toMs: Math.min(toMs, after.atMs + 1) } : { fromMs: Math.max(fromMs, after.atMs), toMs };
}

function parsePosition(text: string): Place {
  const found = /^(\d{1,15})\.([0-9a-f]*)$/.exec(text);
  if (!found) throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return { atMs: Number(found[1]), key: found[2]! };
}

interface Step {
  atMs: number;
  min: number;
  max: number;
  sum: number;
  count: number;
}

async function rollup(connection: Connection, kept: KeptSteps, query: RollupQuery): Promise<RollupPoint[]> {
  const { tenant, assetId, deviceId, chamber, quantity, step, fromMs, toMs } = query;
  const stepMs = STEP_MS[step];
  const span = { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
  const tags: Tags = {
    tenant,
    chamber,
    quantity,
    ...(assetId !== undefined && { assetIds: [assetId] }),
    ...(deviceId !== undefined && { deviceIds: [deviceId] }),
  };
  const before = await kept.find(tags, { ...span, step });
  const rest = { ...span, fromMs: Math.max(span.fromMs, kept.endMs(step)) };
  const live = rest.fromMs < rest.toMs ? await liveSteps(connection, tags, { ...rest, step }) : [];
  return merge([...before, ...live], stepMs);
}

async function liveSteps(
  connection: Connection,
  tags: Tags,
  span: Span & { step: RollupQuery['step'] },
): Promise<Step[]> {
  const rows = await connection.query<{ result: keyof Omit<Step, 'atMs'>; _time: string; _value: number }>(
    steps(connection.bucket, tags, span),
  );
  return rows.map(({ result, _time, _value }) => ({ ...NOTHING, atMs: Date.parse(_time), [result]: _value }));
}

const NOTHING = { min: Infinity, max: -Infinity, sum: 0, count: 0 };

/** Adds up the steps of the series; hours into the days they are asked for. */
export function merge(parts: readonly Step[], stepMs: number): RollupPoint[] {
  const merged = new Map<number, Step>();
  for (const part of parts) {
    const atMs = Math.floor(part.atMs / stepMs) * stepMs;
    const known = merged.get(atMs) ?? { ...NOTHING, atMs };
    merged.set(atMs, {
      atMs,
      min: Math.min(known.min, part.min),
      max: Math.max(known.max, part.max),
      sum: known.sum + part.sum,
      count: known.count + part.count,
    });
  }
  return [...merged.values()]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, min, max, sum, count: n }) => ({
      from: new Date(atMs).toISOString(),
      min,
      max,
      mean: sum / n,
      count: n,
    }));
}
