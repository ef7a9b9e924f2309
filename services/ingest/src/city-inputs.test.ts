import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { IntegrationRecord, Poll } from '@ronde/contracts';
import { hashSecret } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TENANT, openWorld, temporaryDir, type World } from './fixtures.ts';

const AT = '2026-01-05T05:00:00.000Z';
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

async function sceneWith(source: IntegrationRecord['source'], more: Partial<IntegrationRecord> = {}): Promise<World> {
  const world = await openWorld({ types });
  const integration = { id: 'city', source, createdAt: world.clock.iso(), secretHash: hashSecret('door'), ...more };
  await world.registry.integrations.put(TENANT, integration);
  await world.start();
  return world;
}
const post = (world: World, source: string, body: unknown) =>
  world.http.inject({
    method: 'POST',
    url: `/v1/uplinks/${source}`,
    headers: { authorization: 'Bearer door', 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  });

test('deposit counts become readings; a card number is refused before anything is stored', async () => {
  const world = await sceneWith('deposits');
  await world.addDevice('lock-1', 'plain', { assetId: 'bin-1' });
  const refused = await post(world, 'deposits', { deviceId: 'lock-1', at: AT, count: 1, cardId: '04A2B3' });
  expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('cardId')]);
  expect(refused.body).not.toContain('04A2B3');
  expect(world.inbox.stats().head).toBe(0);
  const taken = await post(world, 'deposits', [
    { deviceId: 'lock-1', at: AT, count: 4 },
    { deviceId: 'lock-1', at: '2026-01-05T05:15:00Z', count: 2, chamber: 'left' },
  ]);
  expect([taken.statusCode, taken.json()]).toEqual([200, { accepted: 1 }]);
  await world.settled();
  expect(await world.stored('lock-1')).toMatchObject([
    {
      quantity: 'deposits',
      value: 4,
      at: AT,
      assetId: 'bin-1',
      quality: 'ok',
      typeVersion: expect.stringContaining('plain@') as string,
    },
    { quantity: 'deposits', value: 2, chamber: 'left' },
  ]);
});

test('a lift is a reading of the container that hung on the crane, told by the crane', async () => {
  const world = await sceneWith('crane');
  await world.addDevice('crane-1', 'plain');
  await post(world, 'crane', { deviceId: 'crane-1', at: AT, liftId: 'l-1', massKg: 412.5, assetId: 'bin-7' });
  await post(world, 'crane', { deviceId: 'crane-1', at: AT, liftId: 'l-1', massKg: 412.5, assetId: 'bin-7' });
  await world.settled();
  expect(await world.stored('crane-1')).toMatchObject([
    { quantity: 'liftedMass', value: 412.5, assetId: 'bin-7', unit: 'kg' },
  ]);
});

test('a ticket counts net, or gross less tare, by fraction', async () => {
  const world = await sceneWith('weighbridge');
  await world.addDevice('wb-1', 'plain');
  const ticket = { deviceId: 'wb-1', at: AT, ticketId: 't-1', grossKg: 14_200, tareKg: 9_000, fraction: 'glass' };
  expect((await post(world, 'weighbridge', ticket)).statusCode).toBe(200);
  expect((await post(world, 'weighbridge', { ...ticket, licencePlate: 'XX-123-X' })).statusCode).toBe(400);
  await world.settled();
  expect(await world.stored('wb-1')).toMatchObject([{ quantity: 'ticketMass', value: 5200, chamber: 'glass' }]);
});

const ITEM = (serial: string, minutes: number, level: string) => ({
  container: { serial },
  measured: new Date(Date.UTC(2026, 0, 5, 5, minutes)).toISOString(),
  fillLevel: level,
  battery: { volt: 3.6 },
});

/** A vendor's cloud with pages of two items, which can be asked for what is newer. */
async function cloud(items: ReturnType<typeof ITEM>[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://cloud');
    asked.push(url.search);
    if (request.headers['x-api-key'] !== 'vendor-key') return void response.writeHead(401).end('{"error":"key"}');
    const since = url.searchParams.get('since');
    const fresh = items.filter(({ measured }) => since === null || measured > since);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = from + 2 < fresh.length ? String(from + 2) : undefined;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: { items: fresh.slice(from, from + 2) }, meta: { next } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/measurements` };
}
const POLL: Poll = {
  everyS: 600,
  auth: 'header',
  headerName: 'X-Api-Key',
  items: 'data.items',
  device: 'container.serial',
  at: 'measured',
  atUnit: 'iso',
  paging: { kind: 'cursor', field: 'meta.next', parameter: 'cursor' },
  since: { parameter: 'since', format: 'iso' },
};

/** The vendor's words as a sensor type: a mapping and nothing else. */
async function vendorTypes(): Promise<SensorTypes> {
  const dir = await temporaryDir();
  await mkdir(join(dir, 'acme-cloud'));
  await writeFile(
    join(dir, 'acme-cloud', 'sensor.yaml'),
    `id: acme-cloud
measurements:
  fill: { from: fillLevel, unit: percent, parse: number-with-unit, invalid: ['n/a'] }
  batteryVoltage: { from: battery.volt, unit: V }
`,
  );
  const opened = await openSensorTypes({ dirs: [dir] });
  onTestFinished(() => opened.close());
  return opened;
}

test("a vendor's cloud is polled page by page, each item read by its type's mapping, and only for what is new", async () => {
  const items = [ITEM('A-1', 0, '42 %'), ITEM('A-2', 1, 'n/a'), ITEM('A-1', 2, '45 %'), ITEM('unknown', 3, '1 %')];
  const vendor = await cloud(items);
  const world = await openWorld({ types: await vendorTypes() });
  await world.registry.integrations.put(TENANT, {
    id: 'acme',
    source: 'vendor-cloud',
    createdAt: world.clock.iso(),
    secretHash: '',
    api: { url: vendor.url, keySealed: world.sealer.seal('vendor-key', 'integration/acme') },
    poll: POLL,
  });
  await world.addDevice('bin-a', 'acme-cloud', { externalIds: { networkId: 'A-1' } });
  await world.addDevice('A-2', 'acme-cloud');
  await world.start();
  const polled = async (times: number): Promise<void> =>
    vi.waitFor(() => {
      world.clock.advance(30_000);
      expect(vendor.asked).toHaveLength(times);
    });
  await polled(2);
  await vi.waitFor(async () => expect(await world.stored('bin-a')).toHaveLength(4));
  const levels = (await world.stored('bin-a')).filter(({ quantity }) => quantity === 'fill');
  expect(levels).toMatchObject([
    { value: 0.42, at: '2026-01-05T05:00:00.000Z', quality: 'ok', typeVersion: 'acme-cloud@1.0.0' },
    { value: 0.45, at: '2026-01-05T05:02:00.000Z' },
  ]);
  expect((await world.stored('A-2')).find(({ quantity }) => quantity === 'fill')).toMatchObject({
    value: null,
    quality: 'invalid',
  });
  expect(await world.letters()).toMatchObject([{ code: 'DEVICE_UNKNOWN' }]);

  items.push(ITEM('A-1', 30, '60 %'));
  await vi.waitFor(() => {
    world.clock.advance(600_000);
    expect(vendor.asked).toHaveLength(3);
  });
  expect(vendor.asked[2]).toContain(encodeURIComponent('2026-01-05T05:03:00.000Z'));
  await vi.waitFor(async () => expect(await world.stored('bin-a')).toHaveLength(6));
});
