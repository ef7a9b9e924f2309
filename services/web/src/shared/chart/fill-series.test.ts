import type { Reading } from '@ronde/contracts';
import { expect, test } from 'vitest';
import { joinSeries, pointsOfReadings } from './fill-series.ts';

const reading = (at: string, value: number | null, more: Partial<Reading> = {}): Reading => ({
  at,
  value,
  receivedAt: at,
  deviceId: 'd',
  assetId: 'a',
  quantity: 'fill',
  unit: '1',
  quality: 'ok',
  flags: [],
  typeVersion: 'x@1',
  uplinkId: 'u',
  ...more,
});

test('history is in order, without invalid values, the fullest chamber of each moment', () => {
  const points = pointsOfReadings([
    reading('2026-11-22T10:00:00Z', 0.4),
    reading('2026-11-22T09:00:00Z', 0.2, { chamber: '1' }),
    reading('2026-11-22T09:00:00Z', 0.3, { chamber: '2' }),
    reading('2026-11-22T11:00:00Z', 0.9, { quality: 'invalid' }),
    reading('2026-11-22T12:00:00Z', null),
  ]);
  expect(points.map(({ fill }) => fill)).toEqual([0.3, 0.4]);
});

test('the forecast starts at the last measurement and never passes 100%', () => {
  const history = [{ atMs: 1000_000, fill: 0.5 }];
  const point = (at: number, p: number) => ({ at: new Date(at).toISOString(), p05: p - 0.1, p50: p, p95: p + 0.1 });
  const series = joinSeries(history, {
    assetId: 'a',
    points: [point(500_000, 0.4), point(2000_000, 0.95)],
    fullAt: { p05: null, p50: null, p95: null },
    overflowRisk: 0,
  });
  expect(series.atS).toEqual([1000, 2000]);
  expect(series.p50).toEqual([0.5, 0.95]);
  expect(series.p95).toEqual([0.5, 1]);
  expect(series.fill).toEqual([0.5, null]);
});

test('without forecast only the history is there', () => {
  expect(joinSeries([{ atMs: 0, fill: 0.1 }], undefined)).toEqual({
    atS: [0],
    fill: [0.1],
    p05: [null],
    p50: [null],
    p95: [null],
  });
});
