import type { DatabaseSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { spanOf, spanStartMs } from './block.ts';
import { readChecked, withChecksum } from './checked.ts';
import { createByteReader, createByteWriter } from './bytes.ts';
import { HOUR_MS, addTotal, type Total } from './fold.ts';
import { readNumbers, writeNumbers } from './number-column.ts';

/*
 * The hours of readings that are gone, one compressed row a mounting and span of days. While readings are kept, their hours
 * follow from them and stand nowhere.
 */
const VERSION = 1;
/** Row ids: mounting × SPANS + span. */
export const SPANS = 2 ** 18;
const SPAN_ZERO = 2 ** 16;
const FIELDS = ['min', 'max', 'sum', 'rest', 'count'] as const;

/** Totals by hour since 1970. */
export type Hours = Map<number, Total>;

export interface HourStore {
  /** Hours of a mounting that overlap from…to, or more. */
  load(mounting: number, fromMs: number, toMs: number): Hours[];
  /** Hours of one row. */
  at(id: number): [hour: number, total: Total][];
  /** Adds to what is stored. */
  add(mounting: number, hours: Hours): void;
}

/** Creates the store of hours of one connection. */
export function createHourStore(db: DatabaseSync): HourStore {
  const range = db.prepare('SELECT data FROM hours WHERE id >= ? AND id < ?');
  const one = db.prepare('SELECT data FROM hours WHERE id = ?');
  const save = db.prepare('INSERT OR REPLACE INTO hours (id, data) VALUES (?, ?)');
  const idOf = (mounting: number, atMs: number): number => mounting * SPANS + SPAN_ZERO + spanOf(atMs);
  const load: HourStore['load'] = (mounting, fromMs, toMs) => {
    const from = Math.max(mounting * SPANS, idOf(mounting, fromMs));
    const to = Math.min((mounting + 1) * SPANS, idOf(mounting, toMs) + 1);
    return (range.all(from, to) as unknown as { data: Uint8Array }[]).map(({ data }) =>
      readChecked(data, `hours of mounting ${mounting}`, decodeHours),
    );
  };
  return {
    load,
    at: (id) => {
      const { data } = one.get(id) as { data: Uint8Array };
      return [...readChecked(data, `hours ${id}`, decodeHours)];
    },
    add(mounting, hours) {
      const spans = Map.groupBy(hours, ([hour]) => spanOf(hour * HOUR_MS));
      for (const [span, own] of spans) {
        const atMs = spanStartMs(span);
        const [stored = new Map<number, Total>()] = load(mounting, atMs, atMs);
        for (const [hour, total] of own) {
          const known = stored.get(hour);
          if (known) addTotal(known, total);
          else stored.set(hour, total);
        }
        save.run(idOf(mounting, atMs), withChecksum(encodeHours(stored)));
      }
    },
  };
}

function encodeHours(hours: Hours): Uint8Array {
  const sorted = [...hours].sort(([a], [b]) => a - b);
  const writer = createByteWriter();
  writer.count(sorted.length);
  writeNumbers(
    writer,
    Float64Array.from(sorted, ([hour]) => hour),
  );
  for (const field of FIELDS)
    writeNumbers(
      writer,
      Float64Array.from(sorted, ([, total]) => total[field]),
    );
  const packed = deflateRawSync(writer.finish());
  const bytes = new Uint8Array(packed.length + 1);
  bytes[0] = VERSION;
  bytes.set(packed, 1);
  return bytes;
}

function decodeHours(bytes: Uint8Array): Hours {
  if (bytes[0] !== VERSION) throw new RangeError(`hours of readings have the unknown layout ${bytes[0]}`);
  const reader = createByteReader(inflateRawSync(bytes.subarray(1)));
  const count = reader.count();
  const hours = readNumbers(reader, count);
  const columns = FIELDS.map(() => readNumbers(reader, count));
  return new Map(
    Array.from(hours, (hour, i) => {
      const [min, max, sum, rest, n] = columns.map((column) => column[i]!);
      return [hour, { min: min!, max: max!, sum: sum!, rest: rest!, count: n! }];
    }),
  );
}
