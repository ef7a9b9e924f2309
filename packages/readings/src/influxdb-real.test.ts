import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { givenInflux, makeBucket, noInflux } from '../../../tests/fixtures/influx-server.ts';
import type { OpenReadings } from './conformance-fixtures.ts';
import { describeReadings } from './conformance.ts';
import { openReadings } from './open.ts';

vi.setConfig({ testTimeout: 180_000 });
const log = silentLog();

describe.skipIf(noInflux)(`InfluxDB 2${noInflux}`, () => {
  const removals = new Map<string, () => Promise<void>>();
  afterAll(() => Promise.all([...removals.values()].map((remove) => remove())));

  const open: OpenReadings = async (dataDir) => {
    const { url, token, org } = givenInflux();
    const bucket = `test${dataDir.replaceAll(/\W/g, '-')}`;
    if (!removals.has(dataDir)) removals.set(dataDir, await makeBucket({ url, token, org }, bucket));
    const store = await openReadings(`influxdb+${url}`, { dataDir, log, influx: { token, org, bucket } });
    const file = join(dataDir, 'readings.sqlite');
    if (existsSync(file)) {
      const copy = await openReadings(`sqlite:${file}`, { dataDir, log });
      await store.load((take) => copy.dump(take));
      await copy.close();
    }
    return store;
  };

  describeReadings('influxdb readings', open);
});
