import { findRow, type Rows } from './rows.ts';
import { ANY_BUCKET, bucketOf, deviceOf, type Piece, type Storage } from './storage.ts';

/** A row where it lies. */
export interface FoundRow {
  piece: Piece;
  rows: Rows;
  row: number;
}

/** Finds single readings, within one transaction; what it loaded it keeps. */
export interface Lookup {
  has(series: number, atMs: number): boolean;
  find(series: number, atMs: number): FoundRow | undefined;
}

export function createLookup(storage: Storage): Lookup {
  const segments = new Map<number, { piece: Piece; rows?: Rows }[]>();
  const blocks = new Map<number, Rows>();
  const segmentsOf = (bucket: number): { piece: Piece; rows?: Rows }[] => {
    const known = segments.get(bucket) ?? storage.segments(bucket).map((piece) => ({ piece }));
    segments.set(bucket, known);
    return known;
  };
  const inSegments = (bucket: number, series: number, atMs: number): FoundRow | undefined => {
    for (const segment of segmentsOf(bucket)) {
      const { piece } = segment;
      if (atMs < piece.firstMs || atMs > piece.lastMs) continue;
      const rows = (segment.rows ??= storage.load(piece));
      const row = findRow(rows, series, atMs);
      if (row >= 0) return { piece, rows, row };
    }
    return undefined;
  };
  const inBlock = (series: number, atMs: number): FoundRow | undefined => {
    const piece = storage.blockAt(deviceOf(series), atMs);
    if (!piece || atMs < piece.firstMs || atMs > piece.lastMs) return undefined;
    const rows = blocks.get(piece.id) ?? storage.load(piece);
    blocks.set(piece.id, rows);
    const row = findRow(rows, series, atMs);
    return row >= 0 ? { piece, rows, row } : undefined;
  };
  const find = (series: number, atMs: number): FoundRow | undefined =>
    inSegments(bucketOf(deviceOf(series)), series, atMs) ??
    inSegments(ANY_BUCKET, series, atMs) ??
    inBlock(series, atMs);
  return { find, has: (series, atMs) => find(series, atMs) !== undefined };
}

/**
 * Remembers how new the readings of each device are at most: what is newer needs no look-up. Too high a time costs a
 * look-up and is never wrong, so that nothing has to be forgotten after a transaction that failed.
 */
export interface Newest {
  of(device: number): number;
  raise(device: number, atMs: number): void;
}

export function createNewest(storage: Storage): Newest {
  const times = new Map<number, number>();
  const loaded = new Set<number>();
  const blocksSeen = new Set<number>();
  const raise = (device: number, atMs: number): void => {
    if (!(times.get(device)! >= atMs)) times.set(device, atMs);
  };
  const loadBucket = (bucket: number): void => {
    loaded.add(bucket);
    for (const piece of storage.segments(bucket)) {
      const { series, atMs } = storage.load(piece);
      series.forEach((one, i) => raise(deviceOf(one), atMs[i]!));
    }
  };
  return {
    raise,
    of(device) {
      const bucket = bucketOf(device);
      if (!loaded.has(ANY_BUCKET)) loadBucket(ANY_BUCKET);
      if (!loaded.has(bucket)) loadBucket(bucket);
      if (!blocksSeen.has(device)) {
        blocksSeen.add(device);
        raise(device, storage.newestBlock(device)?.lastMs ?? -Infinity);
      }
      return times.get(device)!;
    },
  };
}
