import { describe, expect, test } from 'vitest';
import { BIN, shareTestApi, type Answer, type TestApi } from './harness.ts';

const fresh = shareTestApi();
const DAY_MS = 86_400_000;

type Body = Record<string, unknown>;
const post = (api: TestApi, url: string, body?: Body) => api.call({ method: 'POST', url: `/v1/${url}`, body });
const put = (api: TestApi, url: string, body: Body) => api.call({ method: 'PUT', url: `/v1/${url}`, body });
const faultsOf = ({ body }: Answer) =>
  ((body['errors'] ?? []) as { field: string; message: string; remedy?: string }[]).map(({ field }) => field);
const idsOf = ({ body }: Answer) => (body['items'] as unknown as { id: string }[]).map(({ id }) => id);

/** Two bins, and the devices asked for. */
async function scene(devices: Body[] = []): Promise<TestApi> {
  const api = await fresh();
  for (const id of ['bin-1', 'bin-2']) await post(api, 'assets', { ...BIN, id });
  for (const device of devices) {
    const made = await post(api, 'devices', { typeId: 'plain', ...device });
    expect(made.status, made.text).toBe(201);
  }
  return api;
}
const mountsOf = async (api: TestApi, id: string) =>
  (await api.call({ url: `/v1/devices/${id}/mounts` })).body['items'] as unknown as Body[];

describe('status', () => {
  test('every device shows one, by its asset when nobody gave any, and lists filter by it', async () => {
    const api = await scene([{ id: 'a', assetId: 'bin-1' }, { id: 'b' }, { id: 'c', status: 'maintenance' }]);
    // as v0.1.0 wrote them
    const old = { typeId: 'plain', createdAt: '2026-01-01T00:00:00Z', secretHash: '' };
    await api.registry.devices.putAll(api.tenant, [
      { ...old, id: 'old-1', assetId: 'bin-2' },
      { ...old, id: 'old-2' },
    ]);
    const list = async (status: string) => idsOf(await api.call({ url: `/v1/devices?status=${status}` }));
    expect(await list('installed')).toEqual(['a', 'old-1']);
    expect(await list('in-stock')).toEqual(['b', 'old-2']);
    expect(await list('maintenance')).toEqual(['c']);
    expect((await api.call({ url: '/v1/devices/old-1' })).body['status']).toBe('installed');
  });

  test('what cannot follow is refused with the way to go', async () => {
    const api = await scene([{ id: 'a' }]);
    expect(faultsOf(await post(api, 'devices', { id: 'x', typeId: 'plain', status: 'installed' }))).toEqual(['status']);
    expect((await put(api, 'devices/a', { typeId: 'plain', status: 'retired' })).body['status']).toBe('retired');
    const revived = await put(api, 'devices/a', { typeId: 'plain', assetId: 'bin-1', status: 'installed' });
    expect([revived.status, revived.body['errors']]).toEqual([
      400,
      [expect.objectContaining({ field: 'status', remedy: 'set the status to in-stock first' })],
    ]);
    expect(faultsOf(await post(api, 'devices/a/mount', { assetId: 'bin-1' }))).toEqual(['status']);
    await put(api, 'devices/a', { typeId: 'plain', status: 'in-stock' });
    expect((await post(api, 'devices/a/mount', { assetId: 'bin-1' })).body).toMatchObject({
      status: 'installed',
      assetId: 'bin-1',
    });
  });

  test('a retired device stays retired when it is written without a status', async () => {
    const api = await scene([{ id: 'a', status: 'retired' }]);
    expect((await put(api, 'devices/a', { typeId: 'plain', name: 'old one' })).body).toMatchObject({
      status: 'retired',
      name: 'old one',
    });
  });
});

describe('lists', () => {
  test('devices are found by any part of their names, by tag, and page without loss', async () => {
    const api = await scene([
      { id: 'a1', name: 'Quay North', tags: ['river'], serialNumber: 'SN-77' },
      { id: 'a2', externalIds: { devEui: 'A84041FFFF0000AB' }, tags: ['river', 'new'] },
      { id: 'a3', assetId: 'bin-2' },
      { id: 'b1' },
    ]);
    const list = async (query: string) => idsOf(await api.call({ url: `/v1/devices?${query}` }));
    expect(await list('q=quay')).toEqual(['a1']);
    expect(await list('q=sn-77')).toEqual(['a1']);
    expect(await list('q=0000AB')).toEqual(['a2']);
    expect(await list('q=BIN-2')).toEqual(['a3']);
    expect(await list('tag=river')).toEqual(['a1', 'a2']);
    expect(await list('tag=river&q=a84041')).toEqual(['a2']);
    expect(await list('devEui=A84041FFFF0000AB')).toEqual(['a2']);
    const seen: string[] = [];
    for (let cursor: unknown = ''; cursor !== undefined;) {
      const page = await api.call({ url: `/v1/devices?q=a&limit=1${cursor ? `&cursor=${String(cursor)}` : ''}` });
      seen.push(...idsOf(page));
      cursor = page.body['next'];
    }
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b1']);
  });
});

describe('keys', () => {
  const appKey = '00112233445566778899AABBCCDDEEFF';

  test('keys are kept sealed, shown to admins alone, and survive other writes', async () => {
    const api = await scene([{ id: 'a' }]);
    const kept = await put(api, 'devices/a/keys', { appKey });
    expect(kept.body).toMatchObject({ id: 'a', hasKeys: true });
    await put(api, 'devices/a', { typeId: 'plain', name: 'north' });
    await post(api, 'devices/a/secret');
    await post(api, 'devices/a/mount', { assetId: 'bin-1' });
    expect(JSON.stringify(await api.registry.devices.get(api.tenant, 'a')).toLowerCase()).not.toContain('00112233');
    for (const url of ['/v1/devices', '/v1/devices/a', '/v1/exports/devices', '/v1/exports/devices?format=jsonl'])
      expect((await api.call({ url })).text).not.toMatch(/00112233|keysSealed/i);
    expect((await api.call({ url: '/v1/devices/a/keys' })).body).toEqual({ appKey: appKey.toLowerCase() });
    const engineer = await api.tokenOf('engineer');
    expect((await api.call({ url: '/v1/devices/a/keys', token: engineer })).status).toBe(403);
    expect((await put(api, 'devices/a/keys', {})).body['hasKeys']).toBe(false);
  });

  test('a key that is none is refused by its name', async () => {
    const api = await scene([{ id: 'a' }]);
    expect(faultsOf(await put(api, 'devices/a/keys', { appKey: 'xyz', nwkKey: '00' }))).toEqual(['appKey', 'nwkKey']);
  });
});

describe('stays', () => {
  test('an asset given at registration holds since ever, moves and corrections afterwards are kept apart', async () => {
    const mounting = { emptyDistanceM: 1.2, fullDistanceM: 0.2 };
    const api = await scene([{ id: 'a', assetId: 'bin-1', mounting }]);
    expect(await mountsOf(api, 'a')).toEqual([
      { assetId: 'bin-1', mounting, from: '1970-01-01T00:00:00.000Z', to: null },
    ]);
    const corrected = { emptyDistanceM: 1.3, fullDistanceM: 0.2 };
    await put(api, 'devices/a', { typeId: 'plain', assetId: 'bin-1', mounting: corrected });
    expect(await mountsOf(api, 'a')).toMatchObject([{ mounting: corrected, to: null }]);
    const now = api.clock.iso();
    await put(api, 'devices/a', { typeId: 'plain', assetId: 'bin-2' });
    expect(await mountsOf(api, 'a')).toEqual([
      { assetId: 'bin-1', mounting: corrected, from: '1970-01-01T00:00:00.000Z', to: now },
      { assetId: 'bin-2', from: now, to: null },
    ]);
    api.clock.advance(1000);
    expect((await put(api, 'devices/a', { typeId: 'plain' })).body).toMatchObject({ status: 'in-stock' });
    expect(await mountsOf(api, 'a')).toMatchObject([{ to: now }, { to: api.clock.iso() }]);
  });

  test('a mount may lie in the past as long as it meets no other stay of the device', async () => {
    const api = await scene([{ id: 'a' }]);
    const at = (days: number) => new Date(api.clock.nowMs() + days * DAY_MS).toISOString();
    expect((await post(api, 'devices/a/mount', { assetId: 'bin-1', chamber: '1', at: at(-3) })).status).toBe(200);
    expect((await post(api, 'devices/a/unmount', { at: at(-2), status: 'maintenance' })).body['status']).toBe(
      'maintenance',
    );
    const overlapping = await post(api, 'devices/a/mount', { assetId: 'bin-2', at: at(-2.5) });
    expect([faultsOf(overlapping), overlapping.text]).toEqual([['at'], expect.stringContaining('choose a moment')]);
    expect(faultsOf(await post(api, 'devices/a/mount', { assetId: 'bin-2', at: at(1) }))).toEqual(['at']);
    expect((await post(api, 'devices/a/mount', { assetId: 'bin-2', at: at(-1) })).status).toBe(200);
    expect((await mountsOf(api, 'a')).map(({ assetId, from, to }) => [assetId, from, to])).toEqual([
      ['bin-1', at(-3), at(-2)],
      ['bin-2', at(-1), null],
    ]);
  });

  test('all that is wrong with a mount is told at once', async () => {
    const api = await scene([{ id: 'a' }]);
    const answer = await post(api, 'devices/a/mount', { assetId: 'bin-9', at: '2099-01-01T00:00:00Z' });
    expect(faultsOf(answer)).toEqual(['at', 'assetId']);
    expect(faultsOf(await post(api, 'devices/a/mount', { assetId: 'bin-1', chamber: '9' }))).toEqual(['chamber']);
    expect(faultsOf(await post(api, 'devices/a/unmount', {}))).toEqual(['id']);
    expect((await post(api, 'devices/nobody/mount', { assetId: 'bin-1' })).status).toBe(404);
  });

  test('a second device that measures the same at the same place is refused by mount, and warned of by a write', async () => {
    const api = await scene([{ id: 'a', assetId: 'bin-1' }, { id: 'b' }]);
    const refused = await post(api, 'devices/b/mount', { assetId: 'bin-1' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('allowShared')]);
    expect((await post(api, 'devices', { id: 'c', typeId: 'plain', assetId: 'bin-1' })).body['warnings']).toEqual([
      expect.stringContaining('a measures fill'),
    ]);
    expect((await post(api, 'devices/b/mount', { assetId: 'bin-1', allowShared: true })).status).toBe(200);
    expect((await api.call({ url: '/v1/devices/c' })).body['warnings']).toBeUndefined();
  });

  test('a mount in the past also meets a device that has left since', async () => {
    const api = await scene([{ id: 'a', assetId: 'bin-1' }, { id: 'b' }]);
    await post(api, 'devices/a/unmount', {});
    const at = new Date(api.clock.nowMs() - DAY_MS).toISOString();
    expect(faultsOf(await post(api, 'devices/b/mount', { assetId: 'bin-1', at }))).toEqual(['assetId']);
    expect((await post(api, 'devices/b/mount', { assetId: 'bin-1' })).status).toBe(200);
  });

  test('whoever mounts back in time hears of readings that are stored already', async () => {
    const api = await scene([{ id: 'a', assetId: 'bin-1' }]);
    const at = (hours: number) => new Date(api.clock.nowMs() - hours * 3_600_000).toISOString();
    const reading = { deviceId: 'a', assetId: 'bin-1', quantity: 'fill' as const, value: 0.5, unit: '1' as const };
    const rest = { quality: 'ok' as const, flags: [], typeVersion: 'plain@1.0.0', uplinkId: '1' };
    await api.readings.append({
      tenant: api.tenant,
      readings: [{ ...reading, ...rest, at: at(1), receivedAt: at(1) }],
    });
    const later = await post(api, 'devices/a/mount', { assetId: 'bin-2', at: at(0.5) });
    expect(later.body['warnings']).toBeUndefined();
    await post(api, 'devices/a/unmount', {});
    await post(api, 'devices', { id: 'b', typeId: 'plain', assetId: 'bin-1' });
    await api.readings.append({
      tenant: api.tenant,
      readings: [{ ...reading, deviceId: 'b', ...rest, at: at(1), receivedAt: at(1) }],
    });
    const earlier = await post(api, 'devices/b/mount', { assetId: 'bin-2', at: at(2), allowShared: true });
    expect(earlier.body['warnings'], earlier.text).toEqual([expect.stringContaining('stay under "bin-1"')]);
  });

  test('a swap moves place and distances at one moment, or changes nothing', async () => {
    const mounting = { emptyDistanceM: 1.2, fullDistanceM: 0.2 };
    const api = await scene([
      { id: 'a', assetId: 'bin-1', chamber: '1', mounting },
      { id: 'b' },
      { id: 'c', assetId: 'bin-2' },
      { id: 'd', status: 'retired' },
    ]);
    expect(faultsOf(await post(api, 'devices/a/swap', { byDeviceId: 'c' }))).toEqual(['byDeviceId']);
    expect(faultsOf(await post(api, 'devices/a/swap', { byDeviceId: 'nobody' }))).toEqual(['byDeviceId']);
    expect(faultsOf(await post(api, 'devices/a/swap', { byDeviceId: 'd' }))).toEqual(['status']);
    expect(faultsOf(await post(api, 'devices/b/swap', { byDeviceId: 'c' }))).toEqual(['id', 'byDeviceId']);
    expect((await mountsOf(api, 'a'))[0]).toMatchObject({ to: null });
    const at = new Date(api.clock.nowMs() - 3_600_000).toISOString();
    const swapped = await post(api, 'devices/a/swap', { byDeviceId: 'b', at });
    expect(swapped.body, swapped.text).toMatchObject({
      removed: { id: 'a', status: 'maintenance' },
      mounted: { id: 'b', status: 'installed', assetId: 'bin-1', chamber: '1', mounting },
    });
    expect(await mountsOf(api, 'a')).toMatchObject([{ assetId: 'bin-1', to: at }]);
    expect(await mountsOf(api, 'b')).toEqual([{ assetId: 'bin-1', chamber: '1', mounting, from: at, to: null }]);
  });
});

describe('references', () => {
  test('an integration has to be there', async () => {
    const api = await scene();
    const device = {
      id: 'a',
      typeId: 'plain',
      integrationId: 'tts',
      joinEui: '70B3D57ED0000001',
      expectedIntervalS: 600,
    };
    expect(faultsOf(await post(api, 'devices', device))).toEqual(['integrationId']);
    await post(api, 'integrations', { id: 'tts', source: 'things-stack' });
    expect((await post(api, 'devices', device)).body).toMatchObject({
      joinEui: '70b3d57ed0000001',
      integrationId: 'tts',
    });
  });
});

describe('many at once', () => {
  test('each device answers for itself', async () => {
    const api = await scene([{ id: 'a', assetId: 'bin-1' }, { id: 'b' }, { id: 'c', tags: ['x'] }]);
    const retired = await post(api, 'devices/bulk', { ids: ['a', 'b', 'nobody'], action: 'retire' });
    expect(retired.body).toEqual({
      changed: 2,
      unchanged: 0,
      refused: 1,
      items: [
        { id: 'nobody', outcome: 'refused', message: 'there is no such device' },
        { id: 'a', outcome: 'changed' },
        { id: 'b', outcome: 'changed' },
      ],
    });
    expect((await api.call({ url: '/v1/devices/a' })).body).toMatchObject({ status: 'retired' });
    expect(await mountsOf(api, 'a')).toMatchObject([{ assetId: 'bin-1', to: api.clock.iso() }]);
    const again = await post(api, 'devices/bulk', { filter: { status: 'retired' }, action: 'retire' });
    expect(again.body).toMatchObject({ changed: 0, unchanged: 2 });
    const back = await post(api, 'devices/bulk', { ids: ['a', 'c'], action: 'status', status: 'installed' });
    expect(back.body).toMatchObject({ refused: 2 });
  });

  test('tags and integration are set and taken away', async () => {
    const api = await scene([{ id: 'a' }, { id: 'b', tags: ['x'] }]);
    await post(api, 'integrations', { id: 'chirp', source: 'chirpstack' });
    await post(api, 'devices/bulk', { ids: ['a', 'b'], action: 'tag', tags: ['x', 'y'] });
    await post(api, 'devices/bulk', { filter: { tag: 'y' }, action: 'untag', tags: ['x'] });
    const given = await post(api, 'devices/bulk', {
      filter: { tag: 'y', q: 'a' },
      action: 'integration',
      integrationId: 'chirp',
    });
    expect(given.body, given.text).toMatchObject({ changed: 2 });
    expect((await api.call({ url: '/v1/devices/a' })).body).toMatchObject({ tags: ['y'], integrationId: 'chirp' });
    expect(idsOf(await api.call({ url: '/v1/devices?integrationId=chirp' }))).toEqual(['a', 'b']);
    expect(
      faultsOf(await post(api, 'devices/bulk', { ids: ['a'], action: 'integration', integrationId: 'no' })),
    ).toEqual(['integrationId']);
    expect(faultsOf(await post(api, 'devices/bulk', { action: 'tag', filter: {} }))).toEqual(['filter', 'tags']);
  });
});
