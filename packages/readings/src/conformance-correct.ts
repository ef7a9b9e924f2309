import { expect, test } from 'vitest';
import type { Reading, ReadingKey } from '@ronde/contracts';
import { createRng, type Rng } from '@ronde/kit';
import {
  HOUR_MS,
  T0,
  allPages,
  testDirectory,
  testReading,
  type OpenReadings,
  type Opened,
} from './conformance-fixtures.ts';
import type { ReadingsStore } from './port.ts';
import { saysTheSame } from './same-reading.ts';

const ALL = { tenant: 't', fromMs: 0, toMs: 8e15 };
const keyOf = ({ deviceId, chamber, quantity, at, uplinkId }: Reading): ReadingKey & { uplinkId: string } => ({
  deviceId,
  quantity,
  at,
  uplinkId,
  ...(chamber !== undefined && { chamber }),
});

/** What `correct` promises: the store afterwards is the one that had the corrected readings from the start. */
export function describeCorrect(open: OpenReadings, opened: Opened): void {
  test('a corrected reading keeps identity, asset and receipt, and its hour, day and last value follow', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(10, 0.9), testReading(20, 0.4)] });
    const better = testReading(20, 0.7, {
      assetId: 'elsewhere',
      receivedAt: new Date(T0 + HOUR_MS).toISOString(),
      typeVersion: 'plain@2.0.0',
      quality: 'suspect',
      flags: ['TILTED', 'REPLAYED'],
    });
    const result = await store.correct({ tenant: 't', readings: [better, testReading(0, 0.3)], remove: [] });
    expect(result).toEqual({ outcomes: ['changed', 'same'], removed: [] });
    const expected = testReading(20, 0.7, {
      typeVersion: 'plain@2.0.0',
      quality: 'suspect',
      flags: ['TILTED', 'REPLAYED', 'CORRECTED'],
    });
    expect(await allPages(store, {})).toEqual([testReading(0, 0.3), testReading(10, 0.9), expected]);
    expect(await store.lastValues({ tenant: 't' })).toEqual([expected]);
    for (const step of ['1h', '1d'] as const)
      expect(await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step })).toMatchObject([
        { min: 0.3, max: 0.9, count: 3, mean: expect.closeTo(1.9 / 3, 12) as unknown },
      ]);
  });

  test('a reading that is missing is added, one that should not be is taken away, and counts follow', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(10, 0.9)] });
    const added = testReading(5, 21, { quantity: 'temperature', flags: ['REPLAYED'] });
    expect(
      await store.correct({
        tenant: 't',
        readings: [added],
        remove: [keyOf(testReading(10, 0.9)), keyOf(testReading(99, 1))],
      }),
    ).toEqual({ outcomes: ['added'], removed: [true, false] });
    expect(await allPages(store, {})).toEqual([testReading(0, 0.3), added]);
    expect(await store.stats()).toMatchObject({ readings: 2, newestAtMs: T0 + 5 * 60_000 });
    expect(await store.lastValues({ tenant: 't', quantity: 'fill' })).toEqual([testReading(0, 0.3)]);
    await store.correct({ tenant: 't', readings: [], remove: [keyOf(testReading(0, 0.3)), keyOf(added)] });
    expect([await store.lastValues({ tenant: 't' }), await allPages(store, {})]).toEqual([[], []]);
    expect(await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' })).toEqual([]);
    expect(await store.stats()).toMatchObject({ readings: 0, newestAtMs: null });
    // what was taken away may come again
    await store.append({ tenant: 't', readings: [testReading(0, 0.5)] });
    expect(await store.lastValues({ tenant: 't' })).toEqual([testReading(0, 0.5)]);
  });

  test('a last value that turns invalid gives way to the one before it, and comes back when it is undone', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(10, 0.9)] });
    const turn = (value: number | null, quality: Reading['quality']) =>
      store.correct({ tenant: 't', readings: [testReading(10, value, { quality })], remove: [] });
    await turn(null, 'invalid');
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.3]);
    expect(await store.rollup({ ...ALL, assetId: 'a', quantity: 'fill', step: '1h' })).toMatchObject([{ count: 1 }]);
    await turn(0.9, 'ok');
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.9]);
    await store.append({ tenant: 't', readings: [testReading(11, 0.95)] });
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.95]);
  });

  test('readings of another uplink stay, whatever a correction says', async () => {
    const store = await opened();
    const first = testReading(0, 0.3, { uplinkId: '7' });
    await store.append({ tenant: 't', readings: [first] });
    const other = testReading(0, 0.8, { uplinkId: '8' });
    expect(await store.correct({ tenant: 't', readings: [other], remove: [keyOf(other)] })).toEqual({
      outcomes: ['same'],
      removed: [false],
    });
    expect(await allPages(store, {})).toEqual([first]);
  });

  test('readings, last values, rollups and cursor of a correction commit together or not at all', async () => {
    const store = await opened();
    await store.append({ tenant: 't', readings: [testReading(0, 0.3), testReading(1, 0.4)] });
    const correction = { tenant: 't', readings: [testReading(0, 0.6)], remove: [keyOf(testReading(1, 0.4))] };
    await expect(store.correct({ ...correction, cursor: { name: 'replay:x', seq: Number.NaN } })).rejects.toThrow();
    expect((await allPages(store, {})).map(({ value }) => value)).toEqual([0.3, 0.4]);
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.4]);
    expect(await store.cursor('replay:x')).toBe(0);
    await expect(
      store.correct({ ...correction, readings: [testReading(0, 20, { unit: 'Cel' })] }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await store.correct({ ...correction, cursor: { name: 'replay:x', seq: 12 } });
    expect((await allPages(store, {})).map(({ value }) => value)).toEqual([0.6]);
    expect(await store.cursor('replay:x')).toBe(12);
  });

  test('what was corrected is there after closing and opening again', async () => {
    const directory = testDirectory();
    const before = await open(directory);
    await before.append({ tenant: 't', readings: [testReading(0, 0.3)] });
    await before.correct({ tenant: 't', readings: [testReading(0, 0.6)], remove: [] });
    await before.close();
    const after = await opened(directory);
    expect((await after.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.6]);
  });

  test('corrections in any batches, and again, give the store that had them from the start', async () => {
    const store = await opened();
    for (let seed = 1; seed <= 6; seed++) {
      const rng = createRng(seed);
      const before = someReadings(rng);
      const wanted = before.filter(() => rng.next() > 0.1).map((reading) => altered(reading, rng));
      const fresh = someReadings(rng).filter((one) => !before.some((other) => idOf(one) === idOf(other)));
      const after = [...wanted, ...fresh.slice(0, 40)];
      const kept = new Set(after.map(idOf));
      await store.append({ tenant: `plain-${seed}`, readings: after });
      await store.append({ tenant: `fixed-${seed}`, readings: before });
      const gone = before.filter((reading) => !kept.has(idOf(reading)));
      const counts = new Map<string, number>();
      for (const twice of [false, true]) {
        for (let from = 0; from < after.length; from += 60) {
          const remove = from === 0 ? gone.map(keyOf) : [];
          const batch = { tenant: `fixed-${seed}`, readings: after.slice(from, from + 60), remove };
          const { outcomes, removed } = await store.correct(batch);
          if (twice) expect([...outcomes, ...removed].every((one) => one === 'same' || one === false)).toBe(true);
          else for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        }
      }
      expect(await everything(store, `fixed-${seed}`)).toEqual(await everything(store, `plain-${seed}`));
      const changed = wanted.filter(
        (one) =>
          !saysTheSame(
            one,
            before.find((other) => idOf(one) === idOf(other))!,
          ),
      );
      expect(counts.get('changed')).toBe(changed.length);
      expect(counts.get('added')).toBe(Math.min(40, fresh.length));
    }
  });
}

const idOf = ({ deviceId, chamber, at }: Reading): string => `${deviceId} ${chamber} ${at}`;

function someReadings(rng: Rng): Reading[] {
  const found = new Map<string, Reading>();
  for (let i = 0; i < 250; i++) {
    const reading = testReading(rng.int(400), rng.next(), {
      deviceId: rng.pick(['d1', 'd2', 'd3']),
      assetId: rng.pick(['a', 'a', 'b', null]),
      chamber: rng.pick(['1', '2']),
      quality: rng.pick(['ok', 'ok', 'suspect', 'invalid'] as const),
    });
    found.set(idOf(reading), reading);
  }
  return [...found.values()];
}

function altered(reading: Reading, rng: Rng): Reading {
  const dice = rng.next();
  if (dice < 0.4) return reading;
  if (dice < 0.7) return { ...reading, value: rng.next() };
  return { ...reading, quality: rng.pick(['ok', 'invalid', 'censored'] as const), flags: ['BLIND_ZONE'] };
}

async function everything(store: ReadingsStore, tenant: string): Promise<object> {
  const plain = (readings: Reading[]) =>
    readings
      .map(({ flags, ...reading }) =>
        JSON.stringify({ ...reading, flags: flags.filter((flag) => flag !== 'CORRECTED') }),
      )
      .sort();
  const steps = async (step: '1h' | '1d') =>
    (await store.rollup({ ...ALL, tenant, assetId: 'a', quantity: 'fill', step })).map((point) => ({
      ...point,
      mean: point.mean.toFixed(12),
    }));
  return {
    series: plain(await allPages(store, { tenant })),
    last: plain(await store.lastValues({ tenant })),
    hours: await steps('1h'),
    days: await steps('1d'),
    device: await store
      .rollup({ ...ALL, tenant, deviceId: 'd1', quantity: 'fill', step: '1d' })
      .then((points) => points.map(({ mean, ...rest }) => ({ ...rest, mean: mean.toFixed(12) }))),
  };
}
