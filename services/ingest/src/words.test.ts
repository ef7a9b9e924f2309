import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { NOW, openWorld } from './fixtures.ts';

/** A maker's own names, in a type without codec: it reads records. */
const MANIFEST = `id: acme-words
version: 1.0.0
vendor: Acme
model: Words
description: A level sensor that talks JSON in its own names.
measurements:
  distance: { from: lidar_mm, unit: mm, invalid: [65535] }
  temperature: { from: tmp, unit: Cel }
source: its manual
licence: EUPL-1.2
`;
let dir: string;
let types: SensorTypes;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'words-'));
  await mkdir(join(dir, 'acme-words'));
  await writeFile(join(dir, 'acme-words', 'sensor.yaml'), MANIFEST);
  types = await openSensorTypes({ dirs: [dir] });
});
afterAll(async () => {
  await types.close();
  await rm(dir, { recursive: true, force: true });
});

async function started() {
  const world = await openWorld({ types });
  await world.addDevice('bin-1', 'acme-words');
  await world.addDevice('bin-2', 'plain');
  await world.start();
  return world;
}
const brief = async (world: Awaited<ReturnType<typeof started>>, device = 'bin-1') =>
  (await world.stored(device)).map(({ at, quantity, value, quality }) => [
    (Date.parse(at) - NOW) / 1000,
    quantity,
    value,
    quality,
  ]);

test("JSON in a maker's own names gets its meaning from the device's type", async () => {
  const world = await started();
  await world.send({ lidar_mm: 1250, tmp: 21.5, firmware: 'x' });
  await world.send({ at: new Date(NOW + 60_000).toISOString(), lidar_mm: 65535, battery: 0.5 });
  await world.settled();
  expect(await brief(world)).toEqual(
    expect.arrayContaining([
      [0, 'distance', 1.25, 'ok'],
      [0, 'temperature', 21.5, 'ok'],
      [60, 'distance', null, 'invalid'],
      [60, 'battery', 0.5, 'ok'],
    ]),
  );
  expect(await world.letters()).toEqual([]);
});

test('SenML in own names is read by the type, each time of a pack for itself', async () => {
  const world = await started();
  const bt = NOW / 1000;
  await world.send([
    { bn: 'bin-1:', bt: bt - 120, n: 'lidar_mm', v: 900 },
    { n: 'tmp', v: 20 },
    { n: 'lidar_mm', v: 1000, t: 60 },
  ]);
  await world.settled();
  expect(await brief(world)).toEqual(
    expect.arrayContaining([
      [-120, 'distance', 0.9, 'ok'],
      [-120, 'temperature', 20, 'ok'],
      [-60, 'distance', 1, 'ok'],
    ]),
  );
  expect(await world.letters()).toEqual([]);
});

test('names that neither the catalogue nor the type knows end as a dead letter that names them', async () => {
  const world = await started();
  await world.send({ colour: 'green' });
  await world.send({ colour: 'green' }, { origin: { kind: 'device', id: 'bin-2' } });
  await world.send({ colour: 'green', fill: 0.5 }, { origin: { kind: 'device', id: 'bin-2' } });
  await world.settled();
  expect((await world.letters()).map(({ code, deviceId, reason }) => [code, deviceId, reason])).toEqual(
    Array.from(['bin-1', 'bin-2', 'bin-2'], (id) => ['PAYLOAD_MALFORMED', id, expect.stringContaining('colour')]),
  );
  expect(await brief(world, 'bin-2')).toEqual([[0, 'fill', 0.5, 'ok']]);
});
