import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { describeReadings } from './conformance.ts';
import type { OpenReadings } from './conformance-fixtures.ts';
import { DOUBLE_ORG, DOUBLE_TOKEN, startInfluxDouble, type InfluxDouble } from './influx-double/server.fixture.ts';
import { openReadings } from './open.ts';

const log = silentLog();
// each of thousands of questions goes over a socket
vi.setConfig({ testTimeout: 120_000 });
let double: InfluxDouble;
beforeAll(async () => void (double = await startInfluxDouble()));
afterAll(() => double.close());

/** One bucket a directory; a backup that lies there fills it, as a restore does. */
const open: OpenReadings = async (dataDir) => {
  const influx = { token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: dataDir.replaceAll('/', '_') };
  const store = await openReadings(double.url, { dataDir, log, influx });
  const file = join(dataDir, 'readings.sqlite');
  if (existsSync(file)) {
    const copy = await openReadings(`sqlite:${file}`, { dataDir, log });
    await store.load((take) => copy.dump(take));
    await copy.close();
  }
  return store;
};

describeReadings('influxdb readings over the double', open);
