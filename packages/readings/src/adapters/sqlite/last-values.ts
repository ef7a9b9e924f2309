import type { DatabaseSync } from 'node:sqlite';
import { readChecked, withChecksum } from './checked.ts';
import { isInvalid } from './marks.ts';
import { emptyRows, joinRows, lowerBound, packRows, prunePrefixes, unpackRows, type Rows } from './rows.ts';
import { ANY_BUCKET, bucketOf, deviceOf, type Storage } from './storage.ts';

/*
 * Last values lie in pages of 64 channels, each a row whose places are the channels: a batch over 10,000 series writes
 * 160 rows instead of 10,000. A place without a series is empty: series are numbered from 1,024 on.
 */
const PAGE_CHANNELS = 64;

/** Keeps the newest reading by measurement time of each channel; of two in one millisecond, the greater device id. */
export interface LastValues {
  /** Offers a valid reading. */
  offer(channel: number, rows: Rows, row: number): void;
  flush(): void;
  /** Finds a channel's last value anew, when what was stored at or after its time changed. */
  refresh(channel: number, changedAtMs: number): void;
  /** Drops what is remembered of the table, after a transaction that failed. */
  forget(): void;
}

/** Reads pages of last values, in one piece when they are many; `places` are the channels' places in them. */
export function createLastPages(
  db: DatabaseSync,
): (channels: readonly number[]) => { rows: Rows; places: Uint32Array } {
  const span = db.prepare('SELECT page, data FROM last_pages WHERE page BETWEEN ? AND ?');
  span.setReturnArrays(true);
  return (channels) => {
    // page by page: whoever asks for a quantity of all assets asks for thousands of channels in order
    const sorted = Uint32Array.from(channels).sort();
    const pages: Rows[] = [];
    const places: number[] = [];
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      const first = pageOf(sorted[from]!);
      let last = first;
      while (to < sorted.length && pageOf(sorted[to]!) <= last + 1) last = pageOf(sorted[to++]!);
      for (const [number, data] of span.all(first, last) as unknown as [number, Uint8Array][]) {
        while (from < to && pageOf(sorted[from]!) < number) from += 1;
        const page = pageOfBytes(number, data);
        for (; from < to && pageOf(sorted[from]!) === number; from++) {
          const place = placeOf(sorted[from]!);
          if (page.series[place] !== 0) places.push(pages.length * PAGE_CHANNELS + place);
        }
        pages.push(page);
      }
    }
    return { rows: pages.length > 0 ? joinRows(pages) : emptyRows(0), places: Uint32Array.from(places) };
  };
}

function pageOfBytes(number: number, data: Uint8Array): Rows {
  return readChecked(data, `page ${number} of last values`, (bytes) => unpackRows(bytes, PAGE_CHANNELS));
}

/** Creates the last values of one writing connection; it alone writes them, so it may remember the pages. */
export function createLastValues(db: DatabaseSync, storage: Storage): LastValues {
  const select = db.prepare('SELECT data FROM last_pages WHERE page = ?');
  const save = db.prepare('INSERT OR REPLACE INTO last_pages (page, data) VALUES (?, ?)');
  const mountingsOf = db.prepare('SELECT id, series FROM mountings WHERE channel = ?');
  const deviceText = db.prepare('SELECT device_id AS text FROM series WHERE id = ?');
  const textOf = (series: number): string => (deviceText.get(series) as { text: string }).text;
  const pages = new Map<number, Rows>();
  const changed = new Set<number>();
  const pageAt = (channel: number): Rows => {
    const number = pageOf(channel);
    const known = pages.get(number);
    if (known) return known;
    const found = select.get(number) as { data: Uint8Array } | undefined;
    const page = found ? pageOfBytes(number, found.data) : emptyRows(PAGE_CHANNELS);
    pages.set(number, page);
    return page;
  };
  const put = (channel: number, rows: Rows, row: number): void => {
    copyRow(rows, row, pageAt(channel), placeOf(channel));
    changed.add(pageOf(channel));
  };
  const offer = (channel: number, rows: Rows, row: number): void => {
    const page = pageAt(channel);
    const place = placeOf(channel);
    const series = page.series[place]!;
    if (series !== 0) {
      const ahead = rows.atMs[row]! - page.atMs[place]!;
      if (ahead < 0) return;
      if (ahead === 0 && (rows.series[row] === series || textOf(rows.series[row]!) <= textOf(series))) return;
    }
    put(channel, rows, row);
  };
  return {
    offer,
    flush() {
      for (const number of changed) {
        const page = prunePrefixes(pages.get(number)!);
        pages.set(number, page);
        save.run(number, withChecksum(packRows(page)));
      }
      changed.clear();
    },
    refresh(channel, changedAtMs) {
      const page = pageAt(channel);
      const place = placeOf(channel);
      if (page.series[place] !== 0 && changedAtMs < page.atMs[place]!) return;
      clearRow(page, place);
      changed.add(pageOf(channel));
      for (const { id, series } of mountingsOf.all(channel) as unknown as { id: number; series: number }[]) {
        const newest = newestOf(storage, series, id);
        if (newest) offer(channel, newest.rows, newest.row);
      }
    },
    forget() {
      pages.clear();
      changed.clear();
    },
  };
}

function pageOf(channel: number): number {
  return Math.floor(channel / PAGE_CHANNELS);
}

function placeOf(channel: number): number {
  return channel % PAGE_CHANNELS;
}

/** Leaves a place without a series, and without the numbers of the reading that was there: it may have been erased. */
function clearRow(rows: Rows, place: number): void {
  for (const column of Object.values(rows)) if (ArrayBuffer.isView(column)) (column as Float64Array)[place] = 0;
}

/** Copies one row into a place of others. */
function copyRow(from: Rows, row: number, to: Rows, place: number): void {
  to.series[place] = from.series[row]!;
  to.mounting[place] = from.mounting[row]!;
  to.type[place] = from.type[row]!;
  to.marks[place] = from.marks[row]!;
  to.atMs[place] = from.atMs[row]!;
  to.delayMs[place] = from.delayMs[row]!;
  to.value[place] = from.value[row]!;
  to.uplink[place] = from.uplink[row]!;
  const prefix = from.prefixes[from.prefix[row]!]!;
  const known = to.prefixes.indexOf(prefix);
  to.prefix[place] = known >= 0 ? known : to.prefixes.push(prefix) - 1;
}

/** Finds the newest valid reading of a series while it belonged to a mounting. */
function newestOf(storage: Storage, series: number, mounting: number): { rows: Rows; row: number } | undefined {
  const device = deviceOf(series);
  const segments = [ANY_BUCKET, bucketOf(device)].flatMap(storage.segments);
  const pieces = [...segments, ...storage.blocks(device, -Infinity, Infinity)].sort((a, b) => b.lastMs - a.lastMs);
  let best: { rows: Rows; row: number } | undefined;
  for (const piece of pieces) {
    if (best && piece.lastMs <= best.rows.atMs[best.row]!) break;
    const rows = storage.load(piece, new Set([series]));
    const from = lowerBound(rows, series, -Infinity);
    for (let row = lowerBound(rows, series, Infinity) - 1; row >= from; row--) {
      if (best && rows.atMs[row]! <= best.rows.atMs[best.row]!) break;
      if (rows.mounting[row] !== mounting || Number.isNaN(rows.value[row]) || isInvalid(rows.marks[row]!)) continue;
      best = { rows, row };
      break;
    }
  }
  return best;
}
