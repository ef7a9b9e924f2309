import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { DeviceLink } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, TENANT, openWorld, temporaryDir, thingsStackUplink, type World } from '../fixtures.ts';

const EUI = 'a84041b2c1d2e3f4';
const MINUTE_MS = 60_000;
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

type Uplink = { received_at: string };

/** The Things Stack's Storage Integration: one JSON object a line, of what it was told to keep. */
async function storage() {
  const kept: Uplink[] = [];
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://tts');
    asked.push(url.pathname);
    if (request.headers.authorization !== 'Bearer NNSXS.KEY') return void response.writeHead(403).end('{}');
    const [after, before] = ['after', 'before'].map((name) => url.searchParams.get(name) ?? '');
    const found = kept.filter(({ received_at: at }) => at > after! && at < before!);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(found.map((result) => JSON.stringify({ result })).join('\n\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { kept, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function scene(url: string, dir: string, startMs = 0): Promise<World> {
  const world = await openWorld({ types, dir });
  if (startMs > 0) world.clock.advance(startMs - NOW);
  await world.registry.integrations.put(TENANT, {
    id: 'tts',
    source: 'things-stack',
    createdAt: world.clock.iso(),
    secretHash: '',
    api: { url, applicationId: 'bins@ttn', keySealed: world.sealer.seal('NNSXS.KEY', 'integration/tts') },
  });
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds: { devEui: EUI } });
  await world.start();
  return world;
}
const uplink = (world: World, fCnt: number): Uplink =>
  thingsStackUplink(EUI, { hex: '0d3b0aef00000001', fPort: 2, fCnt, rssi: -100, atMs: world.clock.nowMs() }) as Uplink;
const linkOf = async (world: World): Promise<DeviceLink> =>
  (await world.http.inject({ url: '/v1/devices/bin-1/link', headers: { authorization: 'Bearer engineer' } })).json();

test('counters that are missing are fetched from the storage, once, at their own time, and say so', async () => {
  const tts = await storage();
  const world = await scene(tts.url, await temporaryDir());
  for (const fCnt of [1, 2, 3, 4, 5, 6]) {
    const message = uplink(world, fCnt);
    tts.kept.push(message);
    // three of six never came over MQTT
    if (![3, 4, 5].includes(fCnt)) await world.send(message, LORA);
    world.clock.advance(10 * MINUTE_MS);
  }
  await world.settled();
  await vi.waitFor(async () => {
    world.clock.advance(MINUTE_MS);
    expect(await linkOf(world)).toMatchObject({
      missed: 3,
      recovered: 3,
      gaps: [{ from: 3, to: 5, status: 'filled' }],
    });
  });
  expect(tts.asked).toEqual([`/api/v3/as/applications/bins/devices/eui-${EUI}/packages/storage/uplink_message`]);
  await vi.waitFor(async () => {
    const distances = (await world.stored()).filter(({ quantity }) => quantity === 'distance');
    expect(distances.map(({ at }) => (Date.parse(at) - NOW) / (10 * MINUTE_MS))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(distances.map(({ flags }) => flags.includes('BACKFILLED'))).toEqual([false, false, true, true, true, false]);
  });
});

test('after ten minutes of standstill everything that an application sent meanwhile is fetched at the start', async () => {
  const tts = await storage();
  const dir = await temporaryDir();
  const before = await scene(tts.url, dir);
  await before.send(uplink(before, 1), LORA);
  await before.settled();
  await vi.waitFor(async () => {
    before.clock.advance(MINUTE_MS);
    expect(await before.registry.meta.get(`alive:${TENANT}`)).toBeDefined();
  });
  await before.close();
  for (const fCnt of [2, 3, 4, 5]) {
    before.clock.advance(2 * MINUTE_MS);
    tts.kept.push(uplink(before, fCnt));
  }
  const downUntilMs = before.clock.nowMs() + 3 * MINUTE_MS;

  const after = await scene(tts.url, dir, downUntilMs);
  await vi.waitFor(
    async () => expect((await after.stored()).filter(({ quantity }) => quantity === 'distance')).toHaveLength(5),
    { timeout: 10_000 },
  );
  expect(tts.asked[0]).toBe('/api/v3/as/applications/bins/packages/storage/uplink_message');
  expect(await after.letters()).toEqual([]);
});

test('a gap that no network can fill is lost and says so', async () => {
  const world = await openWorld({ types });
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds: { devEui: EUI } });
  await world.start();
  for (const fCnt of [1, 4]) await world.send(uplink(world, fCnt), LORA);
  await world.settled();
  await vi.waitFor(async () => {
    world.clock.advance(MINUTE_MS);
    expect(await linkOf(world)).toMatchObject({ gaps: [{ from: 2, to: 3, status: 'lost', recovered: 0 }] });
  });
});
