import type { DatabaseSync } from 'node:sqlite';
import { createPrepared } from './prepared.ts';
import { lowerBound, sliceRows, takeRows, type Rows } from './rows.ts';
import { ANY_BUCKET, bucketOf, deviceOf, type Piece, type Storage } from './storage.ts';

export interface SourceQuery {
  tenant: string;
  assetId?: string;
  deviceId?: string;
  chamber?: string;
  quantity?: string;
}

/** Series that a query asks for; with the mountings whose readings count, where it asks for an asset. */
export type Sources = Map<number, Set<number> | undefined>;

/** Creates the look-up of a query's series. */
export function createSources(db: DatabaseSync): (query: SourceQuery) => Sources {
  const prepared = createPrepared(db);
  return ({ tenant, assetId, deviceId, chamber, quantity }) => {
    const conditions: [string, string | undefined][] = [
      ['s.tenant = ?', tenant],
      ['c.asset_id = ?', assetId],
      ['s.device_id = ?', deviceId],
      ['s.chamber = ?', chamber],
      ['s.quantity = ?', quantity],
    ];
    const used = conditions.filter(([, value]) => value !== undefined);
    const where = used.map(([sql]) => sql).join(' AND ');
    const sql =
      assetId === undefined
        ? `SELECT s.id, NULL FROM series s WHERE ${where}`
        : `SELECT s.id, m.id FROM channels c JOIN mountings m ON m.channel = c.id JOIN series s ON s.id = m.series
           WHERE ${where} AND c.tenant = ?1`;
    const rows = prepared(sql).all(...used.map(([, value]) => value!)) as unknown as [number, number | null][];
    const sources: Sources = new Map();
    for (const [series, mounting] of rows) {
      if (mounting === null) sources.set(series, undefined);
      else sources.set(series, (sources.get(series) ?? new Set()).add(mounting));
    }
    return sources;
  };
}

/** Gives the segments and blocks that may hold rows of these sources in from…to; blocks of a device oldest first. */
export function piecesOf(storage: Storage, sources: Sources, { fromMs, toMs }: Range): Piece[] {
  const devices = new Set(Array.from(sources.keys(), deviceOf));
  const buckets = new Set([ANY_BUCKET, ...Array.from(devices, bucketOf)]);
  const segments = Array.from(buckets, storage.segments).flat();
  return [
    ...segments.filter(({ firstMs, lastMs }) => firstMs < toMs && lastMs >= fromMs),
    ...Array.from(devices, (device) => storage.blocks(device, fromMs, toMs)).flat(),
  ];
}

export interface Range {
  fromMs: number;
  toMs: number;
}

/** Loads what a piece holds of these sources in from…to, in order of (series, at). */
export function loadSources(storage: Storage, piece: Piece, sources: Sources, { fromMs, toMs }: Range): Rows[] {
  const rows = storage.load(piece, sources as unknown as ReadonlySet<number>);
  const parts: Rows[] = [];
  let from = 0;
  while (from < rows.series.length) {
    const series = rows.series[from]!;
    const end = lowerBound(rows, series, Infinity);
    if (sources.has(series)) {
      const low = lowerBound(rows, series, fromMs);
      const high = lowerBound(rows, series, toMs);
      if (high > low) parts.push(ofMountings(sliceRows(rows, low, high), sources.get(series)));
    }
    from = end;
  }
  return parts;
}

function ofMountings(rows: Rows, mountings: Set<number> | undefined): Rows {
  if (!mountings || rows.mounting.every((one) => mountings.has(one))) return rows;
  return takeRows(
    rows,
    Uint32Array.from(rows.mounting.keys()).filter((row) => mountings.has(rows.mounting[row]!)),
  );
}
