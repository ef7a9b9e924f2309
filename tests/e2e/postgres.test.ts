import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Page, Reading } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { noPostgres, openPostgres, type PostgresServer } from '../fixtures/postgres-server.ts';
import { openStores, readEverything, unpackStores, type StoreUrls } from '../fixtures/stores.ts';
import { openPlatform } from './platform.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/v0.1.0/', import.meta.url));
const expected = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8')) as Record<string, unknown>;
function testDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-postgres-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** Both engines add up with more digits than a double holds, and round the last one as they do. */
function rounded(everything: Record<string, unknown>): Record<string, unknown> {
  const round = (key: string, value: unknown): unknown => (key === 'mean' ? (value as number).toFixed(12) : value);
  return JSON.parse(JSON.stringify(everything, round)) as Record<string, unknown>;
}

const WAIT = { timeout: 30_000, interval: 100 };

describe.skipIf(noPostgres)(`on PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());
  const urls = async (): Promise<StoreUrls> => {
    const url = await server.createDatabase();
    return { registry: url, readings: url };
  };
  const everythingOf = async (dataDir: string, at?: StoreUrls): Promise<Record<string, unknown>> => {
    const stores = await openStores(dataDir, at);
    const everything = await readEverything(stores);
    await stores.close();
    return rounded(everything);
  };
  const move = async (dataDir: string, from: StoreUrls, to: StoreUrls): Promise<void> => {
    const options = { dataDir, log: silentLog() };
    const registries = [await openRegistry(from.registry, options), await openRegistry(to.registry, options)] as const;
    const readings = [await openReadings(from.readings, options), await openReadings(to.readings, options)] as const;
    await registries[1].load((take) => registries[0].dump(take));
    await readings[1].load((take) => readings[0].dump(take));
    for (const store of [...registries, ...readings]) await store.close();
  };

  test('databases written by v0.1.0 move to PostgreSQL and back, and read back whole on both sides', async () => {
    const dataDir = testDataDir();
    unpackStores(FIXTURE, dataDir);
    const there = await urls();
    await move(dataDir, { registry: 'sqlite:', readings: 'sqlite:' }, there);
    const onPostgres = await everythingOf(dataDir, there);
    for (const [what, held] of Object.entries(rounded(expected)))
      expect({ [what]: onPostgres[what] }).toEqual({ [what]: held });
    const back = { registry: `sqlite:${join(dataDir, 'r.sqlite')}`, readings: `sqlite:${join(dataDir, 'm.sqlite')}` };
    await move(dataDir, there, back);
    const onSqlite = await everythingOf(dataDir, back);
    for (const [what, held] of Object.entries(rounded(expected)))
      expect({ [what]: onSqlite[what] }).toEqual({ [what]: held });
  });

  test('the whole platform works on one database, and goes on with it after a restart', async () => {
    const { registry, readings } = await urls();
    const env = { REGISTRY_URL: registry, READINGS_URL: readings };
    const platform = await openPlatform(env);
    let isStopped = false;
    const stop = async (): Promise<void> => {
      if (!isStopped) await platform.stop();
      isStopped = true;
    };
    onTestFinished(stop);
    const asset = {
      id: 'quay',
      kind: 'container',
      name: 'Quay',
      geometry: { type: 'Point', coordinates: [4.9, 52.4] },
    };
    await platform.call('POST', '/v1/assets', { ...asset, chambers: [{ id: '1' }] });
    const device = { id: 'dev-1', typeId: 'plain', assetId: 'quay' };
    const { secret } = await platform.call<{ secret: string }>('POST', '/v1/devices', device);
    const client = await mqtt.connectAsync(platform.mqttUrl, {
      clientId: 'dev-1',
      username: 'dev-1',
      password: secret,
    });
    await client.publishAsync('v1/default/dev-1/up', '{"fill":0.42}', { qos: 1 });
    await client.endAsync();
    const stored = async (call: typeof platform.call) =>
      (await call<Page<Reading>>('GET', '/v1/assets/quay/readings?quantity=fill')).items.map(({ value }) => value);
    await vi.waitFor(async () => expect(await stored(platform.call)).toEqual([0.42]), WAIT);
    const ready = (await (await fetch(`${platform.url}/health/ready`)).json()) as { parts: object };
    expect(ready.parts).toMatchObject({ registry: { ok: true }, readings: { ok: true } });
    await stop();

    const again = await openPlatform(env);
    onTestFinished(() => again.stop());
    expect(await stored(again.call)).toEqual([0.42]);
    expect(await again.call('GET', '/v1/assets/quay')).toMatchObject({ name: 'Quay', state: { fill: 0.42 } });
  });
});
