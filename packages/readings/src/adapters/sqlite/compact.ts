import { DAY_MS } from './columns.ts';
import { splitByBucket, transact, type WriteParts } from './append.ts';
import { packDevice } from './pack.ts';
import { joinRows, sliceRows, sortRows, takeRows, type Rows } from './rows.ts';
import { ANY_BUCKET, deviceOf, type SegmentPiece, type Storage } from './storage.ts';

/** Segments of one size in a bucket before they become one of the next size. */
const MERGE_SEGMENTS = 12;
/** Small batches before they are split over the buckets. */
const SPLIT_SEGMENTS = 16;
const SPLIT_ROWS = 4_000;
/** Rows that are loaded at once; what else is settled waits for the next slice. */
const SLICE_ROWS = 20_000;
/** Marks what a slice left of one device; it is not merged. */
const DEVICE_LEVEL = 99;
/** Settled rows that are worth writing blocks anew, when the day has not changed. */
const WORTH_ROWS = 2_000;
/** A slice holds up appends no longer than this, plus one block. */
const SLICE_MS = 15;

export interface Slice {
  isMore: boolean;
  tookMs: number;
}

export interface CompactionSettings {
  /** How long after the end of a UTC day its readings are packed; by measurement time, never by a clock. */
  settleAfterMs: number;
}

/**
 * Creates the compaction: each call is one short transaction that merges segments, or moves what is settled into
 * blocks; `isAll` takes everything for settled. Killed at any moment it leaves the store as before or after a slice, and readings are in one place always.
 */
export function createCompaction(parts: WriteParts, { settleAfterMs }: CompactionSettings): (isAll?: boolean) => Slice {
  const { db, storage } = parts;
  const newest = db.prepare('SELECT newest_at_ms AS atMs FROM totals');
  /** Buckets to look at; true = also when there is little to do. */
  const due = new Map<number, boolean>();
  let settledBeforeMs = -Infinity;
  const noteDay = (isAll: boolean): void => {
    const { atMs } = newest.get() as { atMs: number | null };
    const settledMs = isAll ? Infinity : (atMs ?? -Infinity) - settleAfterMs;
    const day = Math.floor(settledMs / DAY_MS) * DAY_MS;
    if (day === settledBeforeMs && !isAll) return;
    settledBeforeMs = day;
    for (const bucket of storage.buckets()) due.set(bucket, true);
  };
  const lookAt = (bucket: number, isDay: boolean, untilMs: number): boolean => {
    const pieces = storage.segments(bucket);
    if (bucket === ANY_BUCKET) return splitSmall(storage, pieces, isDay, due);
    const settled = pieces.filter(({ firstMs }) => firstMs < settledBeforeMs);
    const count = settled.reduce((sum, piece) => sum + piece.count, 0);
    const isStarted = settled.some(({ level }) => level === DEVICE_LEVEL);
    if (settled.length > 0 && (isDay || isStarted || count >= WORTH_ROWS))
      return packBucket(storage, { bucket, settled, settledBeforeMs, untilMs });
    return mergeLevel(storage, bucket, pieces);
  };
  return (isAll = false) => {
    const start = performance.now();
    noteDay(isAll);
    for (const bucket of storage.touched) if (!due.has(bucket)) due.set(bucket, false);
    storage.touched.clear();
    if (due.size === 0) return { isMore: false, tookMs: performance.now() - start };
    transact(parts, true, () => {
      for (const [bucket, isDay] of [...due].sort(([a], [b]) => a - b)) {
        const isMore = lookAt(bucket, isDay, start + SLICE_MS);
        if (!isMore) due.delete(bucket);
        if (performance.now() - start > SLICE_MS) break;
      }
    });
    return { isMore: due.size > 0, tookMs: performance.now() - start };
  };
}

/** Splits small batches over the buckets, which are then due. */
function splitSmall(storage: Storage, pieces: SegmentPiece[], isDay: boolean, due: Map<number, boolean>): boolean {
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  if (count === 0 || (pieces.length < SPLIT_SEGMENTS && count < SPLIT_ROWS && !isDay)) return false;
  const rows = sortRows(joinRows(pieces.map((piece) => storage.load(piece))));
  splitByBucket(rows, Uint32Array.from(rows.series.keys()), (bucket, own) => {
    storage.insertSegment(bucket, 0, takeRows(rows, own));
    due.set(bucket, isDay || due.get(bucket) === true);
  });
  storage.remove(pieces);
  return false;
}

/** Merges the segments of one size, so that a bucket never has many. */
function mergeLevel(storage: Storage, bucket: number, pieces: SegmentPiece[]): boolean {
  const sizeOf = (same: SegmentPiece[]): number => same.reduce((sum, { count }) => sum + count, 0);
  const [full] = [...Map.groupBy(pieces, ({ level }) => level).values()].filter(
    (same) => same.length >= MERGE_SEGMENTS && same[0]!.level < DEVICE_LEVEL && sizeOf(same) <= SLICE_ROWS,
  );
  if (!full) return false;
  storage.insertSegment(bucket, full[0]!.level + 1, sortRows(joinRows(full.map((piece) => storage.load(piece)))));
  storage.remove(full);
  return true;
}

interface BucketWork {
  bucket: number;
  settled: SegmentPiece[];
  settledBeforeMs: number;
  untilMs: number;
}

/**
 * Moves what is settled into blocks until the time is over. What is then left of a device becomes a segment of its own,
 * and what is not settled another, so that the next slice loads only what it packs. Tells whether some is left.
 */
function packBucket(storage: Storage, { bucket, settled, settledBeforeMs, untilMs }: BucketWork): boolean {
  const taken: SegmentPiece[] = [];
  for (let count = 0; taken.length < settled.length && (taken.length === 0 || count < SLICE_ROWS);) {
    const piece = settled[taken.length]!;
    taken.push(piece);
    count += piece.count;
  }
  const rows = sortRows(joinRows(taken.map((piece) => storage.load(piece))));
  let isLeft = taken.length < settled.length;
  let packed = 0;
  const isOver = (): boolean => packed > 0 && performance.now() > untilMs;
  const rest: Rows[] = [];
  for (const device of devicesOf(rows)) {
    const parts = splitSettled(device, settledBeforeMs);
    if (parts.rest) rest.push(parts.rest);
    if (!parts.settled) continue;
    const left = isOver() ? parts.settled : packDevice(storage, parts.settled, () => performance.now() > untilMs);
    packed += 1;
    if (!left) continue;
    storage.insertSegment(bucket, DEVICE_LEVEL, left);
    isLeft = true;
  }
  storage.remove(taken);
  const level = Math.min(...taken.map((piece) => piece.level));
  if (rest.length > 0) storage.insertSegment(bucket, level, joinRows(rest));
  return isLeft;
}

/** Parts rows in order of (series, at) by device. */
function devicesOf(rows: Rows): Rows[] {
  const devices: Rows[] = [];
  for (let from = 0, to = 0; from < rows.series.length; from = to) {
    const device = deviceOf(rows.series[from]!);
    while (to < rows.series.length && deviceOf(rows.series[to]!) === device) to += 1;
    devices.push(sliceRows(rows, from, to));
  }
  return devices;
}

function splitSettled(rows: Rows, settledBeforeMs: number): { settled?: Rows; rest?: Rows } {
  const all = Uint32Array.from(rows.atMs.keys());
  const settled = all.filter((row) => rows.atMs[row]! < settledBeforeMs);
  if (settled.length === all.length) return { settled: rows };
  if (settled.length === 0) return { rest: rows };
  return {
    settled: takeRows(rows, settled),
    rest: takeRows(
      rows,
      all.filter((row) => rows.atMs[row]! >= settledBeforeMs),
    ),
  };
}
