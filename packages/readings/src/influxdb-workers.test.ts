import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { givenInflux, makeBucket, noInflux } from '../../../tests/fixtures/influx-server.ts';
import { allPages, testDirectory, testReading } from './conformance-fixtures.ts';
import { DOUBLE_ORG, DOUBLE_TOKEN, startInfluxDouble } from './influx-double/server.fixture.ts';
import { openReadings, type InfluxOptions } from './open.ts';
import type { ReadingsStore } from './port.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Gives workers, each with a journal of its own, on one new bucket. */
type Place = () => Promise<{ url: string; influx: InfluxOptions }>;

const onDouble: Place = async () => {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  return { url: double.url, influx: { token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: 'shared' } };
};
const onServer: Place = async () => {
  const { url, token, org } = givenInflux();
  const bucket = `test${testDirectory().replaceAll(/\W/g, '-')}`;
  onTestFinished(await makeBucket({ url, token, org }, bucket));
  return { url: `influxdb+${url}`, influx: { token, org, bucket } };
};

async function workersOn(place: Place): Promise<[ReadingsStore, ReadingsStore]> {
  const { url, influx } = await place();
  const open = async (): Promise<ReadingsStore> => {
    const store = await openReadings(url, {
      dataDir: testDirectory(),
      log: silentLog(),
      influx: { ...influx, isShared: true },
    });
    onTestFinished(() => store.close());
    return store;
  };
  return [await open(), await open()];
}

const appendOne = async (store: ReadingsStore, ...reading: Parameters<typeof testReading>): Promise<boolean> =>
  (await store.append({ tenant: 't', readings: [testReading(...reading)] })).stored[0]!;

function describeWorkers(place: Place): void {
  test('of two workers that get one reading the first one’s stands, whatever each has seen of the series before', async () => {
    const [a, b] = await workersOn(place);
    expect(await appendOne(a, 0, 0.1)).toBe(true);
    expect(await appendOne(b, 5, 0.5)).toBe(true);
    expect(await appendOne(a, 10, 0.9)).toBe(true);
    // newer than all that this worker has seen of the series, and there already
    expect(await appendOne(b, 10, 0.2)).toBe(false);
    expect(await appendOne(b, 0, 0.3)).toBe(false);
    expect((await allPages(b, {})).map(({ value }) => value)).toEqual([0.1, 0.5, 0.9]);
    expect((await a.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.9]);
  });

  test('workers that store the same and other readings side by side leave each once, and each keeps its place', async () => {
    const [a, b] = await workersOn(place);
    const all = Array.from({ length: 120 }, (_, i) => testReading(i, i / 200, { deviceId: i % 3 === 0 ? 'd' : 'e' }));
    const run = async (store: ReadingsStore, name: string, mine: typeof all): Promise<number> => {
      let stored = 0;
      for (let from = 0, seq = 1; from < mine.length; from += 10, seq += 1) {
        const batch = { tenant: 't', readings: mine.slice(from, from + 10), cursor: { name, seq } };
        stored += (await store.append(batch)).stored.filter(Boolean).length;
      }
      return stored;
    };
    await Promise.all([run(a, 'w0', all.slice(0, 80)), run(b, 'w1', all.slice(40).reverse())]);
    expect((await allPages(a, {})).map(({ value }) => value)).toEqual(all.map(({ value }) => value));
    expect([await a.cursor('w0'), await b.cursor('w1')]).toEqual([8, 8]);
    const [day] = await b.rollup({ tenant: 't', assetId: 'a', quantity: 'fill', step: '1d', fromMs: 0, toMs: 4e12 });
    expect(day).toMatchObject({ count: 120 });
  });
}

describe('workers on one bucket of the double', () => describeWorkers(onDouble));
describe.skipIf(noInflux)(`workers on one bucket of InfluxDB 2${noInflux}`, () => describeWorkers(onServer));
