import { beforeAll, afterAll, expect, test } from 'vitest';
import { moved, type DeviceRecord, type Place } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, TENANT, openWorld, thingsStackUplink, type World } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

const HOUR_MS = 3_600_000;
const at = (hours: number): string => new Date(NOW + hours * HOUR_MS).toISOString();
const empty2m = { emptyDistanceM: 2, fullDistanceM: 0 };
const empty4m = { emptyDistanceM: 4, fullDistanceM: 0 };

async function change(world: World, id: string, edit: (device: DeviceRecord) => DeviceRecord): Promise<void> {
  const device = await world.registry.devices.get(TENANT, id);
  await world.registry.devices.put(TENANT, edit(device!));
  await world.bus.publish('registry.changed', { tenant: TENANT, kind: 'device', id, deleted: false });
}
const move = (place: Place | undefined, when: string) => (device: DeviceRecord) => {
  const result = moved(device, place, when);
  if (!result.ok) throw new Error(result.faults[0]?.message);
  return result.value;
};
const fillsOf = async (world: World, id?: string) =>
  (await world.stored(id))
    .filter(({ quantity }) => quantity === 'fill')
    .map(({ at: when, assetId, value, flags }) => [
      (Date.parse(when) - NOW) / HOUR_MS,
      assetId,
      Math.round(value! * 100) / 100,
      flags,
    ]);

test('late readings of before a swap go to the old asset with its distances, later ones to the new', async () => {
  const world = await openWorld({ types });
  await world.start();
  await world.addDevice('bin-1', 'plain', { assetId: 'old', mounting: empty2m });
  await world.send({ at: at(-5), distance: 1 });
  await world.settled();
  // swapped two hours ago, away from everywhere for an hour in between
  await change(world, 'bin-1', move(undefined, at(-3)));
  await change(world, 'bin-1', move({ assetId: 'new', mounting: empty4m }, at(-2)));
  for (const hours of [-1, -4, -2.5, -3, -2]) await world.send({ at: at(hours), distance: 1 });
  await world.settled();
  expect(await fillsOf(world)).toEqual([
    [-5, 'old', 0.5, ['DERIVED']],
    [-4, 'old', 0.5, ['DERIVED']],
    [-2, 'new', 0.75, ['DERIVED']],
    [-1, 'new', 0.75, ['DERIVED']],
  ]);
  const between = (await world.stored()).filter(({ at: when }) => [at(-3), at(-2.5)].includes(when));
  expect(between.map(({ quantity, assetId, flags }) => [quantity, assetId, flags])).toEqual([
    ['distance', null, []],
    ['distance', null, []],
  ]);
});

test('values of one message that were measured before and after a move are parted', async () => {
  const world = await openWorld({ types });
  await world.start();
  await world.addDevice('bin-1', 'plain', { assetId: 'old' });
  await change(world, 'bin-1', move({ assetId: 'new' }, at(-1)));
  const base = (NOW - 2 * HOUR_MS) / 1000;
  await world.send([
    { bn: 'bin-1:', bt: base, n: 'fill', v: 0.4 },
    { n: 'fill', t: 5400, v: 0.6 },
  ]);
  await world.settled();
  expect(await fillsOf(world)).toEqual([
    [-2, 'old', 0.4, []],
    [-0.5, 'new', 0.6, []],
  ]);
});

test('frames that are read again find the asset of their own time', async () => {
  const world = await openWorld({ types });
  await world.start();
  const fields = { hex: '0d3b0aef00000001', fPort: 2, fCnt: 1, atMs: NOW - 2 * HOUR_MS };
  await world.send(thingsStackUplink('a84041ffff000001', fields), LORA);
  await world.settled();
  await world.addDevice('bin-1', 'dragino-ldds75', {
    externalIds: { devEui: 'a84041ffff000001' },
    assetId: 'old',
    mounting: empty4m,
  });
  await change(world, 'bin-1', move({ assetId: 'new', mounting: empty4m }, at(-1)));
  const [letter] = await world.letters();
  expect(await world.ingest.replayer().deadLetter(TENANT, letter!.id)).toMatchObject({ status: 'replayed' });
  expect(new Set((await world.stored()).map(({ assetId }) => assetId))).toEqual(new Set(['old']));
});

test('what a retired device sends is kept, without an asset and marked; what it sent before keeps its place', async () => {
  const world = await openWorld({ types });
  await world.start();
  await world.addDevice('bin-1', 'plain', { assetId: 'old' });
  await change(world, 'bin-1', (device) => ({ ...move(undefined, at(-2))(device), status: 'retired' }));
  await world.send({ at: at(-1), fill: 0.3 });
  await world.send({ at: at(-3), fill: 0.2 });
  await world.settled();
  expect(await fillsOf(world)).toEqual([
    [-3, 'old', 0.2, []],
    [-1, null, 0.3, ['RETIRED']],
  ]);
});
