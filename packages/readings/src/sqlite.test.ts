import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '@ronde/kit';
import { testDirectory, testReading } from './conformance-fixtures.ts';
import { describeReadings } from './conformance.ts';
import { openReadings } from './open.ts';

const log = silentLog();

describeReadings('sqlite readings', (dataDir) => openReadings('sqlite:', { dataDir, log }), { expires: true });

describeReadings(
  'sqlite readings, all of them compacted after each change',
  async (dataDir) => {
    const store = await openReadings('sqlite:', { dataDir, log });
    const thenCompact =
      <A, R>(change: (batch: A) => Promise<R>) =>
      async (batch: A): Promise<R> => {
        const result = await change(batch);
        await store.compact!();
        return result;
      };
    return { ...store, append: thenCompact(store.append), correct: thenCompact(store.correct) };
  },
  { expires: true },
);

test('a store in memory takes and gives readings and vanishes', async () => {
  const store = await openReadings('sqlite::memory:', { dataDir: '/nowhere', log });
  onTestFinished(() => store.close());
  await store.append({ tenant: 't', readings: [testReading(0, 0.1)] });
  expect(await store.lastValues({ tenant: 't' })).toEqual([testReading(0, 0.1)]);
});

test('an unknown scheme is refused with the known ones and without its password', async () => {
  const opening = openReadings('oracle://root:secret@host/db', { dataDir: '/nowhere', log });
  await expect(opening).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(
      'no such readings store; known: sqlite:, postgres:, postgresql:, influxdb+http:',
    ) as unknown,
  });
});

test('a file of a newer version is refused', async () => {
  const dataDir = testDirectory();
  const newer = new DatabaseSync(join(dataDir, 'readings.sqlite'));
  newer.exec('PRAGMA user_version = 999');
  newer.close();
  await expect(openReadings('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
});

test('a file that is no database is reported as damaged', async () => {
  const dataDir = testDirectory();
  writeFileSync(join(dataDir, 'readings.sqlite'), 'this is not a database, however long it may be. '.repeat(100));
  await expect(openReadings('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
