import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Reading } from '@ronde/contracts';
import { createRng, silentLog } from '@ronde/kit';
import {
  noPostgres,
  openInDirectories,
  openPostgres,
  type PostgresServer,
} from '../../../tests/fixtures/postgres-server.ts';
import { changeReadingsSchema } from './change-schema.ts';
import { T0, allPages, testReading } from './conformance-fixtures.ts';
import { describeReadings } from './conformance.ts';
import { openReadings } from './open.ts';

const log = silentLog();

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());
  const open = openInDirectories(() => server.createDatabase(), {
    file: 'readings.sqlite',
    open: (url, dataDir) => openReadings(url, { dataDir, log }),
  });

  describeReadings('postgres readings', open, { expires: true });

  test('a schema of a newer version is refused, and one that is brought back starts empty of what went', async () => {
    const url = await server.createDatabase();
    const options = { dataDir: '/nowhere', log };
    await (await openReadings(url, options)).close();
    await server.sql('UPDATE ronde_readings.schema_version SET version = version + 1', url);
    await expect(openReadings(url, options)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
    await server.sql('UPDATE ronde_readings.schema_version SET version = version - 1', url);
    expect(await changeReadingsSchema(url, 0, options)).toBe(2);
    const again = await openReadings(url, options);
    onTestFinished(() => again.close());
    expect(await again.stats()).toMatchObject({ readings: 0, newestAtMs: null });
    await expect(changeReadingsSchema('sqlite:', 0, options)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('workers that append and correct the same channels at once leave the store that one alone would have made', async () => {
    const url = await server.createDatabase();
    const workers = await Promise.all([1, 2, 3].map(() => openReadings(url, { dataDir: '/nowhere', log })));
    const alone = await openReadings('sqlite::memory:', { dataDir: '/nowhere', log });
    onTestFinished(async () => void (await Promise.all([...workers, alone].map((store) => store.close()))));
    const rng = createRng(7);
    const of = (minute: number, device: string) =>
      testReading(minute, Math.round(rng.next() * 1e6) / 1e6, { deviceId: device, uplinkId: `${device}-${minute}` });
    const all = Array.from({ length: 240 }, (_, minute) => ['d', 'e', 'f'].map((device) => of(minute, device))).flat();
    const fixed = all.filter((_, i) => i % 17 === 0).map((reading) => ({ ...reading, value: 1 - reading.value! }));
    await workers[0]!.append({ tenant: 't', readings: all.filter((_, i) => i % 17 === 0) });
    await Promise.all(
      workers.flatMap((store, w) =>
        Array.from({ length: 24 }, async (_, b) => {
          // every reading comes to two workers, each in an order of its own
          const mine = all.filter((_, i) => i % 24 === (b * 7 + w) % 24 && (i >> 3) % 3 !== w);
          await store.append({ tenant: 't', readings: mine.reverse(), cursor: { name: `worker-${w}`, seq: b + 1 } });
          if (w === 0 && b % 4 === 0)
            await store.correct({ tenant: 't', readings: fixed.filter((_, i) => i % 6 === b / 4), remove: [] });
        }),
      ),
    );
    await alone.append({ tenant: 't', readings: all });
    await alone.correct({ tenant: 't', readings: fixed, remove: [] });
    const range = { tenant: 't', assetId: 'a', quantity: 'fill' as const, fromMs: 0, toMs: 8e15 };
    const rounded = (points: { mean: number }[]) => points.map((point) => ({ ...point, mean: point.mean.toFixed(10) }));
    for (const step of ['1h', '1d'] as const)
      expect(rounded(await workers[1]!.rollup({ ...range, step }))).toEqual(
        rounded(await alone.rollup({ ...range, step })),
      );
    expect(await workers[2]!.lastValues({ tenant: 't' })).toEqual(await alone.lastValues({ tenant: 't' }));
    const byKey = (a: Reading, b: Reading): number => (a.uplinkId < b.uplinkId ? -1 : 1);
    expect((await allPages(workers[0]!, {})).sort(byKey)).toEqual((await allPages(alone, {})).sort(byKey));
    expect(await workers[0]!.stats()).toMatchObject({ readings: all.length, newestAtMs: T0 + 239 * 60_000 });
    expect(await Promise.all([0, 1, 2].map((w) => workers[0]!.cursor(`worker-${w}`)))).toEqual([24, 24, 24]);
  });
});
