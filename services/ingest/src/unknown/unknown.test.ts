import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { UnknownDevice } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, TENANT, openWorld, temporaryDir, thingsStackUplink, type World } from '../fixtures.ts';
import { MAX_UNKNOWN } from './unknown-devices.ts';

let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

const EUI = 'a84041ffff000001';
const ID = `things-stack-${EUI}`;
const LDDS75 = '0d3b0aef00000001';
const MINUTE_MS = 60_000;

const lora = (world: World, fCnt: number, eui = EUI) =>
  world.send(
    thingsStackUplink(eui, { hex: LDDS75, fPort: 2, fCnt, rssi: -101, atMs: NOW + fCnt * MINUTE_MS - 7_200_000 }),
    LORA,
  );

async function call(
  world: World,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  options: { role?: string; body?: object } = {},
) {
  const { role = 'engineer', body } = options;
  const answer = await world.http.inject({
    method,
    url: `/v1/unknown-devices${path}`,
    headers: { authorization: `Bearer ${role}` },
    ...(body && { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json<Record<string, unknown>>() };
}
const itemsOf = async (world: World, query = ''): Promise<UnknownDevice[]> =>
  (await call(world, 'GET', query)).body['items'] as UnknownDevice[];

async function started(dir?: string): Promise<World> {
  const world = await openWorld({ types, ...(dir !== undefined && { dir }) });
  await world.start();
  return world;
}

test('a device that nobody registered is collected with its newest messages and the types that read them', async () => {
  const world = await started();
  for (let n = 1; n <= 7; n += 1) await lora(world, n);
  await world.settled();
  const [device, ...others] = await itemsOf(world);
  expect(others).toEqual([]);
  expect(device).toMatchObject({
    id: ID,
    source: 'things-stack',
    name: EUI,
    nameKind: 'devEui',
    uplinks: 7,
    rssi: -101,
    snr: 5,
  });
  expect(device!.samples).toHaveLength(5);
  expect(device!.samples[0]).toEqual({
    at: new Date(NOW + 7 * MINUTE_MS - 7_200_000).toISOString(),
    fPort: 2,
    hex: LDDS75,
  });
  expect(device!.suggestedTypeIds[0]).toMatch(/^dragino-/);
  expect(device!.suggestedTypeIds).toContain('dragino-ldds75');
  expect((await world.letters()).every(({ unknownDeviceId }) => unknownDeviceId === ID)).toBe(true);
});

test('adopting registers the device, and its earlier frames become readings of its asset', async () => {
  const world = await started();
  await world.registry.assets.put(TENANT, {
    id: 'bin',
    kind: 'container',
    name: 'Bin',
    geometry: { type: 'Point', coordinates: [5, 52] },
    chambers: [{ id: '1' }],
  });
  for (let n = 1; n <= 3; n += 1) await lora(world, n);
  await lora(world, 1, 'a84041ffff000002');
  await world.settled();
  const adopted = await call(world, 'POST', `/${ID}/adopt`, {
    body: {
      deviceId: 'sensor-1',
      typeId: 'dragino-ldds75',
      assetId: 'bin',
      mounting: { emptyDistanceM: 4, fullDistanceM: 0 },
    },
  });
  expect(adopted, JSON.stringify(adopted.body)).toMatchObject({
    status: 201,
    body: { id: 'sensor-1', status: 'installed', externalIds: { devEui: EUI }, frames: 3, unread: 0 },
  });
  expect(adopted.body['secret']).toMatch(/^[\w-]{32}$/);
  expect(JSON.stringify(adopted.body)).not.toContain('secretHash');
  const fills = (await world.stored('sensor-1')).filter(({ quantity }) => quantity === 'fill');
  expect(fills.map(({ at, assetId }) => [at, assetId])).toEqual(
    [1, 2, 3].map((n) => [new Date(NOW + n * MINUTE_MS - 7_200_000).toISOString(), 'bin']),
  );
  expect((await world.letters()).map(({ status }) => status).sort()).toEqual([
    'open',
    'replayed',
    'replayed',
    'replayed',
  ]);
  expect((await itemsOf(world)).map(({ id }) => id)).toEqual(['things-stack-a84041ffff000002']);
  await lora(world, 4);
  await world.settled();
  expect((await world.stored('sensor-1')).filter(({ quantity }) => quantity === 'fill')).toHaveLength(4);
});

test('a wrong type leaves the frames as dead letters with the new reason, to be read when it is mended', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  const adopted = await call(world, 'POST', `/${ID}/adopt`, {
    body: { deviceId: 'sensor-1', typeId: 'decentlab-dl-mbx' },
  });
  expect(adopted.body).toMatchObject({ frames: 1, readings: 0, unread: 1 });
  expect(await world.letters()).toMatchObject([{ status: 'open', code: 'CODEC_FAULT', deviceId: 'sensor-1' }]);
});

test('frames that were on their way while a device was adopted are read too', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  // the consumer has looked the device up, and waits before it stores the letter
  const insert = world.registry.deadLetters.insert.bind(world.registry.deadLetters);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let reached = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (reached = resolve));
  world.registry.deadLetters.insert = async (tenant, letter) => {
    reached();
    await held;
    return insert(tenant, letter);
  };
  await lora(world, 2);
  await waiting;
  await call(world, 'POST', `/${ID}/adopt`, { body: { deviceId: 'sensor-1', typeId: 'dragino-ldds75' } });
  release();
  await world.settled();
  expect((await world.stored('sensor-1')).filter(({ quantity }) => quantity === 'distance')).toHaveLength(2);
  expect(await itemsOf(world)).toEqual([]);
});

test('everything wrong with an adoption is told at once, and roles hold', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  const refused = await call(world, 'POST', `/${ID}/adopt`, {
    body: { deviceId: 'd', typeId: 'no-type', assetId: 'no-bin' },
  });
  expect((refused.body['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(['typeId', 'assetId']);
  await world.addDevice('taken');
  const taken = await call(world, 'POST', `/${ID}/adopt`, { body: { deviceId: 'taken', typeId: 'plain' } });
  expect([taken.status, taken.body['code']]).toEqual([409, 'RESOURCE_EXISTS']);
  expect((await call(world, 'POST', '/nobody/adopt', { body: { deviceId: 'd', typeId: 'plain' } })).status).toBe(404);
  expect((await call(world, 'POST', `/${ID}/adopt`, { role: 'operator', body: {} })).status).toBe(403);
  expect((await call(world, 'GET', '', { role: 'viewer' })).status).toBe(403);
});

test('a device that was dismissed stays hidden however often it sends, and can be adopted all the same', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  expect((await call(world, 'DELETE', `/${ID}`)).status).toBe(204);
  await lora(world, 2);
  await world.settled();
  expect(await itemsOf(world)).toEqual([]);
  expect(await itemsOf(world, '?dismissed=true')).toMatchObject([{ id: ID, uplinks: 2 }]);
  const adopted = await call(world, 'POST', `/${ID}/adopt`, { body: { deviceId: 'd', typeId: 'dragino-ldds75' } });
  expect(adopted.body).toMatchObject({ frames: 2, unread: 0 });
  expect((await call(world, 'DELETE', '/nobody')).status).toBe(404);
});

test('one that is registered otherwise leaves the list by itself', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  await world.addDevice('sensor-1', 'dragino-ldds75', { externalIds: { devEui: EUI } });
  expect(await itemsOf(world)).toEqual([]);
});

test('frames that are read again are not counted twice', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  const [letter] = await world.letters();
  await world.ingest.replayer().deadLetter(TENANT, letter!.id);
  expect(await itemsOf(world)).toMatchObject([{ uplinks: 1 }]);
});

test('many frames cost one write behind, and a restart finds what was collected', async () => {
  const dir = await temporaryDir();
  const world = await started(dir);
  const putAll = vi.spyOn(world.registry.unknownDevices, 'putAll');
  for (let n = 1; n <= 30; n += 1) await lora(world, n);
  await world.settled();
  expect(putAll).not.toHaveBeenCalled();
  world.clock.advance(5_000);
  await vi.waitFor(async () => expect(await world.registry.unknownDevices.count(TENANT)).toBe(1));
  expect(putAll).toHaveBeenCalledTimes(1);
  await lora(world, 31);
  await world.settled();
  await world.close();
  const again = await started(dir);
  expect(await itemsOf(again)).toMatchObject([{ id: ID, uplinks: 31 }]);
});

test('a flood of names is bounded: the one that was silent longest makes room', async () => {
  const world = await started();
  const eui = (n: number): string => `a84041ff${n.toString(16).padStart(8, '0')}`;
  for (let n = 0; n < MAX_UNKNOWN + 20; n += 1) await lora(world, n, eui(n));
  await world.settled();
  const all = await itemsOf(world, '?limit=1000');
  expect([all.length, all[0]?.name, all.at(-1)?.name]).toEqual([MAX_UNKNOWN, eui(MAX_UNKNOWN + 19), eui(20)]);
}, 60_000);

test('a draft of a sensor type holds the real messages', async () => {
  const world = await started();
  await lora(world, 1);
  await world.settled();
  const { body } = await call(world, 'GET', `/${ID}/type-draft`);
  expect(body).toMatchObject({
    sensorYaml: expect.stringContaining('vendor: Dragino'),
    examplesYaml: expect.stringContaining(LDDS75),
  });
});
