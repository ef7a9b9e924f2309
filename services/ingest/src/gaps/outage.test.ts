import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DeviceLink, Source } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import {
  chirpstackEvents,
  loriotCache,
  sigfoxBackend,
  thingsStackStorage,
  type HistoryDouble,
} from '../../../../tests/fixtures/network-histories.ts';
import { NOW, TENANT, openWorld, temporaryDir, type World } from '../fixtures.ts';

const MINUTE_MS = 60_000;
const EUI = 'a84041b2c1d2e3f4';
const FOX = '1A2345';
const HEX = '0d3b0aef00000001';
const NETWORKS: [string, () => Promise<HistoryDouble>][] = [
  ['things-stack', thingsStackStorage],
  ['chirpstack', () => chirpstackEvents({ turnMs: 5 })],
  ['loriot', () => loriotCache()],
  ['sigfox', sigfoxBackend],
];
/** Networks that keep nothing for us: what they send again by themselves is all that comes. */
const SILENT: Source[] = ['thingpark', 'kpn', 'helium', 'miotiq'];

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

async function scene(double: HistoryDouble, dir: string, startMs = NOW): Promise<World> {
  const world = await openWorld({ types, dir });
  world.clock.advance(startMs - NOW);
  const { key, ...open } = double.api;
  await world.registry.integrations.put(TENANT, {
    id: 'net',
    source: double.source,
    createdAt: world.clock.iso(),
    secretHash: '',
    api: { ...open, keySealed: world.sealer.seal(key, 'integration/net') },
  });
  const externalIds = double.source === 'sigfox' ? { networkId: FOX } : { devEui: EUI };
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds, integrationId: 'net' });
  await world.start();
  return world;
}

/** The network hears an uplink; `arrives` says whether its message reaches us. */
async function uplink(world: World, double: HistoryDouble, fCnt: number, arrives = true): Promise<void> {
  const name = double.source === 'sigfox' ? FOX : EUI;
  const message = double.hear({ name, fCnt, atMs: world.clock.nowMs(), hex: HEX });
  if (arrives)
    await world.send(message, { source: double.source, topic: 'hook/net', origin: { kind: 'integration', id: 'net' } });
}
const linkOf = async (world: World): Promise<DeviceLink> =>
  (await world.http.inject({ url: '/v1/devices/bin-1/link', headers: { authorization: 'Bearer engineer' } })).json();
const distances = async (world: World) => (await world.stored()).filter(({ quantity }) => quantity === 'distance');

describe.each(NETWORKS)('%s', (_, make) => {
  const open = async (): Promise<HistoryDouble> => {
    const double = await make();
    onTestFinished(() => double.close());
    return double;
  };

  test('after a stop of ten minutes everything is there once, late, and at its own time', async () => {
    const double = await open();
    const dir = await temporaryDir();
    const before = await scene(double, dir);
    await uplink(before, double, 1);
    await before.settled();
    before.clock.advance(MINUTE_MS);
    await vi.waitFor(async () => expect(await before.registry.meta.get(`alive:${TENANT}`)).toBeDefined());
    await before.close();
    // four uplinks while nobody listens, one a two minutes
    for (const fCnt of [2, 3, 4, 5]) {
      before.clock.advance(2 * MINUTE_MS);
      await uplink(before, double, fCnt, false);
    }
    before.clock.advance(2 * MINUTE_MS);

    const after = await scene(double, dir, before.clock.nowMs());
    await uplink(after, double, 6);
    await vi.waitFor(
      async () => {
        after.clock.advance(MINUTE_MS);
        expect(await distances(after)).toHaveLength(6);
      },
      { timeout: 20_000, interval: 200 },
    );
    const all = await distances(after);
    expect(all.map(({ at }) => (Date.parse(at) - NOW) / MINUTE_MS)).toEqual([0, 3, 5, 7, 9, 11]);
    expect(all.map(({ flags }) => flags.includes('BACKFILLED'))).toEqual([false, true, true, true, true, false]);
    expect((await linkOf(after)).gaps.filter(({ status }) => status !== 'filled')).toEqual([]);
    expect(await after.letters()).toEqual([]);
  }, 40_000);

  test('a network that is away at the start is asked again later, and then closes the gap', async () => {
    const double = await open();
    const world = await scene(double, await temporaryDir());
    await uplink(world, double, 1);
    world.clock.advance(5 * MINUTE_MS);
    await uplink(world, double, 2, false);
    world.clock.advance(5 * MINUTE_MS);
    await uplink(world, double, 3);
    await world.settled();
    double.trouble = double.source === 'loriot' ? 'refuse' : 'busy';
    await vi.waitFor(
      async () => {
        world.clock.advance(MINUTE_MS);
        expect((await linkOf(world)).gaps).toMatchObject([
          { from: 2, to: 2, status: 'open', reason: expect.any(String) as string },
        ]);
      },
      { timeout: 20_000, interval: 100 },
    );
    const questions = double.asked.length;
    double.trouble = undefined;
    await vi.waitFor(
      async () => {
        world.clock.advance(MINUTE_MS);
        expect((await linkOf(world)).gaps).toMatchObject([{ status: 'filled', recovered: 1 }]);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect((await linkOf(world)).gaps[0]).not.toHaveProperty('reason');
    // left alone while it wanted to be: not one question a minute
    expect(double.asked.length - questions).toBeLessThan(5);
    expect(await distances(world)).toHaveLength(3);
  }, 60_000);
});

test.each(SILENT)('of %s nothing can be fetched: the gap is lost, and says why', async (source) => {
  const world = await openWorld({ types });
  await world.registry.integrations.put(TENANT, {
    id: 'net',
    source,
    createdAt: world.clock.iso(),
    secretHash: '',
    api: { url: 'http://127.0.0.1:9', keySealed: world.sealer.seal('k', 'integration/net') },
  });
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds: { devEui: EUI }, integrationId: 'net' });
  await world.start();
  const double = await thingsStackStorage();
  onTestFinished(() => double.close());
  for (const fCnt of [1, 4])
    await world.send(double.hear({ name: EUI, fCnt, atMs: world.clock.nowMs(), hex: HEX }), {
      source: 'things-stack',
      topic: 'v3/bins@ttn/devices/d/up',
      origin: { kind: 'integration', id: 'net' },
    });
  await world.settled();
  await vi.waitFor(async () => {
    world.clock.advance(MINUTE_MS);
    expect((await linkOf(world)).gaps).toMatchObject([
      { status: 'lost', reason: expect.stringContaining('no network can be asked') as string },
    ]);
  });
});

test('a gap of hundreds of counters that is fetched from far back is no restart of the device', async () => {
  const double = await thingsStackStorage();
  onTestFinished(() => double.close());
  const world = await scene(double, await temporaryDir());
  await uplink(world, double, 1);
  for (let fCnt = 2; fCnt <= 201; fCnt++) {
    world.clock.advance(MINUTE_MS / 10);
    await uplink(world, double, fCnt, false);
  }
  await uplink(world, double, 202);
  await vi.waitFor(
    async () => {
      world.clock.advance(MINUTE_MS);
      expect(await linkOf(world)).toMatchObject({
        resets: 0,
        missed: 200,
        recovered: 200,
        gaps: [{ status: 'filled' }],
      });
    },
    { timeout: 20_000, interval: 100 },
  );
});
