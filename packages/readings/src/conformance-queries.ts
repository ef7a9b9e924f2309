import { expect, test } from 'vitest';
import type { Reading } from '@ronde/contracts';
import { HOUR_MS, MINUTE_MS, T0, allPages, testReading, type Opened } from './conformance-fixtures.ts';

const values = (readings: Reading[]): (number | null)[] => readings.map(({ value }) => value);
const DAY = { tenant: 't', fromMs: T0, toMs: T0 + 24 * HOUR_MS };

/** What the queries promise: last by measurement time, ranges, pages, rollups, tenants apart. */
export function describeQueries(opened: Opened): void {
  test('readings measured since a moment are counted for one tenant, over all its devices', async () => {
    const store = await opened();
    const readings = [
      testReading(-1, 0.1),
      testReading(0, 0.2),
      testReading(5, 0.3),
      testReading(9, 0.4, { deviceId: 'e' }),
    ];
    await store.append({ tenant: 't', readings });
    await store.append({ tenant: 'other', readings: [testReading(1, 0.5, { deviceId: 'f' })] });
    expect(await store.countSince('t', T0)).toBe(3);
    expect(await store.countSince('t', T0 + HOUR_MS)).toBe(0);
    expect(await store.countSince('nobody', T0)).toBe(0);
  });

  test('last means last by measurement time, whatever came last', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(10, 0.5)] });
    await store.append({ tenant: 't', readings: [testReading(5, 0.9)] });
    expect(values(await store.lastValues({ tenant: 't' }))).toEqual([0.5]);
    await store.append({ tenant: 't', readings: [testReading(20, 0.1), testReading(15, 0.7)] });
    expect(values(await store.lastValues({ tenant: 't' }))).toEqual([0.1]);
  });

  test('last values are one per asset, chamber and quantity, or per device that hangs nowhere', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.1, { chamber: '1' }),
      testReading(0, 0.2, { chamber: '2' }),
      testReading(0, 21, { quantity: 'temperature' }),
      testReading(1, 0.3, { deviceId: 'crew-v1', chamber: '1' }),
      testReading(0, 0.4, { assetId: 'b', deviceId: 'e' }),
      testReading(0, 0.5, { assetId: null, deviceId: 'f' }),
      testReading(0, 0.6, { assetId: null, deviceId: 'g' }),
    ];
    await store.append({ tenant: 't', readings });
    const last = async (query: object) => values(await store.lastValues({ tenant: 't', ...query })).sort();
    expect(await last({ quantity: 'fill' })).toEqual([0.2, 0.3, 0.4, 0.5, 0.6]);
    expect(await last({ assetIds: ['a'] })).toEqual([0.2, 0.3, 21].sort());
    expect(await last({ deviceIds: ['d', 'f'] })).toEqual([0.2, 0.5, 21].sort());
    expect(await last({ assetIds: ['a', 'b'], deviceIds: ['e', 'crew-v1'], quantity: 'fill' })).toEqual([0.3, 0.4]);
    expect(await last({ assetIds: [] })).toEqual([]);
  });

  test('a range takes its start and leaves its end', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [0, 1, 2, 3].map((m) => testReading(m, m / 10)) });
    const range = { fromMs: T0 + MINUTE_MS, toMs: T0 + 3 * MINUTE_MS };
    expect(values(await allPages(store, { ...range, assetId: 'a' }))).toEqual([0.1, 0.2]);
    expect(values(await allPages(store, { ...range, deviceId: 'd', descending: true }))).toEqual([0.2, 0.1]);
    expect(await allPages(store, { ...range, assetId: 'nobody' })).toEqual([]);
  });

  test('filters by asset, device, chamber and quantity go together', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.1, { chamber: '1' }),
      testReading(1, 0.2, { chamber: '2' }),
      testReading(2, 21, { chamber: '1', quantity: 'temperature' }),
      testReading(3, 0.3, { chamber: '1', deviceId: 'e' }),
      testReading(4, 0.4, { chamber: '1', deviceId: 'e', assetId: 'b' }),
    ];
    await store.append({ tenant: 't', readings });
    expect(values(await allPages(store, { assetId: 'a', chamber: '1', quantity: 'fill' }))).toEqual([0.1, 0.3]);
    expect(values(await allPages(store, { assetId: 'a', deviceId: 'e' }))).toEqual([0.3]);
    expect(values(await allPages(store, { deviceId: 'e' }))).toEqual([0.3, 0.4]);
    expect(values(await allPages(store, { quantity: 'temperature' }))).toEqual([21]);
  });

  test('pages of any size visit every reading of all devices once, in order of time, both ways', async () => {
    const store = await opened();
    // four devices that partly measure in the same minute
    const readings = Array.from({ length: 40 }, (_, i) =>
      testReading(Math.floor(i / 3), i, { deviceId: `d${i % 4}`, quantity: 'count' }),
    );
    await store.append({ tenant: 't', readings });
    for (const limit of [1, 2, 3, 7, 40, 41]) {
      const up = await allPages(store, { assetId: 'a', limit });
      expect(up.map(({ at }) => at)).toEqual(readings.map(({ at }) => at).sort());
      expect(new Set(values(up)).size).toBe(40);
      const down = await allPages(store, { assetId: 'a', limit, descending: true });
      expect(values(down)).toEqual(values(up).reverse());
      expect(values(await allPages(store, { limit }))).toEqual(values(up));
    }
  });

  test('a page is not disturbed by readings that arrive behind it', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [0, 2, 4, 6].map((m) => testReading(m, m / 10)) });
    const first = await store.series({ ...DAY, limit: 2 });
    await store.append({ tenant: 't', readings: [testReading(1, 0.1), testReading(5, 0.5)] });
    const second = await store.series({ ...DAY, limit: 9, after: first.next! });
    expect([values(first.items), values(second.items)]).toEqual([
      [0, 0.2],
      [0.4, 0.5, 0.6],
    ]);
    await expect(store.series({ ...DAY, limit: 9, after: 'nonsense' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  test('hours and days are whole, in UTC, and leave out steps without readings', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.2),
      testReading(59, 0.4),
      testReading(60, 0.6),
      testReading(18 * 60, 0.8),
      testReading(-1, 0.1),
    ];
    await store.append({ tenant: 't', readings });
    const query = { tenant: 't', assetId: 'a', quantity: 'fill' as const };
    const hours = await store.rollup({ ...query, step: '1h', fromMs: T0 + 30 * MINUTE_MS, toMs: T0 + 24 * HOUR_MS });
    expect(hours.map(({ from, count }) => [from.slice(8, 16), count])).toEqual([
      ['05T06:00', 2],
      ['05T07:00', 1],
      ['06T00:00', 1],
    ]);
    expect(hours[0]).toMatchObject({ min: 0.2, max: 0.4, mean: expect.closeTo(0.3, 12) });
    const days = await store.rollup({ ...query, step: '1d', fromMs: T0, toMs: T0 + 1 });
    expect(days).toEqual([
      { from: '2026-01-05T00:00:00.000Z', min: 0.1, max: 0.6, mean: expect.closeTo(0.325, 12), count: 4 },
    ]);
  });

  test('rollups are exact for the asset, the device and the chamber, also after a move', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.1, { chamber: '1' }),
      testReading(1, 0.3, { chamber: '2' }),
      testReading(2, 0.5, { chamber: '1', deviceId: 'e' }),
      testReading(3, 0.7, { chamber: '1', assetId: 'b' }),
      testReading(4, 0.9, { assetId: null }),
    ];
    await store.append({ tenant: 't', readings });
    const of = async (query: object) => {
      const [point] = await store.rollup({ ...DAY, quantity: 'fill', step: '1d', ...query });
      return point && [point.min, point.max, point.count];
    };
    expect(await of({ assetId: 'a' })).toEqual([0.1, 0.5, 3]);
    expect(await of({ assetId: 'a', chamber: '1' })).toEqual([0.1, 0.5, 2]);
    expect(await of({ assetId: 'a', deviceId: 'd' })).toEqual([0.1, 0.3, 2]);
    expect(await of({ deviceId: 'd' })).toEqual([0.1, 0.9, 4]);
    expect(await of({ assetId: 'c' })).toBeUndefined();
  });

  test('one tenant sees nothing of another', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.1)] });
    await store.append({ tenant: 'u', readings: [testReading(1, 0.9, { deviceId: 'theirs' })] });
    for (const query of [{}, { assetId: 'a' }]) expect(values(await allPages(store, query))).toEqual([0.1]);
    expect(values(await store.lastValues({ tenant: 't', assetIds: ['a'] }))).toEqual([0.1]);
    expect(await store.lastValues({ tenant: 't', deviceIds: ['theirs'] })).toEqual([]);
    expect(await store.rollup({ ...DAY, assetId: 'a', quantity: 'fill', step: '1h' })).toMatchObject([
      { max: 0.1, count: 1 },
    ]);
    expect(await store.rollup({ ...DAY, deviceId: 'theirs', quantity: 'fill', step: '1h' })).toEqual([]);
  });
}
