import { expect, test } from 'vitest';
import { cleanSeries } from './series.ts';
import { HOUR, MONDAY, knownSeries } from './testing.ts';

const at = (hour: number) => MONDAY + hour * HOUR;

test('invalid readings, impossible fills and times that are no numbers are dropped', () => {
  const series = cleanSeries([
    { atMs: at(0), fill: 0.2 },
    { atMs: at(1), fill: 0.3, quality: 'invalid' },
    { atMs: at(2), fill: 2.54 },
    { atMs: at(3), fill: NaN },
    { atMs: NaN, fill: 0.3 },
    { atMs: at(4), fill: -0.02 },
    { atMs: at(5), fill: 0.25, quality: 'suspect' },
  ]);
  expect(series.map((point) => [point.atMs, point.fill])).toEqual([
    [at(0), 0.2],
    [at(4), 0],
    [at(5), 0.25],
  ]);
});

test('unsorted readings are sorted and of two at one moment the later in the list stays', () => {
  const series = cleanSeries([
    { atMs: at(2), fill: 0.4 },
    { atMs: at(0), fill: 0.2 },
    { atMs: at(2), fill: 0.42 },
  ]);
  expect(series.map((point) => point.fill)).toEqual([0.2, 0.42]);
});

test('a crew mark is an exact zero, whatever the sensor says at the same moment', () => {
  const crew = { atMs: at(1), fill: 0.9, flags: ['CREW_EMPTIED' as const] };
  const series = cleanSeries([crew, { atMs: at(1), fill: 0.8 }]);
  expect(series).toEqual([{ atMs: at(1), fill: 0, censored: false, spike: false, crew: true }]);
});

test('readings at the end of the scale are censored, by value, by their quality or by the crew', () => {
  const series = cleanSeries([
    { atMs: at(0), fill: 0.95, quality: 'censored' },
    { atMs: at(1), fill: 0.99 },
    { atMs: at(2), fill: 0.98 },
    { atMs: at(3), fill: 0.9, flags: ['CREW_FULL'] },
  ]);
  expect(series.map((point) => point.censored)).toEqual([true, true, false, true]);
});

test('a lone sample far from two agreeing neighbours is flagged, not deleted', () => {
  const fills = [0.3, 0.31, 0.9, 0.32, 0.33, 0.02, 0.33];
  const series = cleanSeries(fills.map((fill, i) => ({ atMs: at(i), fill })));
  expect(series).toHaveLength(7);
  expect(series.flatMap((point, i) => (point.spike ? [i] : []))).toEqual([2, 5]);
});

test('a steep rise, a real emptying and a fill that stays are no spikes', () => {
  const fills = [0.3, 0.6, 0.9, 0.9, 0.05, 0.1, 0.4];
  const series = cleanSeries(fills.map((fill, i) => ({ atMs: at(i), fill })));
  expect(series.some((point) => point.spike)).toBe(false);
});

test('four in five generated spikes at least are flagged and almost nothing else is', () => {
  const { points, spikesAtMs } = knownSeries({ days: 120, spikeShare: 0.01, seed: 3 });
  const flagged = cleanSeries(points)
    .filter((point) => point.spike)
    .map((point) => point.atMs);
  const right = flagged.filter((atMs) => spikesAtMs.includes(atMs)).length;
  expect(spikesAtMs.length).toBeGreaterThan(15);
  expect(right / spikesAtMs.length).toBeGreaterThanOrEqual(0.8);
  expect(flagged.length - right).toBeLessThanOrEqual(2);
});
