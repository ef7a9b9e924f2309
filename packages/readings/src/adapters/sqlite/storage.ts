import type { DatabaseSync } from 'node:sqlite';
import { decodeBlock, encodeBlock, weekOf } from './block.ts';
import { readChecked, withChecksum } from './checked.ts';
import { packRows, unpackRows, type Rows } from './rows.ts';

/*
 * Where readings lie. Each is in one place: in a segment, as appended, or in a block, compacted.
 * A segment holds rows of the devices of one bucket, so that one device is read without the others and a slice of
 * compaction is small; small batches go to the bucket of all devices first. A block holds one device and week.
 */
const SERIES_PER_DEVICE = 1_024;
const DEVICES_PER_BUCKET = 16;
/** The bucket of batches too small to be split. */
export const ANY_BUCKET = -1;
// weeks of the years 0 to 9999 counted from zero, see interfaces.md on times
const WEEKS_PER_DEVICE = 2 ** 20;
const WEEK_ZERO = 2 ** 17;

export function deviceOf(series: number): number {
  return Math.floor(series / SERIES_PER_DEVICE);
}

export function bucketOf(device: number): number {
  return Math.floor(device / DEVICES_PER_BUCKET);
}

/** The number of a device's n-th series. */
export function seriesId(device: number, n: number): number | undefined {
  return n < SERIES_PER_DEVICE ? device * SERIES_PER_DEVICE + n : undefined;
}

/** A segment or block without its rows. */
export interface Piece {
  kind: 'segment' | 'block';
  id: number;
  count: number;
  firstMs: number;
  lastMs: number;
}
export interface SegmentPiece extends Piece {
  level: number;
}

/** Reads and writes segments and blocks of one connection. */
export interface Storage {
  /** Segments of a bucket, oldest readings first. */
  segments(bucket: number): SegmentPiece[];
  buckets(): number[];
  /** Blocks of a device that overlap from…to, oldest first. */
  blocks(device: number, fromMs: number, toMs: number): Piece[];
  newestBlock(device: number): Piece | undefined;
  blockAt(device: number, atMs: number): Piece | undefined;
  /** Rows in order of (series, at); those of some series only when `wanted` says so (a segment may give more). */
  load(piece: Pick<Piece, 'kind' | 'id' | 'count'>, wanted?: ReadonlySet<number>): Rows;
  insertSegment(bucket: number, level: number, rows: Rows): void;
  /** Puts rows in the place of a block or segment; without rows it goes. */
  replace(piece: Pick<Piece, 'kind' | 'id'>, rows: Rows): void;
  remove(pieces: readonly Pick<Piece, 'kind' | 'id'>[]): void;
  /** Puts a device's week in place. */
  putBlock(rows: Rows): void;
  /** Buckets that got segments since whoever compacts them cleared this. */
  touched: Set<number>;
}

const HEAD = 'id, rows AS count, first_ms AS firstMs, last_ms AS lastMs';

/** Creates the storage of one connection. */
export function createStorage(db: DatabaseSync): Storage {
  return { ...createReads(db), ...createWrites(db) };
}

function createReads(db: DatabaseSync) {
  const segments = db.prepare(
    `SELECT 'segment' AS kind, ${HEAD}, level FROM segments WHERE bucket = ? ORDER BY first_ms`,
  );
  const buckets = db.prepare('SELECT DISTINCT bucket FROM segments');
  const blocks = db.prepare(
    `SELECT 'block' AS kind, ${HEAD} FROM blocks WHERE id >= ? AND id < ? AND first_ms < ? AND last_ms >= ? ORDER BY id`,
  );
  const newest = db.prepare(
    `SELECT 'block' AS kind, ${HEAD} FROM blocks WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1`,
  );
  const block = db.prepare(`SELECT 'block' AS kind, ${HEAD} FROM blocks WHERE id = ?`);
  const data = {
    segment: db.prepare('SELECT data FROM segments WHERE id = ?'),
    block: db.prepare('SELECT data FROM blocks WHERE id = ?'),
  };
  return {
    segments: (bucket: number) => segments.all(bucket) as unknown as SegmentPiece[],
    buckets: () => (buckets.all() as unknown as { bucket: number }[]).map(({ bucket: one }) => one),
    blocks(device: number, fromMs: number, toMs: number) {
      const from = Math.max(device * WEEKS_PER_DEVICE, blockId(device, fromMs));
      const to = Math.min((device + 1) * WEEKS_PER_DEVICE, blockId(device, toMs) + 1);
      return blocks.all(from, to, toMs, fromMs) as unknown as Piece[];
    },
    newestBlock: (device: number) =>
      newest.get((device + 1) * WEEKS_PER_DEVICE, device * WEEKS_PER_DEVICE) as unknown as Piece | undefined,
    blockAt: (device: number, atMs: number) => block.get(blockId(device, atMs)) as unknown as Piece | undefined,
    load({ kind, id, count }: Pick<Piece, 'kind' | 'id' | 'count'>, wanted?: ReadonlySet<number>) {
      const { data: bytes } = data[kind].get(id) as { data: Uint8Array };
      return readChecked(bytes, `${kind} ${id}`, (packed) =>
        kind === 'segment' ? unpackRows(packed, count) : decodeBlock(packed, wanted),
      );
    },
  };
}

function createWrites(db: DatabaseSync) {
  const insertSegment = db.prepare(
    'INSERT INTO segments (bucket, level, rows, first_ms, last_ms, data) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const updateSegment = db.prepare('UPDATE segments SET rows = ?, first_ms = ?, last_ms = ?, data = ? WHERE id = ?');
  const putBlock = db.prepare(
    'INSERT OR REPLACE INTO blocks (rows, first_ms, last_ms, data, id) VALUES (?, ?, ?, ?, ?)',
  );
  const remove = {
    segment: db.prepare('DELETE FROM segments WHERE id = ?'),
    block: db.prepare('DELETE FROM blocks WHERE id = ?'),
  };
  const touched = new Set<number>();
  return {
    touched,
    insertSegment(bucket: number, level: number, rows: Rows) {
      touched.add(bucket);
      insertSegment.run(bucket, level, ...spanOf(rows), withChecksum(packRows(rows)));
    },
    replace({ kind, id }: Pick<Piece, 'kind' | 'id'>, rows: Rows) {
      if (rows.atMs.length === 0) remove[kind].run(id);
      else if (kind === 'segment') updateSegment.run(...spanOf(rows), withChecksum(packRows(rows)), id);
      else putBlock.run(...spanOf(rows), withChecksum(encodeBlock(rows)), id);
    },
    remove: (pieces: readonly Pick<Piece, 'kind' | 'id'>[]) => pieces.forEach(({ kind, id }) => remove[kind].run(id)),
    putBlock(rows: Rows) {
      const id = blockId(deviceOf(rows.series[0]!), rows.atMs[0]!);
      putBlock.run(...spanOf(rows), withChecksum(encodeBlock(rows)), id);
    },
  };
}

function blockId(device: number, atMs: number): number {
  return device * WEEKS_PER_DEVICE + WEEK_ZERO + weekOf(atMs);
}

function spanOf({ atMs }: Rows): [count: number, firstMs: number, lastMs: number] {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const one of atMs) {
    if (one < firstMs) firstMs = one;
    if (one > lastMs) lastMs = one;
  }
  return [atMs.length, firstMs, lastMs];
}
