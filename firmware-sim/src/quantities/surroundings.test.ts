import { expect, test } from 'vitest';
import { QUANTITY_NAMES, quantityOf } from '@ronde/contracts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { temperatureC } from '../fill/weather.ts';
import { sceneOf } from './scene.ts';
import { surrounding } from './surroundings.ts';

const startMs = Date.UTC(2026, 5, 15);
const at = (atMs: number, seed = 7) =>
  sceneOf({
    atMs,
    outsideC: temperatureC(1, atMs),
    position: { lat: 52, lon: 5 },
    seed,
    intervalMs: 15 * MINUTE_MS,
  });
const series = (quantity: (typeof QUANTITY_NAMES)[number], seed = 7, days = 7): number[] =>
  Array.from({ length: days * 96 }, (_, step) => surrounding(quantity, at(startMs + step * 15 * MINUTE_MS, seed)));

test('every quantity of the catalogue has values within its range, and states are 0 or 1', () => {
  for (const quantity of QUANTITY_NAMES) {
    const { min, max, binary } = quantityOf(quantity);
    for (const value of series(quantity, 7, 2)) {
      expect(value, quantity).toBeGreaterThanOrEqual(min);
      expect(value, quantity).toBeLessThanOrEqual(max);
      if (binary) expect([0, 1], quantity).toContain(value);
    }
  }
});

test('a device tells the same whenever it is asked, and another device something else', () => {
  for (const quantity of ['pm2_5', 'soundLevel', 'soilMoisture'] as const) {
    expect(series(quantity)).toEqual(series(quantity));
    expect(series(quantity, 8)).not.toEqual(series(quantity));
  }
});

test('days differ from nights: sun, lamps, parking and noise follow the clock', () => {
  const noon = at(startMs + 12 * HOUR_MS);
  const night = at(startMs + HOUR_MS);
  expect(surrounding('solarRadiation', noon)).toBeGreaterThan(200);
  expect(surrounding('solarRadiation', night)).toBe(0);
  expect([surrounding('lampOn', noon), surrounding('lampOn', night)]).toEqual([0, 1]);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
  const taken = series('occupancy', 7, 28);
  const byDay = (from: number, to: number): number =>
    mean(taken.filter((_, step) => step % 96 >= from * 4 && step % 96 < to * 4));
  // the series starts at midnight UTC, two hours before the city's
  expect(byDay(10, 18)).toBeGreaterThan(3 * byDay(0, 4));
});

test('counts grow within a day and start anew at midnight', () => {
  const people = series('peopleIn', 3, 3);
  const falls = people.filter((count, index) => index > 0 && count < people[index - 1]!).length;
  expect(falls).toBeGreaterThanOrEqual(2);
  expect(falls).toBeLessThanOrEqual(3);
  expect(Math.max(...people)).toBeLessThan(65_536);
});

test('a summer afternoon is warm and a winter night is cold, over the years', () => {
  const mean = (month: number, hour: number): number =>
    Array.from({ length: 28 }, (_, day) => temperatureC(1, Date.UTC(2026, month, 1, hour) + day * DAY_MS)).reduce(
      (a, b) => a + b,
    ) / 28;
  expect(mean(6, 14)).toBeGreaterThan(15);
  expect(mean(0, 3)).toBeLessThan(5);
});
