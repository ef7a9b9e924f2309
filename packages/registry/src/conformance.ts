import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AssetInput, DeadLetter, DeviceRecord, Incident } from '@ronde/contracts';
import type { Collection, ListQuery, Registry } from './port.ts';

/** How a suite opens the adapter under test: the same directory gives the same registry. */
export type OpenRegistry = (directory: string) => Promise<Registry>;

const AT = '2026-01-05T06:00:00.000Z';

/** Makes an asset for tests. */
export function testAsset(id: string, more: Partial<AssetInput> = {}): AssetInput {
  return {
    id,
    kind: 'container',
    name: id,
    geometry: { type: 'Point', coordinates: [4.9, 52.4] },
    chambers: [{ id: '1' }],
    ...more,
  };
}
/** Makes a device for tests. */
export function testDevice(id: string, more: Partial<DeviceRecord> = {}): DeviceRecord {
  return { id, typeId: 'plain', createdAt: AT, secretHash: `hash-${id}`, ...more };
}
function deadLetter(id: string, status: DeadLetter['status']): DeadLetter {
  const texts = { topic: 't', reason: 'r', remedy: 'm', rawBase64: '' };
  return { id, receivedAt: AT, source: 'native', stage: 'identify', code: 'DEVICE_UNKNOWN', status, ...texts };
}
function incident(id: string): Incident {
  return { id, kind: 'asset-full', status: 'open', openedAt: AT, updatedAt: AT, text: id };
}

/** Makes a directory that goes when the test ends. */
export function testDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ronde-registry-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function idsOfPages<T extends { id: string }>(collection: Collection<T>, query: ListQuery): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await collection.list('t', { ...query, cursor });
    pages.push(page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

/** Runs the promises of the port against an adapter. */
export function describeRegistry(name: string, open: OpenRegistry): void {
  const opened = async (directory = testDirectory()): Promise<Registry> => {
    const registry = await open(directory);
    onTestFinished(() => registry.close());
    return registry;
  };
  describe(name, () => {
    describeDocuments(opened);
    describeUniqueness(opened);
    describeRest(opened);
    describeDurability(open, opened);
  });
}

type Opened = (directory?: string) => Promise<Registry>;

function describeDocuments(opened: Opened): void {
  test('a document comes back as it was put', async () => {
    const { assets } = await opened();
    const asset = testAsset('a', { areaId: 'north', liftType: 'one-hook', name: 'Brücke ' });
    await assets.put('t', asset);
    expect(await assets.get('t', 'a')).toEqual(asset);
    expect(await assets.get('t', 'b')).toBeUndefined();
  });

  test('any text comes back, also what databases like least', async () => {
    const { assets, areas, meta } = await opened();
    const name = 'NUL \0, half a pair \ud83d, a mark \ufdd0, quotes "\'\\ {}, and 🗑️';
    const asset = testAsset('a', { name, areaId: 'n' });
    await assets.put('t', asset);
    await areas.insert('t', { id: 'n', name });
    expect((await assets.all('t', { areaId: 'n' })).map((one) => one.name)).toEqual([name]);
    expect((await areas.get('t', 'n'))?.name).toBe(name);
    await meta.set('k', 'NUL \0');
    expect(await meta.get('k')).toBe('NUL \0');
  });

  test('writes of one document made at once take effect in the order in which they were made', async () => {
    const { assets } = await opened();
    const puts = Array.from({ length: 30 }, (_, n) => assets.put('t', testAsset('a', { name: `n${n}` })));
    const seen = await assets.get('t', 'a');
    await Promise.all(puts);
    expect([seen?.name, (await assets.get('t', 'a'))?.name]).toEqual(['n29', 'n29']);
  });

  test('insert refuses a taken id and changes nothing, put replaces', async () => {
    const { assets } = await opened();
    expect(await assets.insert('t', testAsset('a', { name: 'first' }))).toBe(true);
    expect(await assets.insert('t', testAsset('a', { name: 'second' }))).toBe(false);
    expect((await assets.get('t', 'a'))?.name).toBe('first');
    await assets.put('t', testAsset('a', { name: 'third' }));
    expect((await assets.get('t', 'a'))?.name).toBe('third');
    expect(await assets.count('t')).toBe(1);
  });

  test('delete tells whether there was something to delete', async () => {
    const { assets } = await opened();
    await assets.put('t', testAsset('a'));
    expect(await assets.delete('t', 'a')).toBe(true);
    expect(await assets.delete('t', 'a')).toBe(false);
    expect(await assets.all('t')).toEqual([]);
  });

  test('paging visits every document once in id order', async () => {
    const { assets } = await opened();
    await assets.putAll(
      't',
      ['d', 'b', 'e', 'a', 'c'].map((id) => testAsset(id)),
    );
    expect(await idsOfPages(assets, { limit: 2 })).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(await idsOfPages(assets, { limit: 5 })).toEqual([['a', 'b', 'c', 'd', 'e']]);
  });

  test('descending pages give the newest insertion first, also when documents come in between', async () => {
    const { incidents } = await opened();
    for (const id of ['b', 'a', 'c']) await incidents.insert('t', incident(id));
    await incidents.put('t', incident('b'));
    const first = await incidents.list('t', { limit: 2, descending: true });
    expect(first.items.map(({ id }) => id)).toEqual(['c', 'a']);
    await incidents.insert('t', incident('d'));
    const second = await incidents.list('t', { limit: 2, descending: true, cursor: first.next });
    expect(second).toEqual({ items: [incident('b')] });
  });

  test('where filters by indexed fields, by one value or any of several', async () => {
    const { deadLetters, assets } = await opened();
    await deadLetters.putAll('t', [
      deadLetter('1', 'open'),
      deadLetter('2', 'replayed'),
      deadLetter('3', 'discarded'),
      deadLetter('4', 'open'),
    ]);
    expect(await idsOfPages(deadLetters, { limit: 1, where: { status: 'open' } })).toEqual([['1'], ['4']]);
    expect(
      await idsOfPages(deadLetters, { limit: 9, where: { status: ['open', 'replayed'] }, descending: true }),
    ).toEqual([['4', '2', '1']]);
    expect(await deadLetters.count('t', { status: 'open', code: 'DEVICE_UNKNOWN' })).toBe(2);
    expect(await deadLetters.all('t', { status: [] })).toEqual([]);
    await assets.putAll('t', [testAsset('a', { areaId: 'n' }), testAsset('b')]);
    expect((await assets.all('t', { areaId: 'n' })).map(({ id }) => id)).toEqual(['a']);
  });

  test('where finds many values at once, each document once and in order, on every page', async () => {
    const { devices } = await opened();
    const ids = Array.from({ length: 40 }, (_, n) => `d${String(n).padStart(2, '0')}`);
    await devices.putAll(
      't',
      ids.map((id) => testDevice(id, { assetId: `a-${id}`, status: 'in-stock' })),
    );
    await devices.put('u', testDevice('other', { assetId: 'a-d01' }));
    const wanted = ids.filter((_, n) => n % 2 === 0);
    const assetId = [...wanted.map((id) => `a-${id}`), ...wanted.map((id) => `a-${id}`), 'nobody'].reverse();
    expect((await devices.all('t', { assetId })).map(({ id }) => id)).toEqual(wanted);
    expect((await idsOfPages(devices, { limit: 7, where: { assetId, status: ['in-stock'] } })).flat()).toEqual(wanted);
    expect(await devices.count('t', { assetId, id: ids.slice(0, 10) })).toBe(5);
    expect((await devices.all('t', { id: ids.toReversed() })).map(({ id }) => id)).toEqual(ids);
  });

  test('where on a field without index is refused', async () => {
    const { assets } = await opened();
    await expect(assets.all('t', { name: 'x' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(assets.all('t', { "x' OR 1=1 --": 'x' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('an index follows a document that is put again', async () => {
    const { devices } = await opened();
    await devices.put('t', testDevice('d', { assetId: 'a' }));
    await devices.put('t', testDevice('d', { assetId: 'b' }));
    expect(await devices.all('t', { assetId: 'a' })).toEqual([]);
    expect(await devices.count('t', { assetId: 'b' })).toBe(1);
  });

  test('a device without a status is found as installed or in stock, by whether it has an asset', async () => {
    const { devices } = await opened();
    await devices.putAll('t', [
      testDevice('a', { assetId: 'x' }),
      testDevice('b'),
      testDevice('c', { assetId: 'x', status: 'maintenance' }),
    ]);
    const found = async (status: string) => (await devices.all('t', { status })).map(({ id }) => id);
    expect([await found('installed'), await found('in-stock'), await found('maintenance')]).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
  });

  test('one tenant sees nothing of another', async () => {
    const { assets } = await opened();
    await assets.put('t', testAsset('a', { name: 'mine' }));
    await assets.put('u', testAsset('a', { name: 'theirs' }));
    expect((await assets.get('t', 'a'))?.name).toBe('mine');
    expect(await assets.delete('v', 'a')).toBe(false);
    await assets.delete('u', 'a');
    expect(await assets.count('t')).toBe(1);
    expect(await assets.count('u')).toBe(0);
  });
}

function describeUniqueness(opened: Opened): void {
  test('a device id is unique over all tenants', async () => {
    const { devices } = await opened();
    expect(await devices.insert('t', testDevice('d'))).toBe(true);
    expect(await devices.insert('u', testDevice('d'))).toBe(false);
    await expect(devices.put('u', testDevice('d'))).rejects.toMatchObject({ code: 'RESOURCE_EXISTS' });
    expect(await devices.count('u')).toBe(0);
  });

  test.each([{ devEui: '00000000000000aa' }, { imei: '123456789012345' }, { networkId: 'city/edge-1/bin 1' }])(
    '%o is unique over all tenants',
    async (externalIds) => {
      const { devices } = await opened();
      expect(await devices.insert('t', testDevice('d', { externalIds }))).toBe(true);
      expect(await devices.insert('t', testDevice('e', { externalIds }))).toBe(false);
      expect(await devices.insert('u', testDevice('f', { externalIds }))).toBe(false);
      await devices.put('t', testDevice('d', { externalIds, name: 'renamed' }));
      await devices.delete('t', 'd');
      expect(await devices.insert('u', testDevice('f', { externalIds }))).toBe(true);
    },
  );

  test('putAll puts all or none', async () => {
    const { devices } = await opened();
    await devices.put('u', testDevice('taken'));
    await expect(devices.putAll('t', [testDevice('a'), testDevice('taken'), testDevice('b')])).rejects.toMatchObject({
      code: 'RESOURCE_EXISTS',
    });
    expect(await devices.all('t')).toEqual([]);
  });

  test("a device is found over all tenants by id, devEui, imei or the network's name", async () => {
    const registry = await opened();
    const externalIds = { devEui: '00000000000000aa', imei: '123456789012345', networkId: '1A2345' };
    const device = testDevice('d', { externalIds });
    await registry.devices.put('u', device);
    for (const by of [
      { id: 'd' },
      { devEui: externalIds.devEui },
      { imei: externalIds.imei },
      { networkId: '1A2345' },
    ]) {
      expect(await registry.findDevice(by)).toEqual({ tenant: 'u', device });
    }
    expect(await registry.findDevice({ devEui: '00000000000000ab' })).toBeUndefined();
  });

  test('integrations and tokens are found over all tenants', async () => {
    const registry = await opened();
    const integration = { id: 'i', source: 'chirpstack' as const, createdAt: AT, secretHash: 'x' };
    const token = { id: 'k', role: 'crew' as const, crewId: 'c1', createdAt: AT, secretHash: 'y' };
    await registry.integrations.insert('u', integration);
    await registry.tokens.insert('u', token);
    expect(await registry.findIntegration('i')).toEqual({ tenant: 'u', integration });
    expect(await registry.findToken('y')).toEqual({ tenant: 'u', token });
    await registry.tokens.delete('u', 'k');
    expect(await registry.findToken('y')).toBeUndefined();
  });
}

function describeRest(opened: Opened): void {
  test('the first answer kept for an idempotency key wins, per tenant, until pruned', async () => {
    const { idempotency } = await opened();
    const record = {
      key: 'k',
      method: 'POST',
      path: '/v1/assets',
      bodyHash: 'h',
      status: 201,
      body: '{}',
      atMs: 1_000,
    };
    expect(await idempotency.remember('t', record)).toBeUndefined();
    expect(await idempotency.remember('t', { ...record, body: 'later' })).toEqual(record);
    expect(await idempotency.find('t', 'k')).toEqual(record);
    expect(await idempotency.find('u', 'k')).toBeUndefined();
    await idempotency.prune(1_000);
    expect(await idempotency.find('t', 'k')).toEqual(record);
    await idempotency.prune(1_001);
    expect(await idempotency.find('t', 'k')).toBeUndefined();
  });

  test('meta keeps the last value of a key', async () => {
    const { meta } = await opened();
    expect(await meta.get('demo')).toBeUndefined();
    await meta.set('demo', 'a');
    await meta.set('demo', 'b');
    expect(await meta.get('demo')).toBe('b');
  });

  test('of many inserts of one id at the same time exactly one wins', async () => {
    const { assets } = await opened();
    const won = await Promise.all(
      Array.from({ length: 50 }, (_, i) => assets.insert('t', testAsset('a', { name: `n${i}` }))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await assets.get('t', 'a'))?.name).toBe(`n${won.indexOf(true)}`);
  });

  test('a refused call leaves the calls made beside it whole', async () => {
    const { devices } = await opened();
    await devices.put('u', testDevice('taken'));
    const settled = await Promise.allSettled(['a', 'taken', 'b'].map((id) => devices.put('t', testDevice(id))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await devices.all('t')).map(({ id }) => id)).toEqual(['a', 'b']);
  });
}

function describeDurability(open: OpenRegistry, opened: Opened): void {
  test('everything is there after closing and opening again', async () => {
    const directory = testDirectory();
    const before = await open(directory);
    await before.assets.putAll('t', [testAsset('a'), testAsset('b')]);
    await before.assets.delete('t', 'b');
    await before.meta.set('k', 'v');
    await before.close();
    const after = await opened(directory);
    expect(await after.assets.all('t')).toEqual([testAsset('a')]);
    expect(await after.meta.get('k')).toBe('v');
  });

  test('a registry filled from another holds the same, newest first as well, and is not filled twice', async () => {
    const from = await opened();
    await from.incidents.putAll('t', ['b', 'a', 'c'].map(incident));
    await from.devices.put('u', testDevice('d', { externalIds: { devEui: '00000000000000aa' } }));
    await from.meta.set('k', 'v');
    const answer = {
      key: 'k',
      method: 'POST',
      path: '/',
      bodyHash: 'h',
      status: 201,
      body: '{}',
      atMs: 1_700_000_000_000,
    };
    await from.idempotency.remember('t', answer);
    const to = await opened();
    await to.load((take) => from.dump(take));
    const { items } = await to.incidents.list('t', { limit: 9, descending: true });
    expect(items.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
    expect(await to.findDevice({ devEui: '00000000000000aa' })).toMatchObject({ tenant: 'u' });
    expect([await to.meta.get('k'), await to.idempotency.find('t', 'k')]).toEqual(['v', answer]);
    await expect(to.load((take) => from.dump(take))).rejects.toMatchObject({ code: 'RESOURCE_EXISTS' });
    await from.incidents.delete('t', 'a');
    await to.load((take) => from.dump(take), { replace: true });
    expect((await to.incidents.all('t')).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(await to.devices.insert('t', testDevice('e'))).toBe(true);
  });

  test('a backup taken while writes go on is one moment of the registry', async () => {
    const { assets, ...registry } = await opened();
    const directory = testDirectory();
    const file = join(directory, 'registry.sqlite');
    const putting = (from: number) =>
      Promise.all(Array.from({ length: 200 }, (_, i) => assets.put('t', testAsset(`a${1000 + from + i}`))));
    await putting(0);
    const [,] = await Promise.all([putting(200), registry.backup(file), putting(400)]);
    expect(existsSync(file)).toBe(true);
    const copy = await opened(directory);
    const ids = (await copy.assets.all('t')).map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(200);
    expect(ids).toEqual(Array.from(ids, (_, i) => `a${1000 + i}`));
    await expect(registry.backup(file)).rejects.toMatchObject({ code: 'RESOURCE_EXISTS' });
  });
}
