import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { hashSecret } from '@ronde/registry';
import { FRAMES, SECRET, TENANT, readings } from '../fixtures/first-city.ts';
import { openStores, readEverything, unpackStores, type Stores } from '../fixtures/stores.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/v0.1.0/', import.meta.url));
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, unknown>;

function copyOfFixture(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-upgrade-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  unpackStores(FOLDER, dataDir);
  return dataDir;
}

async function opened(dataDir: string): Promise<Stores> {
  const stores = await openStores(dataDir);
  onTestFinished(() => stores.close());
  return stores;
}

test('databases written by v0.1.0 read back whole: every kind of document, readings, rollups, last values and frames', async () => {
  const everything = JSON.parse(JSON.stringify(await readEverything(await opened(copyOfFixture())))) as Record<
    string,
    unknown
  >;
  for (const [what, held] of Object.entries(expected)) expect({ [what]: everything[what] }).toEqual({ [what]: held });
});

test('databases written by v0.1.0 take new documents, readings and frames, and keep what they held', async () => {
  const dataDir = copyOfFixture();
  const { registry, readings: store, inbox, close } = await openStores(dataDir);
  await registry.areas.put(TENANT, { id: 'north', name: 'North' });
  const [first] = readings();
  const fresh = { ...first!, at: '2026-01-06T06:00:00.000Z', value: 0.99, uplinkId: 'fresh' };
  expect(await store.append({ tenant: TENANT, readings: [first!, fresh], cursor: { name: 'ingest', seq: 4 } })).toEqual(
    { stored: [false, true] },
  );
  expect(await inbox.append(FRAMES[0]!)).toBe(FRAMES.length + 1);
  await close();

  const again = await opened(dataDir);
  expect(await again.registry.areas.get(TENANT, 'north')).toEqual({ id: 'north', name: 'North' });
  expect(await again.readings.lastValues({ tenant: TENANT, assetIds: ['bin-market'], quantity: 'fill' })).toMatchObject(
    [{ value: 0.99, uplinkId: 'fresh' }],
  );
  expect(await again.readings.cursor('ingest')).toBe(4);
  expect((await again.inbox.read(0, 100)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  const everything = await readEverything(again);
  expect(everything['default.assets']).toEqual(expected['default.assets']);
});

test('secrets made by v0.1.0 still open doors', async () => {
  const { registry } = await opened(copyOfFixture());
  expect(await registry.findToken(hashSecret(`${SECRET}-tablet`))).toMatchObject({
    tenant: TENANT,
    token: { role: 'crew', crewId: 'crew-a' },
  });
  expect(await registry.findDevice({ devEui: '24e124713d492822' })).toMatchObject({
    tenant: TENANT,
    device: { id: 'dev-quay', secretHash: hashSecret(SECRET) },
  });
});
