import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { silentLog } from '@ronde/kit';
import { noPostgres, openPostgres, type PostgresServer } from '../../../tests/fixtures/postgres-server.ts';
import { describeReadings } from './conformance.ts';
import { openReadings } from './open.ts';
import type { ReadingsStore } from './port.ts';

const log = silentLog();

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());
  const databases = new Map<string, Promise<string>>();

  /** One database a directory; a backup that lies there fills it, as a restore does. */
  const open = async (directory: string): Promise<ReadingsStore> => {
    const isNew = !databases.has(directory);
    if (isNew) databases.set(directory, server.createDatabase());
    const store = await openReadings(await databases.get(directory)!, { dataDir: directory, log });
    const file = join(directory, 'readings.sqlite');
    if (isNew && existsSync(file)) {
      const copy = await openReadings(`sqlite:${file}`, { dataDir: directory, log });
      await store.load((take) => copy.dump(take));
      await copy.close();
    }
    return store;
  };

  describeReadings('postgres readings', open);
});
