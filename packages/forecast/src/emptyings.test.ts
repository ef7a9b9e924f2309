import { expect, test } from 'vitest';
import { detectEmptyings } from './emptyings.ts';
import { cleanSeries } from './series.ts';
import { HOUR, MONDAY, knownSeries } from './testing.ts';

const at = (hour: number) => MONDAY + hour * HOUR;
const hourly = (fills: number[]) => cleanSeries(fills.map((fill, i) => ({ atMs: at(i), fill })));

test('every emptying of a noisy series with spikes is found, and nothing else', () => {
  const { points, emptiedAtMs } = knownSeries({ days: 120, spikeShare: 0.01, seed: 5 });
  const found = detectEmptyings(cleanSeries(points)).map((event) => event.atMs);
  const near = (atMs: number) => found.some((other) => Math.abs(other - atMs) <= HOUR);
  expect(emptiedAtMs.filter(near).length).toBeGreaterThanOrEqual(emptiedAtMs.length - 1);
  expect(found.length).toBeLessThanOrEqual(emptiedAtMs.length + 1);
});

test('a drop counts only when two more readings have confirmed it', () => {
  expect(detectEmptyings(hourly([0.8, 0.82, 0.03]))).toEqual([]);
  expect(detectEmptyings(hourly([0.8, 0.82, 0.03, 0.04]))).toEqual([]);
  expect(detectEmptyings(hourly([0.8, 0.82, 0.03, 0.04, 0.05]))).toEqual([
    { atMs: at(2), before: 0.82, after: 0.03, confidence: 'high' },
  ]);
});

test('two low readings of a sensor that then comes back are no emptying', () => {
  expect(detectEmptyings(hourly([0.8, 0.82, 0.03, 0.03, 0.83, 0.84, 0.85]))).toEqual([]);
});

test('settling and a collapse of the heap are no emptying', () => {
  expect(detectEmptyings(hourly([0.5, 0.49, 0.48, 0.49, 0.47, 0.5]))).toEqual([]);
  expect(detectEmptyings(hourly([0.8, 0.82, 0.56, 0.56, 0.57, 0.58]))).toEqual([]);
});

test('a crew mark is certain at once, even for a bin that was nearly empty', () => {
  const series = cleanSeries([
    { atMs: at(0), fill: 0.2 },
    { atMs: at(1), fill: 0, flags: ['CREW_EMPTIED'] },
  ]);
  expect(detectEmptyings(series)).toEqual([{ atMs: at(1), before: 0.2, after: 0, confidence: 'high' }]);
});

test('the crew tapping "emptied" after the sensor saw it does not make a second emptying', () => {
  const series = cleanSeries([
    ...[0.8, 0.82, 0.03, 0.04, 0.05].map((fill, i) => ({ atMs: at(i), fill })),
    { atMs: at(2.5), fill: 0, flags: ['CREW_EMPTIED' as const] },
  ]);
  expect(detectEmptyings(series)).toHaveLength(1);
});

test('a partial emptying is found with less confidence than a full one', () => {
  const partial = detectEmptyings(hourly([0.85, 0.88, 0.44, 0.45, 0.46, 0.47]));
  const small = detectEmptyings(hourly([0.24, 0.25, 0.08, 0.09, 0.09, 0.1]));
  expect(partial.map((event) => event.confidence)).toEqual(['low']);
  expect(small.map((event) => event.confidence)).toEqual(['low']);
});

test('an empty series and a single reading have no emptyings', () => {
  expect(detectEmptyings([])).toEqual([]);
  expect(detectEmptyings(hourly([0.5]))).toEqual([]);
});
