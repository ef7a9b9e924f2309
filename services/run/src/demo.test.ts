import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFakeClock, openLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { openSensorTypes } from '@ronde/sensor-types';
import { createDemo } from './demo.ts';
import { readAll } from './config.ts';
import { startPlatform } from './platform.ts';

const log = openLog('silent');
const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-demo-test-'));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function openStores(dataDir: string) {
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const sensorTypes = await openSensorTypes();
  const close = async (): Promise<void> => {
    await Promise.all([registry.close(), readings.close(), sensorTypes.close()]);
  };
  return { registry, readings, sensorTypes, close };
}

describe('seeding the demo', () => {
  test('fills an empty store once; a later start renews secrets and adds only what is missing since', async () => {
    const dataDir = tempDir();
    const clock = createFakeClock(Date.UTC(2026, 5, 1, 9));
    const stores = await openStores(dataDir);
    closers.push(stores.close);
    const deps = { ...stores, clock, log, dataDir, tenant: 'default', seed: 1 };
    await createDemo(deps).seed();
    const { readings: first, newestAtMs } = await stores.readings.stats();
    expect(first).toBeGreaterThan(120_000);
    expect(newestAtMs).toBeLessThanOrEqual(clock.nowMs());
    expect(await stores.registry.assets.count('default')).toBeGreaterThan(550);
    const before = await stores.registry.findIntegration('demo-tts');
    await createDemo(deps).seed();
    expect((await stores.readings.stats()).readings).toBe(first);
    expect((await stores.registry.findIntegration('demo-tts'))!.integration.secretHash).not.toBe(
      before!.integration.secretHash,
    );
    clock.advance(6 * 3_600_000);
    await createDemo(deps).seed();
    const after = await stores.readings.stats();
    expect(after.readings - first).toBeGreaterThan(1_000);
    expect(after.newestAtMs).toBeGreaterThan(clock.nowMs() - 3_600_000);
  });

  test("leaves a store alone that holds somebody's assets", async () => {
    const dataDir = tempDir();
    const stores = await openStores(dataDir);
    closers.push(stores.close);
    await stores.registry.assets.put('default', {
      id: 'mine',
      kind: 'container',
      name: 'Mine',
      geometry: { type: 'Point', coordinates: [5, 52] },
      chambers: [{ id: '1' }],
    });
    const demo = createDemo({ ...stores, clock: createFakeClock(), log, dataDir, tenant: 'default', seed: 1 });
    await demo.seed();
    await demo.start({ httpUrl: 'http://127.0.0.1:1', mqttUrl: 'mqtt://127.0.0.1:1' });
    expect(await stores.registry.assets.count('default')).toBe(1);
    expect(demo.links()).toEqual([]);
    await demo.stop();
  });

  test('an interrupted seeding is done again with the same times', async () => {
    const dataDir = tempDir();
    const clock = createFakeClock(Date.UTC(2026, 5, 1, 9));
    const stores = await openStores(dataDir);
    closers.push(stores.close);
    const deps = { ...stores, clock, log, dataDir, tenant: 'default', seed: 1 };
    const broken = {
      ...stores.readings,
      append: vi.fn().mockResolvedValueOnce(undefined).mockRejectedValue(new Error('disk full')),
    };
    await expect(createDemo({ ...deps, readings: broken }).seed()).rejects.toThrow('disk full');
    clock.advance(60_000);
    await createDemo(deps).seed();
    expect(JSON.parse((await stores.registry.meta.get('demo'))!)).toMatchObject({
      seeded: true,
      toMs: Date.UTC(2026, 5, 1, 9),
    });
    expect((await stores.readings.stats()).readings).toBeGreaterThan(120_000);
  });
});

test('the demo city lives: vendor payloads come in over the broker, rounds are planned and crews drive them', async () => {
  const dataDir = tempDir();
  const configs = readAll({
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    DEMO: 'on',
    DEMO_SPEED: '300',
    LOG_LEVEL: 'silent',
    SOLVE_S: '0.5',
  });
  if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
  const platform = await startPlatform(configs.value, ['broker', 'ingest', 'routing', 'api', 'sim']);
  closers.push(() => platform.stop());
  expect(platform.links.map(({ path }) => path)).toEqual(['/ops', '/crew', '/console']);
  for (const { token } of platform.links) {
    const answer = await fetch(new URL('/v1/rounds', platform.url), { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
  }
  const live = async (): Promise<number> => {
    const { items } = await platform.readings.series({
      tenant: 'default',
      assetId: 'ab-001',
      quantity: 'fill',
      fromMs: 0,
      toMs: platform.clock.nowMs() + 1,
      limit: 1,
      descending: true,
    });
    return items[0]?.flags.includes('HISTORY') === false ? 1 : 0;
  };
  await vi.waitFor(async () => expect(await live()).toBe(1), { timeout: 60_000, interval: 250 });
  await vi.waitFor(async () => expect(await platform.registry.crewEvents.count('default')).toBeGreaterThan(10), {
    timeout: 60_000,
    interval: 250,
  });
  expect(await platform.registry.deadLetters.count('default')).toBe(0);
  const events = await platform.registry.crewEvents.all('default');
  expect(events.some(({ kind }) => kind === 'emptied')).toBe(true);
  const truth = readFileSync(join(dataDir, 'ground-truth.jsonl'), 'utf8');
  const lines = truth.slice(0, truth.lastIndexOf('\n')).split('\n');
  const kinds = new Set(lines.map((line) => (JSON.parse(line) as { kind: string }).kind));
  for (const kind of ['run', 'device', 'sample']) expect(kinds).toContain(kind);
}, 180_000);
