import { expect, test } from 'vitest';
import { Manifest } from './manifest.ts';
import { normalise, normaliseRecord } from './normalise.ts';
import { timeOf } from './parts.ts';

function manifestOf(measurements: unknown): Manifest {
  return Manifest.parse({ id: 'acme-x', measurements });
}

const PROBES = manifestOf({ distance: { from: 'd[*].v', unit: 'mm', chamber_from: 'd[*].n', time_from: 'd[*].t' } });

test('each entry of a list is a reading of its chamber', () => {
  const { values } = normalise(PROBES, {
    d: [
      { n: 1, v: 500 },
      { n: 2, v: 'No Sensor' },
    ],
  });
  expect(values.map(({ chamber, value, quality }) => [chamber, value, quality])).toEqual([
    ['1', 0.5, 'ok'],
    ['2', null, 'invalid'],
  ]);
});

test('a single entry has no chamber: its device knows where it hangs', () => {
  expect(normalise(PROBES, { d: [{ n: 3, v: 500 }] }).values).toEqual([
    { quantity: 'distance', value: 0.5, unit: 'm', quality: 'ok', flags: [] },
  ]);
});

test('several moments of one chamber are several readings, the same moment is one', () => {
  const history = manifestOf({ distance: { from: 'd[*].v', unit: 'mm', time_from: 'd[*].t' } });
  const { values } = normalise(history, {
    d: [
      { t: 1_774_747_800, v: 500 },
      { t: 1_774_744_200, v: 600 },
      { t: 1_774_747_800, v: 700 },
    ],
  });
  expect(values.map(({ atMs, value }) => [atMs, value])).toEqual([
    [1_774_747_800_000, 0.5],
    [1_774_744_200_000, 0.6],
  ]);
});

test('values by name have chambers on either side of the name, and moments', () => {
  const plain = manifestOf('catalogue');
  const { values, warnings } = normaliseRecord(plain, {
    'left/fill': 0.1,
    'fill/right': 0.2,
    fill: [
      { value: 30, unit: '%', time: '2026-03-29T01:00:00Z' },
      { value: 40, unit: '%', time: '2026-03-29T02:00:00Z' },
    ],
    'a/b/fill': 1,
    'no good!/fill': 1,
  });
  expect(values.map(({ chamber, value, atMs }) => [chamber, value, atMs])).toEqual([
    ['left', 0.1, undefined],
    ['right', 0.2, undefined],
    [undefined, 0.3, Date.parse('2026-03-29T01:00:00Z')],
    [undefined, 0.4, Date.parse('2026-03-29T02:00:00Z')],
  ]);
  expect(warnings).toHaveLength(2);
});

test('the noise of 32-bit floats goes, and nothing else', () => {
  const manifest = manifestOf({ temperature: 't' });
  const of = (t: number) => normalise(manifest, { t }).values[0]?.value;
  expect([27.200000762939453, 0.5, 12.345678901, 21].map(of)).toEqual([27.2, 0.5, 12.345678901, 21]);
});

test.each([
  [1_774_747_800, 1_774_747_800_000],
  [1_774_747_800_123, 1_774_747_800_123],
  ['2026-03-29T01:30:00Z', Date.UTC(2026, 2, 29, 1, 30)],
  ['soon', undefined],
  [0, undefined],
  [NaN, undefined],
  [null, undefined],
])('the time %j is %j', (given, expected) => {
  expect(timeOf(given)).toBe(expected);
});
