import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { TENANT, openWorld, type World } from './fixtures.ts';

const SOON = { timeout: 20_000 };
const HEX = '02012f000304d2000f0bb1';
const uplink = (fCnt: number) => ({ fPort: 1, data: Buffer.from(HEX, 'hex').toString('base64'), fCnt });

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

interface Held extends World {
  /** How many uplinks the codecs were asked about. */
  asked(): number;
  /** Lets the store take so many batches, all unless told. */
  release(batches?: number): void;
}

/** A world whose store takes batches only when told to; every frame is a batch of its own. */
async function openHeld(): Promise<Held> {
  let free = 0;
  let wake = (): void => undefined;
  const turn = async (): Promise<void> => {
    while (free < 1) await new Promise<void>((resolve) => (wake = resolve));
    free -= 1;
  };
  const release = (batches = Infinity): void => {
    free += batches;
    wake();
  };
  let asked = 0;
  const world = await openWorld({
    types: {
      ...types,
      decodeBatch(items) {
        asked += items.length;
        return types.decodeBatch(items);
      },
    },
    batchFrames: 1,
    wrapReadings: (store) => ({
      ...store,
      append: (batch) => turn().then(() => store.append(batch)),
    }),
  });
  await world.addDevice('bin-1', 'decentlab-dl-mbx');
  return { ...world, asked: () => asked, release };
}

test('the next batch is decoded while the one before it is being stored, and no more than that one', async () => {
  const world = await openHeld();
  for (const fCnt of [1, 2, 3]) await world.send(uplink(fCnt));
  await world.start();
  await vi.waitFor(() => expect(world.asked()).toBe(2), SOON);
  expect(await world.stored()).toEqual([]);
  world.release();
  await world.settled();
  expect(await world.stored()).toHaveLength(6);
  expect(world.asked()).toBe(3);
});

test('a copy in the next batch is still told from a new uplink', async () => {
  const world = await openHeld();
  for (const fCnt of [1, 1, 2]) await world.send(uplink(fCnt));
  await world.start();
  await vi.waitFor(() => expect(world.asked()).toBe(2), SOON);
  world.release();
  await world.settled();
  expect(world.traces.map(({ outcome }) => outcome)).toEqual(['stored', 'duplicate', 'stored']);
});

test('what was read ahead of a change of its device is read again', async () => {
  const world = await openHeld();
  for (const fCnt of [1, 2]) await world.send(uplink(fCnt));
  await world.start();
  await vi.waitFor(() => expect(world.asked()).toBe(2), SOON);
  await world.addDevice('bin-1', 'decentlab-dl-mbx', { assetId: 'glass-1' });
  world.release();
  await world.settled();
  const assets = (await world.stored()).map(({ assetId }) => assetId);
  expect(assets).toEqual([null, null, 'glass-1', 'glass-1']);
});

test('an erasure reaches what was read ahead', async () => {
  const world = await openHeld();
  for (const fCnt of [1, 2]) await world.send(uplink(fCnt));
  await world.start();
  await vi.waitFor(() => expect(world.asked()).toBe(2), SOON);
  world.clock.advance(1_000);
  const answer = world.http.inject({
    method: 'POST',
    url: '/v1/erasures',
    headers: { authorization: 'Bearer admin' },
    payload: { deviceId: 'bin-1', dryRun: false },
  });
  await vi.waitFor(async () => expect(await world.inbox.read(0, 10)).toEqual([]), SOON);
  world.release(1);
  expect((await answer).statusCode).toBeLessThan(300);
  world.release();
  await world.send(uplink(3));
  await world.settled();
  expect(await world.stored()).toHaveLength(2);
  expect(await world.registry.devices.get(TENANT, 'bin-1')).toBeDefined();
});
