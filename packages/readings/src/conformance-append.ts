import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  HOUR_MS,
  T0,
  allPages,
  testDirectory,
  testReading,
  type OpenReadings,
  type Opened,
} from './conformance-fixtures.ts';

const ALL = { tenant: 't', fromMs: 0, toMs: 8e15, limit: 100 };

/** What `append` promises: idempotence, quality rules, atomicity, durability. */
export function describeAppend(open: OpenReadings, opened: Opened): void {
  test('a reading comes back as it was appended', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.1234, {
        chamber: 'left',
        flags: ['TILTED', 'COUNTER_RESET'],
        quality: 'suspect',
        uplinkId: '0193f2ab-7',
      }),
      testReading(1, null, { assetId: null, receivedAt: new Date(T0 + HOUR_MS + 7).toISOString(), uplinkId: '007' }),
      testReading(2, -12.5, {
        quantity: 'temperature',
        quality: 'censored',
        typeVersion: 'acme-x@2.0.0',
        uplinkId: '42',
      }),
    ];
    expect(await store.append({ tenant: 't', readings })).toEqual({ stored: [true, true, true] });
    expect(await allPages(store, {})).toEqual(readings);
  });

  test('times with an offset come back in UTC and units in the catalogue’s', async () => {
    const store = await opened();
    await store.append({
      tenant: 't',
      readings: [testReading(0, 145, { at: '2026-01-05T08:00:00+02:00', quantity: 'distance', unit: 'cm' })],
    });
    expect((await store.series(ALL)).items[0]).toMatchObject({
      at: '2026-01-05T06:00:00.000Z',
      value: 1.45,
      unit: 'm',
    });
  });

  test('a batch with a unit or time that makes no sense is refused whole', async () => {
    const store = await opened();
    for (const bad of [testReading(1, 20, { unit: 'Cel' }), testReading(1, 0.5, { at: 'yesterday' })]) {
      await expect(store.append({ tenant: 't', readings: [testReading(0, 0.1), bad] })).rejects.toMatchObject({
        code: 'INPUT_INVALID',
      });
    }
    expect((await store.stats()).readings).toBe(0);
  });

  test('the first reading of a device, chamber, quantity and time wins, a second changes nothing', async () => {
    const store = await opened();
    const twice = [testReading(0, 0.3), testReading(0, 0.9), testReading(0, 0.4, { chamber: '2' })];
    expect(await store.append({ tenant: 't', readings: twice })).toEqual({ stored: [true, false, true] });
    expect(await store.append({ tenant: 't', readings: [testReading(0, 0.8), testReading(1, 0.5)] })).toEqual({
      stored: [false, true],
    });
    expect((await allPages(store, { quantity: 'fill' })).map(({ value }) => value)).toEqual([0.3, 0.4, 0.5]);
    const [hour] = await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' });
    expect(hour).toMatchObject({ min: 0.3, max: 0.5, count: 3 });
  });

  test('a device that moved to another asset does not store the same moment twice', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(1, 0.4)] });
    const moved = [testReading(1, 0.4, { assetId: 'b' }), testReading(2, 0.1, { assetId: 'b' })];
    expect(await store.append({ tenant: 't', readings: moved })).toEqual({ stored: [false, true] });
    expect((await allPages(store, { assetId: 'a' })).map(({ value }) => value)).toEqual([0.3, 0.4]);
    expect((await allPages(store, { assetId: 'b' })).map(({ value }) => value)).toEqual([0.1]);
    expect((await allPages(store, { deviceId: 'd' })).map(({ assetId }) => assetId)).toEqual(['a', 'a', 'b']);
  });

  test('invalid readings and those without value stay in the series, out of last values and rollups', async () => {
    const store = await opened();
    const readings = [
      testReading(0, 0.3),
      testReading(1, 7, { quality: 'invalid' }),
      testReading(2, null),
      testReading(3, 9, { deviceId: 'e', quality: 'invalid' }),
    ];
    await store.append({ tenant: 't', readings });
    expect(await allPages(store, {})).toHaveLength(4);
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.3]);
    expect(await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' })).toMatchObject([
      { max: 0.3, count: 1 },
    ]);
  });

  test('readings, rollups, last values, uplink keys and cursor commit together or not at all', async () => {
    const store = await opened();
    const keys = [{ key: 'k1', receivedAtMs: T0 }];
    await store.append({
      tenant: 't',
      readings: [testReading(0, 0.3)],
      uplinkKeys: keys,
      cursor: { name: 'sink', seq: 7 },
    });
    const failing = {
      tenant: 't',
      readings: [testReading(5, 0.9, { deviceId: 'new' })],
      uplinkKeys: [{ key: 'k2', receivedAtMs: T0 }],
    };
    await expect(store.append({ ...failing, cursor: { name: 'sink', seq: Number.NaN } })).rejects.toThrow();
    expect(await store.cursor('sink')).toBe(7);
    expect(await store.knownUplinkKeys(['k1', 'k2'])).toEqual(new Set(['k1']));
    expect((await store.stats()).readings).toBe(1);
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.3]);
    expect(await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' })).toMatchObject([{ count: 1 }]);
    await store.append({ ...failing, cursor: { name: 'sink', seq: 8 } });
    expect(await store.cursor('sink')).toBe(8);
    expect((await store.lastValues({ tenant: 't' })).map(({ deviceId }) => deviceId)).toEqual(['new']);
  });

  test('a batch without readings moves the cursor', async () => {
    const store = await opened();
    expect(await store.cursor('sink')).toBe(0);
    expect(await store.append({ tenant: 't', readings: [], cursor: { name: 'sink', seq: 3 } })).toEqual({ stored: [] });
    expect(await store.cursor('sink')).toBe(3);
  });

  test('everything is there after closing and opening again, and grows on', async () => {
    const directory = testDirectory();
    const before = await open(directory);
    await before.append({
      tenant: 't',
      readings: [testReading(0, 0.3)],
      uplinkKeys: [{ key: 'k', receivedAtMs: T0 }],
      cursor: { name: 'sink', seq: 7 },
    });
    await before.close();
    const after = await opened(directory);
    expect(await after.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(-5, 0.2)] })).toEqual({
      stored: [false, true],
    });
    expect([await after.cursor('sink'), await after.knownUplinkKeys(['k'])]).toEqual([7, new Set(['k'])]);
    expect((await after.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.3]);
    expect(await after.stats()).toMatchObject({ readings: 2, newestAtMs: T0 });
  });

  test('uplink keys are told since a moment, newest last, by their last receipt, and forgotten in time', async () => {
    const store = await opened();
    const key = (name: string, hours: number) => ({ key: name, receivedAtMs: T0 + hours * HOUR_MS });
    await store.append({ tenant: 't', readings: [], uplinkKeys: [key('b', 2), key('a', 1), key('c', 3)] });
    expect(await store.uplinkKeysSince(T0 + 2 * HOUR_MS)).toEqual(['b', 'c']);
    await store.append({ tenant: 't', readings: [], uplinkKeys: [key('a', 4), key('b', 0), key('d', 3 * 24)] });
    expect(await store.uplinkKeysSince(T0 + 2 * HOUR_MS)).toEqual(['b', 'c', 'a', 'd']);
    expect(await store.knownUplinkKeys(['a', 'd', 'nobody', "it's"])).toEqual(new Set(['a', 'd']));
    await store.append({ tenant: 't', readings: [], uplinkKeys: [key('e', 30 * 24)] });
    expect(await store.uplinkKeysSince(0)).toEqual(['e']);
    expect(await store.knownUplinkKeys(['a', 'd', 'e'])).toEqual(new Set(['e']));
  });

  test('many batches at once are stored in order and queries go on between them', async () => {
    const store = await opened();
    const batches = Array.from({ length: 60 }, (_, b) =>
      Array.from({ length: 50 }, (_, i) => testReading(b * 50 + i, i / 100)),
    );
    const appends = batches.map((readings, b) =>
      store.append({ tenant: 't', readings, cursor: { name: 'sink', seq: b + 1 } }),
    );
    const counts = await Promise.all(Array.from({ length: 20 }, async () => (await store.stats()).readings));
    expect(counts.every((count) => count % 50 === 0)).toBe(true);
    expect((await Promise.all(appends)).flatMap(({ stored }) => stored).every(Boolean)).toBe(true);
    expect([await store.cursor('sink'), (await store.stats()).readings]).toEqual([60, 3_000]);
  });

  test('a store filled from another holds the same, and is not filled twice', async () => {
    const from = await opened();
    const readings = [
      testReading(0, 0.3, { chamber: '2' }),
      testReading(1, null, { assetId: null }),
      testReading(2, 0.5),
    ];
    await from.append({ tenant: 't', readings, cursor: { name: 'sink', seq: 7 } });
    await from.append({
      tenant: 'u',
      readings: [testReading(3, 21, { quantity: 'temperature', deviceId: 'e' })],
      uplinkKeys: [{ key: 'k', receivedAtMs: T0 }],
    });
    await from.correct({ tenant: 't', readings: [testReading(2, 0.6)], remove: [] });
    const to = await opened();
    await to.load((take) => from.dump(take));
    expect(await allPages(to, {})).toEqual(await allPages(from, {}));
    expect(await to.lastValues({ tenant: 'u' })).toEqual(await from.lastValues({ tenant: 'u' }));
    const hours = { ...ALL, assetId: 'a', quantity: 'fill', step: '1h' } as const;
    expect(await to.rollup(hours)).toEqual(await from.rollup(hours));
    expect([await to.cursor('sink'), await to.knownUplinkKeys(['k']), (await to.stats()).readings]).toEqual([
      7,
      new Set(['k']),
      4,
    ]);
    await expect(to.load((take) => from.dump(take))).rejects.toMatchObject({ code: 'RESOURCE_EXISTS' });
    expect(to.health()).toEqual({ ok: true });
  });

  test('a backup taken while appends go on holds whole batches with their cursor', async () => {
    const store = await opened();
    const directory = testDirectory();
    const appendAll = (from: number) =>
      Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          store.append({
            tenant: 't',
            readings: [testReading(from + i, 0.1), testReading(from + i, 0.2, { chamber: '2' })],
            cursor: { name: 'sink', seq: from + i + 1 },
          }),
        ),
      );
    await appendAll(0);
    await Promise.all([appendAll(30), store.backup(join(directory, 'readings.sqlite'))]);
    const copy = await opened(directory);
    const seq = await copy.cursor('sink');
    expect(seq).toBeGreaterThanOrEqual(30);
    expect((await copy.stats()).readings).toBe(seq * 2);
    expect(await allPages(copy, {})).toHaveLength(seq * 2);
  });
}
