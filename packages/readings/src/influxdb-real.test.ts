import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { callOf, givenInflux, makeBucket, noInflux } from '../../../tests/fixtures/influx-server.ts';
import { HOUR_MS, T0, allPages, testDirectory, testReading, type OpenReadings } from './conformance-fixtures.ts';
import { describeReadings } from './conformance.ts';
import { setUpInflux } from './influx-setup.ts';
import { openReadings } from './open.ts';
import type { Refusal } from './port.ts';

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

  const opened = async (keepSeconds = 0, retentionDays = 0) => {
    const { url, token, org } = givenInflux();
    const dataDir = testDirectory();
    const bucket = `test${dataDir.replaceAll(/\W/g, '-')}`;
    removals.set(dataDir, await makeBucket({ url, token, org }, bucket, keepSeconds));
    const influx = { token, org, bucket, retentionDays };
    const store = await openReadings(`influxdb+${url}`, { dataDir, log, influx });
    onTestFinished(() => store.close());
    return { store, bucket, call: callOf(givenInflux()), place: `org=${org}&bucket=${bucket}` };
  };
  const ago = (hours: number): { at: string } => ({ at: new Date(Date.now() - hours * HOUR_MS).toISOString() });
  const listener = () => {
    const told: Refusal[] = [];
    return { told, refused: (refusals: Refusal[]) => Promise.resolve(void told.push(...refusals)) };
  };

  test('what is older than the bucket keeps is told one by one, the rest is stored', async () => {
    const { store } = await opened(2 * 3_600);
    const { told, refused } = listener();
    const old = Array.from({ length: 40 }, (_, i) => testReading(0, 0.1, ago(100 + i)));
    const { stored } = await store.append({ tenant: 't', readings: [...old, testReading(0, 0.9, ago(0))], refused });
    expect(stored.filter(Boolean)).toHaveLength(1);
    expect(told).toHaveLength(40);
    expect(told[0]!.reason).toContain('retention policy');
    expect((await store.lastValues({ tenant: 't' })).map(({ value }) => value)).toEqual([0.9]);
    expect((await store.stats()).readings).toBe(1);
  });

  test('a field that somebody gave another type refuses its own points only', async () => {
    const { store, call, place } = await opened();
    await call('POST', `/api/v2/write?${place}&precision=ms`, `reading,tenant=x value="text" ${T0}`);
    const { told, refused } = listener();
    await store.append({ tenant: 't', readings: [testReading(0, 0.5), testReading(1, null)], refused });
    expect(told.map(({ reading }) => reading.value)).toEqual([0.5]);
    expect(told[0]!.reason).toContain('conflict');
    expect(await allPages(store, {})).toHaveLength(1);
  });

  test('identifiers with any sign come back as they were and can be taken away', async () => {
    const { store } = await opened();
    const odd = 'a"b\\c,d=e f|g") |> yield() //';
    const reading = testReading(0, 0.1, { deviceId: odd, assetId: odd, chamber: odd, uplinkId: `7|${odd}` });
    const key = { deviceId: odd, chamber: odd, quantity: 'fill' as const, at: reading.at, uplinkId: reading.uplinkId };
    await store.append({ tenant: odd, readings: [reading] });
    expect(await store.lastValues({ tenant: odd, assetIds: [odd] })).toEqual([reading]);
    expect((await store.correct({ tenant: odd, readings: [], remove: [key] })).removed).toEqual([true]);
    expect(await store.lastValues({ tenant: odd })).toEqual([]);
  });

  test('the tasks of the set-up write down the hours that are asked for when the readings are gone', async () => {
    const { url, token, org } = givenInflux();
    const { store, bucket, call } = await opened(0, 1);
    await setUpInflux({ url, token, org, bucket, retentionDays: 0, hourlyDays: 0, renew: false, dryRun: false });
    const fromMs = Math.floor(Date.now() / HOUR_MS - 26) * HOUR_MS;
    const at = (minutes: number): { at: string } => ({ at: new Date(fromMs + minutes * 60_000).toISOString() });
    const other = testReading(0, 0.4, { ...at(3), deviceId: 'e' });
    await store.append({ tenant: 't', readings: [testReading(0, 0.2, at(1)), testReading(0, 0.6, at(2)), other] });
    const span = { fromMs, toMs: fromMs + HOUR_MS, step: '1h' as const };
    const hours = () => store.rollup({ tenant: 't', assetId: 'a', quantity: 'fill', ...span });
    // the readings themselves do not count any more, and nothing is written down yet
    expect(await hours()).toEqual([]);
    const { tasks = [] } = await call('GET', `/api/v2/tasks?org=${org}&limit=500`);
    const hourly = tasks.find(({ name }) => name === `${bucket}-hourly`)!;
    await call('POST', `/api/v2/tasks/${hourly.id}/runs`, {});
    const mean = expect.closeTo(0.4, 12) as unknown;
    const expected = [{ from: new Date(fromMs).toISOString(), min: 0.2, max: 0.6, mean, count: 3 }];
    await vi.waitFor(async () => expect(await hours()).toEqual(expected), { timeout: 60_000, interval: 500 });
  });
});
