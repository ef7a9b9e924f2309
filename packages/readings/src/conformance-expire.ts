import { expect, test } from 'vitest';
import type { ReadingsStore } from './port.ts';
import { HOUR_MS, MINUTE_MS, T0, allPages, testReading, type Opened } from './conformance-fixtures.ts';

const ALL = { tenant: 't', fromMs: 0, toMs: 8e15 };

/** What `expire` promises: old readings go for good, hours and days stay, others are untouched. */
export function describeExpire(opened: Opened): void {
  test('readings older than their quantity is kept go, their hours and days stay, and a replay brings none back', async () => {
    const store = await opened();
    const readings = [0, 10, 70, 130].flatMap((minutes) => [
      testReading(minutes, minutes / 200),
      testReading(minutes, 20 + minutes / 10, { quantity: 'temperature' }),
    ]);
    await store.append({ tenant: 't', readings });
    const rollups = async () => [
      await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' }),
      await store.rollup({ ...ALL, deviceId: 'd', quantity: 'fill', step: '1d' }),
    ];
    const before = await rollups();
    const floor = { fill: T0 + HOUR_MS + 5 * MINUTE_MS };
    expect(await store.expire!(floor)).toBe(2);
    expect(await store.expire!(floor)).toBe(0);
    expect((await allPages(store, { quantity: 'fill' })).map(({ value }) => value)).toEqual([0.35, 0.65]);
    expect(await allPages(store, { quantity: 'temperature' })).toHaveLength(4);
    expect(await rollups()).toEqual(before);
    expect((await store.stats()).readings).toBe(6);

    expect(await store.append({ tenant: 't', readings: readings.slice(0, 4) })).toEqual({
      stored: [false, false, false, false],
    });
    const late = testReading(5, 0.9);
    expect((await store.append({ tenant: 't', readings: [late] })).stored).toEqual([false]);
    expect(await store.correct({ tenant: 't', readings: [late], remove: [] })).toEqual({
      outcomes: ['same'],
      removed: [],
    });
    expect(await rollups()).toEqual(before);
    // what is newer than the floor still comes late
    expect((await store.append({ tenant: 't', readings: [testReading(61, 0.1)] })).stored).toEqual([true]);
  });

  test('a copy carries how far back it goes and the hours of what is gone', async () => {
    const from = await opened();
    await from.append({
      tenant: 't',
      readings: [0, 10, 70, 130].map((minutes) => testReading(minutes, minutes / 200, { chamber: '2' })),
    });
    await from.append({ tenant: 't', readings: [testReading(3, 0.25, { assetId: null, deviceId: 'e' })] });
    await from.expire!({ fill: T0 + 2 * HOUR_MS });
    const to = await opened();
    await to.load((take) => from.dump(take));
    const rollups = async (store: ReadingsStore) => [
      await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' }),
      await store.rollup({ ...ALL, deviceId: 'e', quantity: 'fill', step: '1d' }),
    ];
    const [hours, days] = await rollups(to);
    expect(hours!.map(({ count }) => count)).toEqual([2, 1, 1]);
    expect(days!.map(({ count }) => count)).toEqual([1]);
    expect(await rollups(to)).toEqual(await rollups(from));
    expect(await allPages(to, {})).toHaveLength(1);
    expect((await to.append({ tenant: 't', readings: [testReading(5, 0.9)] })).stored).toEqual([false]);
    // and once more, from the copy
    const again = await opened();
    await again.load((take) => to.dump(take));
    expect(await rollups(again)).toEqual(await rollups(from));
  });

  test('a last value that is older than its quantity is kept goes with its reading, and a new one takes its place', async () => {
    const store = await opened();
    await store.append({
      tenant: 't',
      readings: [testReading(0, 0.3), testReading(0, 20, { quantity: 'temperature' })],
    });
    await store.expire!({ fill: T0 + 24 * HOUR_MS });
    expect((await store.lastValues({ tenant: 't' })).map(({ quantity }) => quantity)).toEqual(['temperature']);
    await store.append({ tenant: 't', readings: [testReading(25 * 60, 0.4)] });
    expect((await store.lastValues({ tenant: 't', quantity: 'fill' })).map(({ value }) => value)).toEqual([0.4]);
    // a floor never goes back
    await store.expire!({ fill: T0 });
    expect((await store.append({ tenant: 't', readings: [testReading(1, 0.5)] })).stored).toEqual([false]);
  });
}
