import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import {
  DOUBLE_ORG,
  DOUBLE_TOKEN,
  startInfluxDouble,
} from '../../../packages/readings/src/influx-double/server.fixture.ts';
import { NOW, openWorld, temporaryDir } from './fixtures.ts';

vi.setConfig({ testTimeout: 60_000 });
let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

async function scene() {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  const dir = await temporaryDir();
  const open = async () => {
    const influx = { token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: 'ronde' };
    const world = await openWorld({ types, dir, batchFrames: 20, readingsUrl: double.url, influx });
    await world.addDevice('bin-1');
    return world;
  };
  return { double, open, world: await open() };
}
type World = Awaited<ReturnType<typeof scene>>['world'];

/** The inbox says what was acknowledged; the store must hold each of it once, in order. */
async function sendFills(world: World, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i += 1) await world.send({ fill: i / 1000 });
}
const fillsOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i / 1000);

/** The pauses between tries are the fake clock's; those of the circuit are real. */
async function drained(world: World): Promise<void> {
  await vi.waitFor(
    async () => {
      world.clock.advance(30_000);
      expect(await world.readings.cursor('ingest')).toBe(world.inbox.stats().head);
      expect(world.health.report().parts['ingest']).toEqual({ ok: true });
    },
    { timeout: 40_000, interval: 100 },
  );
}

test('a store that is down for a while costs no uplink and doubles none, though none has a time of its own', async () => {
  const { double, world } = await scene();
  await world.start();
  await sendFills(world, 0, 30);
  await drained(world);
  await double.down();
  await sendFills(world, 30, 40);
  await vi.waitFor(() => expect(world.health.report().parts['ingest']).toMatchObject({ ok: false }), {
    timeout: 20_000,
  });
  await double.up();
  await drained(world);
  await vi.waitFor(async () => expect((await world.stored()).map(({ value }) => value)).toEqual(fillsOf(70)), {
    timeout: 30_000,
  });
});

test('answers lost after the write, at every batch, leave each uplink once', async () => {
  const { double, world } = await scene();
  await sendFills(world, 0, 60);
  double.fates('/api/v2/write', [
    { kind: 'reset', store: true },
    { kind: 'answer', status: 503, body: { message: 'busy' }, store: true },
    { kind: 'reset', store: false },
    { kind: 'reset', store: true },
  ]);
  await world.start();
  await drained(world);
  expect((await world.stored()).map(({ value }) => value)).toEqual(fillsOf(60));
  await vi.waitFor(() => expect(world.accepted).toHaveLength(60));
});

test('a service that ends while the answer is out goes on behind it', async () => {
  const { double, world, open } = await scene();
  await sendFills(world, 0, 20);
  double.fates('/api/v2/write', [{ kind: 'reset', store: true }]);
  await world.start();
  await vi.waitFor(() => expect(world.health.report().parts['ingest']).toMatchObject({ ok: false }), {
    timeout: 20_000,
  });
  await world.close();
  const second = await open();
  await second.start();
  await sendFills(second, 20, 5);
  await drained(second);
  expect((await second.stored()).map(({ value }) => value)).toEqual(fillsOf(25));
});

test('what the store will never take becomes a dead letter with its reason, and the rest of the batch is stored', async () => {
  const { double, world } = await scene();
  const old = new Date(NOW - 400 * 86_400_000).toISOString();
  double.refuse(({ atMs }) => (atMs === Date.parse(old) ? 'retention' : undefined));
  await sendFills(world, 0, 3);
  await world.send({ at: old, fill: 0.5 });
  await sendFills(world, 3, 3);
  await world.start();
  await drained(world);
  expect((await world.stored()).map(({ value }) => value)).toEqual(fillsOf(6));
  await vi.waitFor(async () => expect(await world.letters()).toHaveLength(1));
  expect(await world.letters()).toMatchObject([
    {
      stage: 'store',
      code: 'PAYLOAD_MALFORMED',
      deviceId: 'bin-1',
      reason: expect.stringContaining('beyond retention policy') as unknown,
      remedy: expect.stringContaining('then replay') as unknown,
    },
  ]);
});
