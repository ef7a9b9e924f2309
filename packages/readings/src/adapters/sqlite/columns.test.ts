import { expect, test } from 'vitest';
import { createRng } from '@ronde/kit';
import { testReading } from '../../conformance-fixtures.ts';
import { decodeReadings, splitUplinkId, type ReadingColumns } from './columns.ts';

function timesOf(times: number[]): string[] {
  const n = times.length;
  const columns: ReadingColumns = {
    keys: ['d\na\n\nfill'],
    key: new Uint32Array(n),
    atMs: Float64Array.from(times),
    delayMs: new Float64Array(n),
    value: new Float64Array(n),
    marks: new Float64Array(n),
    types: ['plain@1.0.0'],
    type: new Uint32Array(n),
    prefixes: [''],
    prefix: new Uint32Array(n),
    uplink: new Float64Array(n).fill(1),
  };
  return decodeReadings(columns).map(({ at }) => at);
}

test('times are printed as the platform prints them, in any order and any year', () => {
  const rng = createRng(2);
  const times = [0, -1, 86_399_999, 86_400_000, 253_402_300_799_999, 253_402_300_800_000, -62_167_219_200_001, 8.64e15];
  for (let i = 0; i < 500; i++) times.push(Math.floor((rng.next() - 0.3) * 4e12));
  expect(timesOf(times)).toEqual(times.map((ms) => new Date(ms).toISOString()));
});

test('ids of uplinks come back from their two parts, whatever they look like', () => {
  const ids = [
    '7',
    '007',
    '0',
    '',
    'abc',
    'import-12-0',
    'a-01',
    '-5',
    '1e3',
    '9007199254740993',
    '12345678901234567890',
  ];
  for (const id of [...ids, testReading(0, 1).uplinkId, '0193f2ab-7c1e-7000-8000-00000000ab12']) {
    const { prefix, number } = splitUplinkId(id);
    expect(number < 0 ? prefix : prefix + String(number)).toBe(id);
  }
});
