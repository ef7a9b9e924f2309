import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { openWorld, temporaryDir, type World } from './fixtures.ts';
import { addLids, caller, lidFiles, sendLid } from './versions/fixtures.ts';

let types: SensorTypes;
let world: World;
let call: ReturnType<typeof caller>;

beforeAll(async () => {
  types = await openSensorTypes();
  world = await openWorld({ types, dir: await temporaryDir() });
  await world.start();
  call = caller(world);
  await call('POST', '/v1/sensor-types/acme-lid/versions', { version: '1.0.0', files: lidFiles('1.0.0') });
  await call('POST', '/v1/sensor-types/acme-lid/versions/1.0.0/publish', { canaryPercent: 100 });
  await addLids(world, 2);
});
afterAll(async () => {
  await world.close();
  await types.close();
});

async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { status, body } = await call('GET', url);
  return { status, body: (body ?? {}) as Record<string, unknown> };
}

test('the newest frames of a device come as it sent them, newest first, also those that no codec reads', async () => {
  await sendLid(world, 0, 50, { fCnt: 1 });
  await sendLid(world, 1, 51, { fCnt: 1 });
  await sendLid(world, 0, 52, { fCnt: 2, fPort: 9 });
  await world.settled();
  expect(await world.letters()).toMatchObject([{ code: 'CODEC_FAULT', deviceId: 'lid-0' }]);
  const { status, body } = await get('/v1/devices/lid-0/frames');
  expect(status).toBe(200);
  expect(body['items']).toMatchObject([
    { fPort: 9, hex: '34' },
    { fPort: 1, hex: '32' },
  ]);
  expect((await get('/v1/devices/lid-0/frames?limit=1')).body['items']).toHaveLength(1);
  expect((await get('/v1/devices/nobody/frames')).status).toBe(404);
});

test('the files of a version that lies in a folder are given too', async () => {
  const versions = (await get('/v1/sensor-types/dragino-ldds75')).body['versions'] as { version: string }[];
  const { status, body } = await get(`/v1/sensor-types/dragino-ldds75/versions/${versions[0]?.version}/files`);
  expect(status).toBe(200);
  expect(body['sensorYaml']).toContain('id: dragino-ldds75');
  expect(body['codecJs']).toContain('decodeUplink');
  expect((await get('/v1/sensor-types/dragino-ldds75/versions/99.0.0/files')).status).toBe(404);
});
