import { describe, expect, test } from 'vitest';
import { Reading } from '@ronde/contracts';
import { createCity } from './city/create-city.ts';
import { DAY_MS, HOUR_MS } from './clock.ts';
import { cityHistory } from './history.ts';
import { drained } from './testing.ts';

const toMs = Date.UTC(2026, 4, 20, 9);
const fromMs = toMs - 14 * DAY_MS;
const small = createCity({ seed: 5, share: 0.1 });

describe('cityHistory', () => {
  test('fills two weeks of the whole city with some 150,000 valid readings, each identified once', () => {
    const { items } = drained(cityHistory(createCity({ seed: 1 }), { fromMs, toMs }));
    expect(items.length).toBeGreaterThan(120_000);
    expect(items.length).toBeLessThan(220_000);
    const identities = new Set(
      items.map(({ deviceId, chamber, quantity, at }) => `${deviceId} ${chamber} ${quantity} ${at}`),
    );
    expect(identities.size).toBe(items.length);
    for (let index = 0; index < items.length; index += 97)
      expect(Reading.safeParse(items[index]).error).toBeUndefined();
    expect(
      items.every(({ flags, at }) => flags.includes('HISTORY') && Date.parse(at) >= fromMs && Date.parse(at) < toMs),
    ).toBe(true);
  });

  test('is the same for the same seed and time, and ends with the same contents', () => {
    const [first, second] = [0, 1].map(() => drained(cityHistory(small, { fromMs, toMs })));
    expect(second).toEqual(first);
  });

  test("a crew's emptying is followed by low readings of a sound sensor", () => {
    const { items } = drained(cityHistory(small, { fromMs, toMs, faults: {} }));
    const fills = Map.groupBy(
      items.filter(({ quantity }) => quantity === 'fill'),
      ({ assetId, chamber }) => `${assetId}/${chamber}`,
    );
    const after: number[] = [];
    for (const series of fills.values()) {
      series.sort((a, b) => a.at.localeCompare(b.at));
      series.forEach((reading, index) => {
        const next = series[index + 1];
        if (reading.flags.includes('CREW_EMPTIED') && next && !next.deviceId.startsWith('crew-'))
          after.push(next.value!);
      });
    }
    expect(after.length).toBeGreaterThan(100);
    expect(after.toSorted((a, b) => a - b)[after.length >> 1]).toBeLessThan(0.1);
  });

  test('has what real series have: gaps, codes for nothing seen, readings at the end of the scale', () => {
    const { items } = drained(cityHistory(small, { fromMs, toMs }));
    const clean = drained(cityHistory(small, { fromMs, toMs, faults: {} })).items;
    expect(items.length).toBeLessThan(clean.length * 0.95);
    expect(items.some(({ flags }) => flags.includes('SENTINEL'))).toBe(true);
    expect(items.some(({ quality }) => quality === 'censored')).toBe(true);
    expect(clean.some(({ flags }) => flags.includes('SENTINEL'))).toBe(false);
  });

  test('goes on from the contents that an earlier part ended with', () => {
    const middleMs = toMs - 5 * HOUR_MS;
    const before = drained(cityHistory(small, { fromMs, toMs: middleMs }));
    const after = drained(cityHistory(small, { fromMs: middleMs, toMs, state: before.result }));
    expect(after.items.every(({ at }) => Date.parse(at) >= middleMs)).toBe(true);
    const moments = Object.values(after.result.chambers).map(([, , atMs]) => atMs);
    expect(Math.max(...moments)).toBe(toMs);
  });
});
