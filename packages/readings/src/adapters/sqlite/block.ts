import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createByteReader, createByteWriter, type ByteReader, type ByteWriter } from './bytes.ts';
import { readNumbers, writeNumbers } from './number-column.ts';
import { emptyRows, prunePrefixes, type Rows } from './rows.ts';

/*
 * A block holds the readings of one device over some days of one span (28 UTC days counted from 1970-01-01), as one
 * compressed row. The readings of one uplink share time, receipt, uplink and type: these stand once, as an event. Behind them comes a
 * section for each series: at which events it has a reading, and its values, marks and mountings. A section tells its
 * length, so that one series is read without decoding its neighbours. The first byte is the version of this layout.
 */
const VERSION = 1;
const SPAN_MS = 28 * 86_400_000;
const ALL_EVENTS = 0;
const SOME_EVENTS = 1;

export function spanOf(atMs: number): number {
  return Math.floor(atMs / SPAN_MS);
}

export function spanStartMs(span: number): number {
  return span * SPAN_MS;
}

/** Packs rows of one device and span, which are in order of (series, at). */
export function encodeBlock(unpruned: Rows): Uint8Array {
  const rows = prunePrefixes(unpruned);
  const { events, eventOf } = findEvents(rows);
  const writer = createByteWriter(1_024 + rows.atMs.length * 4);
  const span = spanOf(rows.atMs[0]!);
  writer.signed(span);
  writer.count(rows.prefixes.length - 1);
  rows.prefixes.slice(1).forEach(writer.text);
  writer.count(events.length);
  const writeColumn = (column: ArrayLike<number>, shift = 0): void =>
    writeNumbers(
      writer,
      Float64Array.from(events, (row) => column[row]! - shift),
    );
  writeColumn(rows.atMs, spanStartMs(span));
  for (const column of [rows.delayMs, rows.uplink, rows.prefix, rows.type]) writeColumn(column);
  let from = 0;
  let before = 0;
  while (from < rows.series.length) {
    const series = rows.series[from]!;
    let to = from;
    while (rows.series[to] === series) to += 1;
    const section = encodeSection(rows, { from, to }, eventOf, events.length);
    writer.count(series - before);
    writer.count(section.length);
    writer.bytes(section);
    before = series;
    from = to;
  }
  const packed = deflateRawSync(writer.finish());
  const block = new Uint8Array(packed.length + 1);
  block[0] = VERSION;
  block.set(packed, 1);
  return block;
}

/** Rows that stand for the events, in order of time, and for each row the number of its event. */
function findEvents(rows: Rows): { events: number[]; eventOf: Uint32Array } {
  const n = rows.atMs.length;
  const start = spanStartMs(spanOf(rows.atMs[0]!));
  const byTime = Float64Array.from(rows.atMs, (atMs, i) => (atMs - start) * n + i).sort();
  const events: number[] = [];
  const eventOf = new Uint32Array(n);
  for (const both of byTime) {
    const row = both % n;
    let event = events.length - 1;
    while (event >= 0 && rows.atMs[events[event]!] === rows.atMs[row] && !isSameEvent(rows, events[event]!, row))
      event -= 1;
    if (event < 0 || rows.atMs[events[event]!] !== rows.atMs[row]) event = events.push(row) - 1;
    eventOf[row] = event;
  }
  return { events, eventOf };
}

function isSameEvent(rows: Rows, a: number, b: number): boolean {
  return (
    rows.uplink[a] === rows.uplink[b] &&
    rows.delayMs[a] === rows.delayMs[b] &&
    rows.prefix[a] === rows.prefix[b] &&
    rows.type[a] === rows.type[b]
  );
}

function encodeSection(
  rows: Rows,
  { from, to }: { from: number; to: number },
  eventOf: Uint32Array,
  events: number,
): Uint8Array {
  const count = to - from;
  const writer = createByteWriter(64 + count * 3);
  writeEvents(writer, eventOf.subarray(from, to), events);
  const value = rows.value.subarray(from, to);
  writeValues(writer, value);
  writeNumbers(writer, rows.marks.subarray(from, to));
  writeNumbers(writer, Float64Array.from(rows.mounting.subarray(from, to)));
  return writer.finish();
}

function writeEvents(writer: ByteWriter, own: Uint32Array, events: number): void {
  if (own.length === events) {
    writer.byte(ALL_EVENTS);
    return;
  }
  writer.byte(SOME_EVENTS);
  writer.count(own.length);
  let before = -1;
  for (const event of own) {
    writer.count(event - before - 1);
    before = event;
  }
}

/** Missing values stand apart, and the one before takes their place in the column. */
function writeValues(writer: ByteWriter, values: Float64Array): void {
  const missing: number[] = [];
  const filled = values.slice();
  let last = values.find((value) => !Number.isNaN(value)) ?? 0;
  for (let i = 0; i < filled.length; i++) {
    if (Number.isNaN(filled[i])) {
      missing.push(i);
      filled[i] = last;
    } else last = filled[i]!;
  }
  writer.count(missing.length);
  missing.forEach((place, i) => writer.count(i === 0 ? place : place - missing[i - 1]!));
  writeNumbers(writer, filled);
}

/**
 * Gives the rows of a block in order of (series, at); those of some series only when `wanted` says so.
 * @throws RangeError when the bytes are no block
 */
export function decodeBlock(block: Uint8Array, wanted?: ReadonlySet<number>): Rows {
  if (block[0] !== VERSION) throw new RangeError(`a block of readings has the unknown layout ${block[0]}`);
  const bytes = inflateRawSync(block.subarray(1));
  const reader = createByteReader(bytes);
  const start = spanStartMs(reader.signed());
  const prefixes = ['', ...Array.from({ length: reader.count() }, reader.text)];
  const count = reader.count();
  const [at, delay, uplink, prefix, type] = [1, 2, 3, 4, 5].map(() => readNumbers(reader, count));
  const sections: Section[] = [];
  let series = 0;
  while (reader.left() > 0) {
    series += reader.count();
    const section = reader.bytes(reader.count());
    if (!wanted || wanted.has(series)) sections.push(decodeSection(createByteReader(section), series, count));
  }
  const rows = emptyRows(
    sections.reduce((sum, { value }) => sum + value.length, 0),
    prefixes,
  );
  let to = 0;
  for (const section of sections) {
    rows.value.set(section.value, to);
    rows.marks.set(section.marks, to);
    rows.mounting.set(section.mounting, to);
    rows.series.fill(section.series, to, to + section.value.length);
    for (let i = 0; i < section.value.length; i++, to++) {
      const event = section.events ? section.events[i]! : i;
      rows.atMs[to] = at![event]! + start;
      rows.delayMs[to] = delay![event]!;
      rows.uplink[to] = uplink![event]!;
      rows.prefix[to] = prefix![event]!;
      rows.type[to] = type![event]!;
    }
  }
  return rows;
}

interface Section {
  series: number;
  /** Left out when there is a reading at each event. */
  events?: Uint32Array;
  value: Float64Array;
  marks: Float64Array;
  mounting: Float64Array;
}

function decodeSection(reader: ByteReader, series: number, eventCount: number): Section {
  const events = reader.byte() === ALL_EVENTS ? undefined : readEvents(reader);
  const count = events?.length ?? eventCount;
  const value = readValues(reader, count);
  const marks = readNumbers(reader, count);
  const mounting = readNumbers(reader, count);
  return { series, value, marks, mounting, ...(events && { events }) };
}

function readEvents(reader: ByteReader): Uint32Array {
  const events = new Uint32Array(reader.count());
  let before = -1;
  for (let i = 0; i < events.length; i++) events[i] = before = before + 1 + reader.count();
  return events;
}

function readValues(reader: ByteReader, count: number): Float64Array {
  const missing: number[] = [];
  for (let left = reader.count(), place = 0; left > 0; left--) missing.push((place += reader.count()));
  const values = readNumbers(reader, count);
  for (const place of missing) values[place] = NaN;
  return values;
}
