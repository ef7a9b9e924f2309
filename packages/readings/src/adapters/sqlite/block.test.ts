import { expect, test } from 'vitest';
import { createRng, type Rng } from '@ronde/kit';
import { decodeBlock, encodeBlock, spanOf, spanStartMs } from './block.ts';
import { createByteReader, createByteWriter } from './bytes.ts';
import { readNumbers, writeNumbers } from './number-column.ts';
import { emptyRows, packRows, sortRows, unpackRows, type Rows } from './rows.ts';

function roundTrip(values: number[]): { back: number[]; bytes: number } {
  const writer = createByteWriter(4);
  writeNumbers(writer, Float64Array.from(values));
  const bytes = writer.finish();
  return { back: [...readNumbers(createByteReader(bytes), values.length)], bytes: bytes.length };
}

test('columns of numbers come back to the last bit, whatever they hold', () => {
  const columns: number[][] = [
    [],
    [0],
    [-0, 0, -0],
    [NaN, NaN],
    [NaN, 1, 2],
    [Infinity, -Infinity, 0],
    [0.1, 0.2, 0.30000000000000004],
    [1e308, -1e308, 5e-324],
    [2 ** 53, 2 ** 53 - 1, -(2 ** 53)],
    [2 ** 50, -(2 ** 50), 0, 2 ** 50],
    [0.001, 1.5, 2, 0.123456],
    [21.5, 21.5, 21.5, 21.4],
    Array.from({ length: 500 }, (_, i) => 1 - (i % 40) / 7),
  ];
  for (const values of columns) expect(roundTrip(values).back).toEqual(values);
  const rng = createRng(3);
  for (let round = 0; round < 200; round++) {
    const decimals = 10 ** rng.int(9);
    const values = Array.from({ length: 1 + rng.int(60) }, () => Math.round((rng.next() - 0.5) * 1e6) / decimals);
    expect(roundTrip(values).back).toEqual(values);
  }
});

test('steady times and short decimals take about a byte a value or less', () => {
  expect(roundTrip(Array.from({ length: 1_000 }, (_, i) => 900_000 * i)).bytes).toBeLessThan(1_020);
  expect(roundTrip(Array.from({ length: 1_000 }, () => 0.42)).bytes).toBeLessThan(5);
  expect(
    roundTrip(Array.from({ length: 1_000 }, (_, i) => Math.round(Math.sin(i / 50) * 100) / 100 + 0)).bytes,
  ).toBeLessThan(1_100);
});

test('values worked out from millimetres, which are no short decimals, are listed once each', () => {
  const values = Array.from({ length: 1_000 }, (_, i) => 1 - (300 + ((i * 7) % 100)) / 1_370);
  const { back, bytes } = roundTrip(values);
  expect(back).toEqual(values);
  expect(bytes).toBeLessThan(2_000);
});

/** Rows of one device in one span, with everything that may differ differing. */
function someRows(rng: Rng, count: number): Rows {
  const rows = emptyRows(count, ['', 'import-a-', 'no number']);
  const taken = new Set<string>();
  for (let i = 0; i < count; i++) {
    let series: number;
    let atMs: number;
    do {
      series = 7 * 1_024 + rng.int(4);
      atMs = spanStartMs(730) + rng.int(2_000) * 1_000 * (rng.next() < 0.5 ? 60 : 1);
    } while (taken.has(`${series} ${atMs}`));
    taken.add(`${series} ${atMs}`);
    rows.series[i] = series;
    rows.atMs[i] = atMs;
    rows.delayMs[i] = rng.pick([0, 0, 850, -3, 9e14]);
    rows.value[i] = rng.pick([NaN, 0.5, rng.next(), -12.5, 1e300]);
    rows.marks[i] = rng.pick([0, 0, 1, 2 ** 30 + 2, 2 ** 52 - 1]);
    rows.mounting[i] = 1 + rng.int(2);
    rows.type[i] = 1 + rng.int(2);
    rows.prefix[i] = rng.int(3);
    rows.uplink[i] = rows.prefix[i] === 2 ? -1 : rng.int(1_000_000);
  }
  return sortRows(rows);
}

const plain = (rows: Rows): unknown[] =>
  Array.from(rows.series, (series, i) => [
    series,
    rows.atMs[i],
    rows.delayMs[i],
    rows.value[i],
    rows.marks[i],
    rows.mounting[i],
    rows.type[i],
    rows.prefixes[rows.prefix[i]!],
    rows.uplink[i],
  ]);

test('blocks and segments give back every row as it was, and a block any one series', () => {
  const rng = createRng(7);
  for (const count of [1, 2, 3, 50, 400, 2_000]) {
    const rows = someRows(rng, count);
    const block = encodeBlock(rows);
    expect(plain(decodeBlock(block))).toEqual(plain(rows));
    expect(plain(unpackRows(packRows(rows), count))).toEqual(plain(rows));
    const wanted = new Set([7 * 1_024 + 1]);
    expect(plain(decodeBlock(block, wanted))).toEqual(
      plain(rows).filter((row) => (row as number[])[0] === 7 * 1_024 + 1),
    );
  }
});

test('spans hold what was measured before 1970 and in far years', () => {
  for (const atMs of [-1, -62_135_596_800_000, 0, 253_402_300_799_999]) {
    const rows = emptyRows(1);
    rows.atMs[0] = atMs;
    expect(decodeBlock(encodeBlock(rows)).atMs[0]).toBe(atMs);
    expect(spanStartMs(spanOf(atMs))).toBeLessThanOrEqual(atMs);
  }
});

test('bytes that are no block are told apart', () => {
  const block = encodeBlock(someRows(createRng(1), 20));
  expect(() => decodeBlock(Uint8Array.of(9, 1, 2))).toThrow('unknown layout 9');
  expect(() => decodeBlock(block.subarray(0, block.length - 4))).toThrow();
});
