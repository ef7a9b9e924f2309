import type { DatabaseSync } from 'node:sqlite';
import { decodeBlock, encodeBlock, spanOf, spanStartMs } from './block.ts';
import { readChecked, withChecksum } from './checked.ts';
import { DAY_MS } from './columns.ts';
import { packRows, unpackRows, type Rows } from './rows.ts';

/*
 * Where readings lie. Each is in one place: in a segment, as appended, or in a block, compacted.
 * A segment holds rows of the devices of one bucket, so that one device is read without the others and a slice of
 * compaction is small; small batches go to the bucket of all devices first. A block holds a device's readings from its
 * day on until the day of the next block or the end of its span: a span of a busy sensor is several blocks, so that none
 * takes long to write anew.
 */
const SERIES_PER_DEVICE = 1_024;
const DEVICES_PER_BUCKET = 16;
/** The bucket of batches too small to be split. */
export const ANY_BUCKET = -1;
// days of the years 0 to 9999 counted from zero, which RFC 3339 can name
const DAYS_PER_DEVICE = 2 ** 22;
const DAY_ZERO = 2 ** 20;

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
  /** The block where readings of this time lie or would lie. */
  blockAt(device: number, atMs: number): Piece | undefined;
  /** The first day after this time that is another block's; Infinity when there is none in its span. */
  nextBlockMs(device: number, atMs: number): number;
  /** Rows in order of (series, at); those of some series only when `wanted` says so (a segment may give more). */
  load(piece: Pick<Piece, 'kind' | 'id' | 'count'>, wanted?: ReadonlySet<number>): Rows;
  insertSegment(bucket: number, level: number, rows: Rows): void;
  /** Puts rows in the place of a block or segment; without rows it goes. */
  replace(piece: Pick<Piece, 'kind' | 'id'>, rows: Rows): void;
  remove(pieces: readonly Pick<Piece, 'kind' | 'id'>[]): void;
  /** Makes a block that begins at the day of this time. */
  addBlock(atMs: number, rows: Rows): void;
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
  const next = db.prepare('SELECT min(id) AS id FROM blocks WHERE id > ? AND id < ?');
  const data = {
    segment: db.prepare('SELECT data FROM segments WHERE id = ?'),
    block: db.prepare('SELECT data FROM blocks WHERE id = ?'),
  };
  return {
    segments: (bucket: number) => segments.all(bucket) as unknown as SegmentPiece[],
    buckets: () => (buckets.all() as unknown as { bucket: number }[]).map(({ bucket: one }) => one),
    blocks(device: number, fromMs: number, toMs: number) {
      const from = Math.max(device * DAYS_PER_DEVICE, blockId(device, spanStartMs(spanOf(fromMs))));
      const to = Math.min((device + 1) * DAYS_PER_DEVICE, blockId(device, toMs) + 1);
      return blocks.all(from, to, toMs, fromMs) as unknown as Piece[];
    },
    newestBlock: (device: number) =>
      newest.get((device + 1) * DAYS_PER_DEVICE, device * DAYS_PER_DEVICE) as unknown as Piece | undefined,
    blockAt: (device: number, atMs: number) =>
      newest.get(blockId(device, atMs) + 1, blockId(device, spanStartMs(spanOf(atMs)))) as unknown as Piece | undefined,
    nextBlockMs(device: number, atMs: number) {
      const end = blockId(device, spanStartMs(spanOf(atMs) + 1));
      const { id } = next.get(blockId(device, atMs), end) as { id: number | null };
      return id === null ? Infinity : (id - device * DAYS_PER_DEVICE - DAY_ZERO) * DAY_MS;
    },
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
      insertSegment.run(bucket, level, ...headOf(rows), withChecksum(packRows(rows)));
    },
    replace({ kind, id }: Pick<Piece, 'kind' | 'id'>, rows: Rows) {
      if (rows.atMs.length === 0) remove[kind].run(id);
      else if (kind === 'segment') updateSegment.run(...headOf(rows), withChecksum(packRows(rows)), id);
      else putBlock.run(...headOf(rows), withChecksum(encodeBlock(rows)), id);
    },
    remove: (pieces: readonly Pick<Piece, 'kind' | 'id'>[]) => pieces.forEach(({ kind, id }) => remove[kind].run(id)),
    addBlock(atMs: number, rows: Rows) {
      const id = blockId(deviceOf(rows.series[0]!), atMs);
      putBlock.run(...headOf(rows), withChecksum(encodeBlock(rows)), id);
    },
  };
}

function blockId(device: number, atMs: number): number {
  return device * DAYS_PER_DEVICE + DAY_ZERO + Math.floor(atMs / DAY_MS);
}

function headOf({ atMs }: Rows): [count: number, firstMs: number, lastMs: number] {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const one of atMs) {
    if (one < firstMs) firstMs = one;
    if (one > lastMs) lastMs = one;
  }
  return [atMs.length, firstMs, lastMs];
}
