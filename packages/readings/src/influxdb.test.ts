import { afterAll, beforeAll } from 'vitest';
import { silentLog } from '@ronde/kit';
import { describeReadings } from './conformance.ts';
import { DOUBLE_ORG, DOUBLE_TOKEN, startInfluxDouble, type InfluxDouble } from './influx-double/server.fixture.ts';
import { openReadings } from './open.ts';

let double: InfluxDouble;
beforeAll(async () => (double = await startInfluxDouble()));
afterAll(() => double.close());

describeReadings(
  'influxdb readings over the double',
  (dataDir) =>
    openReadings(double.url, {
      dataDir,
      log: silentLog(),
      influx: { token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: dataDir.replaceAll('/', '_') },
    }),
  { isBackedUpElsewhere: true },
);
