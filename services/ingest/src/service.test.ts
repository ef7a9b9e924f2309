import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RondeError } from '@ronde/contracts';
import { hashSecret } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { sharedData } from '../../../tests/shared-data.ts';
import { LORA, NOW, TENANT, openWorld, temporaryDir, thingsStackUplink, type World } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '24e124713d492002';

async function withSecret(
  world: World,
  id: string,
  source: 'things-stack' | 'chirpstack',
  tenant = TENANT,
): Promise<void> {
  await world.registry.integrations.put(tenant, {
    id,
    source,
    createdAt: world.clock.iso(),
    secretHash: hashSecret(`secret-of-${id}`),
  });
  await world.bus.publish('registry.changed', { tenant, kind: 'integration', id, deleted: false });
}

test('a service that stops in the middle and starts again stores each reading exactly once', async () => {
  const dir = await temporaryDir();
  const first = await openWorld({ types, dir, batchFrames: 7 });
  await first.addDevice('bin-1');
  for (let index = 0; index < 200; index += 1) await first.send({ fill: index / 1000 });
  await first.start();
  await vi.waitFor(() => expect(first.accepted.length).toBeGreaterThan(20), { interval: 1 });
  await first.close();
  const halfway = first.accepted.length;
  const second = await openWorld({ types, dir, batchFrames: 500 });
  await second.start();
  await second.send({ fill: 0.999 });
  await second.settled();
  const values = (await second.stored()).map(({ value }) => value);
  expect(values).toEqual([...Array.from({ length: 200 }, (_, index) => index / 1000), 0.999]);
  expect(halfway).toBeLessThan(200);
  expect(second.accepted).toHaveLength(201 - halfway);
});

test('an uplink that was handled before a restart is a duplicate after it', async () => {
  const dir = await temporaryDir();
  for (const outcome of ['stored', 'duplicate']) {
    const world = await openWorld({ types, dir });
    await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
    await world.start();
    await world.send(thingsStackUplink(EUI, { hex: '03671001', fPort: 85, fCnt: 9, atMs: NOW }), LORA);
    await world.settled();
    expect(world.traces.at(-1)).toMatchObject({ outcome });
    await world.close();
  }
});

test('while the store is in trouble nothing is lost, health says so, and work goes on by itself', async () => {
  let broken = true;
  const world = await openWorld({
    types,
    wrapReadings: (store) => ({
      ...store,
      append: (batch) =>
        broken ? Promise.reject(new RondeError('READINGS_UNREACHABLE', 'planted')) : store.append(batch),
    }),
  });
  await world.addDevice('bin-1');
  await world.start();
  await world.send({ fill: 0.4 });
  await vi.waitFor(() =>
    expect(world.health.report().parts['ingest']).toMatchObject({
      ok: false,
      detail: expect.stringContaining('planted') as unknown,
    }),
  );
  await world.send({ fill: 0.5 });
  expect(await world.stored()).toEqual([]);
  broken = false;
  await vi.waitFor(async () => {
    world.clock.advance(30_000);
    expect(await world.stored()).toHaveLength(2);
  });
  expect(world.health.report().parts['ingest']).toEqual({ ok: true });
  expect(await world.letters()).toEqual([]);
});

test('a frame that the store refuses for its content becomes a dead letter, its neighbours do not', async () => {
  const world = await openWorld({
    types,
    wrapReadings: (store) => ({
      ...store,
      append: (batch) =>
        batch.readings.some(({ value }) => value === 0.13)
          ? Promise.reject(new RondeError('INPUT_INVALID', 'planted'))
          : store.append(batch),
    }),
  });
  await world.addDevice('bin-1');
  for (const fill of [0.12, 0.13, 0.14]) await world.send({ fill });
  await world.start();
  await world.settled();
  expect((await world.stored()).map(({ value }) => value)).toEqual([0.12, 0.14]);
  expect(await world.letters()).toMatchObject([
    { id: 'dl-2', stage: 'store', reason: expect.stringContaining('planted') as unknown },
  ]);
});

test('a codec host that breaks off costs only its own frames', async () => {
  const fragile: SensorTypes = {
    ...types,
    decodeBatch: () => Promise.reject(new Error('planted')),
    decode: (id, input) => (input.fPort === 85 ? types.decode(id, input) : Promise.reject(new Error('worker died'))),
  };
  const world = await openWorld({ types: fragile });
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  await world.start();
  await world.send(thingsStackUplink(EUI, { hex: '03671001', fPort: 85, fCnt: 1, atMs: NOW }), LORA);
  await world.send(thingsStackUplink(EUI, { hex: '03671001', fPort: 86, fCnt: 2, atMs: NOW }), LORA);
  await world.settled();
  expect(await world.stored('laser')).toMatchObject([{ quantity: 'temperature' }]);
  expect(await world.letters()).toMatchObject([
    { code: 'CODEC_FAULT', deviceId: 'laser', reason: expect.stringContaining('worker died') as unknown },
  ]);
});

test('a dead letter is replayed once its device is registered, and again without a second reading', async () => {
  const world = await openWorld({ types });
  await world.start();
  const seq = await world.send({ fill: 0.4 });
  await world.settled();
  const as = (role: string, url: string, method: 'GET' | 'POST' = 'POST') =>
    world.http.inject({ method, url, headers: { authorization: `Bearer ${role}` } });
  expect((await as('operator', `/v1/dead-letters/dl-${seq}/replay`)).json()).toMatchObject({
    status: 'open',
    readings: 0,
    code: 'DEVICE_UNKNOWN',
  });
  world.clock.advance(3_600_000);
  await world.addDevice('bin-1');
  expect((await as('operator', `/v1/dead-letters/dl-${seq}/replay`)).json()).toEqual({
    id: `dl-${seq}`,
    status: 'replayed',
    readings: 1,
  });
  expect((await as('operator', `/v1/dead-letters/dl-${seq}/replay`)).json()).toMatchObject({
    status: 'replayed',
    readings: 0,
  });
  expect(await world.stored()).toMatchObject([
    { at: new Date(NOW).toISOString(), receivedAt: new Date(NOW).toISOString(), flags: ['REPLAYED'], value: 0.4 },
  ]);
  expect(world.accepted).toHaveLength(1);
  expect((await as('operator', '/v1/dead-letters?status=replayed', 'GET')).json()).toMatchObject({
    items: [{ id: `dl-${seq}`, code: 'DEVICE_UNKNOWN' }],
  });
  expect((await as('operator', '/v1/dead-letters?status=open', 'GET')).json()).toEqual({ items: [] });
});

test('dead letters are for staff only, and unknown ones are not found', async () => {
  const world = await openWorld({ types });
  await world.start();
  const seq = await world.send('{');
  await world.settled();
  const get = (url: string, role?: string) =>
    world.http.inject({ url, ...(role && { headers: { authorization: `Bearer ${role}` } }) });
  expect((await get('/v1/dead-letters')).statusCode).toBe(401);
  expect((await get('/v1/dead-letters', 'crew')).statusCode).toBe(403);
  expect((await get('/v1/dead-letters/dl-999', 'engineer')).statusCode).toBe(404);
  expect((await get('/v1/dead-letters?code=NONSENSE', 'engineer')).statusCode).toBe(400);
  expect((await get(`/v1/dead-letters/dl-${seq}`, 'engineer')).json()).toMatchObject({ rawBase64: 'ew==' });
  const discarded = await world.http.inject({
    method: 'POST',
    url: `/v1/dead-letters/dl-${seq}/discard`,
    headers: { authorization: 'Bearer admin' },
  });
  expect(discarded.json()).toMatchObject({ status: 'discarded' });
});

test('reading a span again finds nothing new, then what a device registered later adds', async () => {
  const world = await openWorld({ types });
  await world.addDevice('bin-1');
  await world.start();
  for (const fill of [0.1, 0.2]) await world.send({ fill });
  await world.send({ fill: 0.9 }, { origin: { kind: 'device', id: 'bin-2' } });
  await world.settled();
  const replay = async (payload: object) =>
    (
      await world.http.inject({
        method: 'POST',
        url: '/v1/replays',
        headers: { authorization: 'Bearer engineer' },
        payload,
      })
    ).json<Record<string, unknown>>();
  expect(await replay({ deviceId: 'bin-1', dryRun: true })).toMatchObject({
    frames: 3,
    uplinks: 2,
    same: 2,
    new: 0,
    changed: 0,
    dead: 0,
    stored: 0,
    differences: [],
  });
  await world.addDevice('bin-2');
  expect(await replay({ from: '2026-01-01T00:00:00Z', dryRun: true })).toMatchObject({
    new: 1,
    stored: 0,
    differences: [{ deviceId: 'bin-2', now: 0.9 }],
  });
  expect(await replay({ typeId: 'plain' })).toMatchObject({ same: 2, new: 1, stored: 1 });
  expect(await replay({ typeId: 'plain' })).toMatchObject({ same: 3, new: 0, stored: 0 });
  expect(
    (
      await world.http.inject({
        method: 'POST',
        url: '/v1/replays',
        headers: { authorization: 'Bearer engineer' },
        payload: {},
      })
    ).statusCode,
  ).toBe(400);
});

test('a webhook takes the secret as Bearer or Basic, for its own source only, and keeps the body as sent', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'tts', 'things-stack');
  await withSecret(world, 'cs', 'chirpstack', 'other');
  await world.addDevice('laser', 'milesight-em400-tld', { externalIds: { devEui: EUI } });
  await world.start();
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const post = (source: string, authorization: string | undefined, payload: string, type = 'application/json') =>
    world.http.inject({
      method: 'POST',
      url: `/v1/uplinks/${source}`,
      headers: { ...(authorization && { authorization }), 'content-type': type },
      payload,
    });
  const body = JSON.stringify(thingsStackUplink(EUI, { hex: '03671001', fPort: 85, fCnt: 1, atMs: NOW }));
  const table: [string, string | undefined, number][] = [
    ['things-stack', undefined, 401],
    ['things-stack', 'Bearer wrong', 401],
    ['things-stack', 'Bearer', 401],
    ['things-stack', basic('tts:wrong'), 401],
    ['things-stack', basic('nobody:secret-of-tts'), 401],
    ['chirpstack', 'Bearer secret-of-tts', 401],
    ['nonsense', 'Bearer secret-of-tts', 401],
    ['things-stack', 'Bearer secret-of-tts', 200],
    ['things-stack', basic('tts:secret-of-tts'), 200],
    ['chirpstack', basic('cs:secret-of-cs'), 200],
  ];
  for (const [source, authorization, status] of table)
    expect([source, authorization, (await post(source, authorization, body)).statusCode]).toEqual([
      source,
      authorization,
      status,
    ]);
  expect((await post('things-stack', 'Bearer secret-of-tts', '{ not json', 'text/plain')).json()).toEqual({
    accepted: 1,
  });
  expect((await post('things-stack', 'Bearer secret-of-tts', 'x'.repeat(70_000))).statusCode).toBe(413);
  await world.settled();
  const frame = await world.inbox.get(1);
  expect(Buffer.from(frame!.payload).toString()).toBe(body);
  expect(frame).toMatchObject({
    topic: 'webhook/things-stack',
    origin: { kind: 'integration', id: 'tts' },
    tenant: TENANT,
  });
  expect(world.traces.map(({ outcome }) => outcome).sort()).toEqual([
    'dead-letter',
    'dead-letter',
    'duplicate',
    'stored',
  ]);
});

test('other events of ChirpStack than "up" are taken and ignored', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'cs', 'chirpstack');
  await world.start();
  const payload = { deviceInfo: { devEui: EUI }, devAddr: '00189440', fCnt: 0 };
  const answer = await world.http.inject({
    method: 'POST',
    url: '/v1/uplinks/chirpstack?event=join',
    headers: { authorization: 'Bearer secret-of-cs' },
    payload,
  });
  expect(answer.json()).toEqual({ accepted: 1 });
  await world.settled();
  expect(world.traces).toMatchObject([{ outcome: 'ignored', topic: 'webhook/chirpstack/event/join' }]);
});

test('a webhook is told to come back while the inbox cannot store', async () => {
  const world = await openWorld({ types });
  await withSecret(world, 'cs', 'chirpstack');
  await world.start();
  await world.inbox.close();
  const answer = await world.http.inject({
    method: 'POST',
    url: '/v1/uplinks/chirpstack',
    headers: { authorization: 'Bearer secret-of-cs' },
    payload: {},
  });
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
});

const pairs = sharedData('sensors/envelope-pairs.jsonl');
test.skipIf(!pairs)(
  'real messages of registered devices become readings, the others dead letters, none is lost (needs the shared data)',
  async () => {
    const world = await openWorld({ types });
    await world.addDevice('known', 'milesight-em400-tld', { externalIds: { devEui: '24e1641092176759' } });
    await world.start();
    const sources: Record<string, 'things-stack' | 'chirpstack'> = {
      ThingsStackCommunity: 'things-stack',
      ThingsStackIndustries: 'things-stack',
      ChirpStack: 'chirpstack',
      HTTP: 'chirpstack',
    };
    const lines = readFileSync(pairs!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { integration: string; payload: unknown });
    const own = lines.filter(({ integration }) => integration in sources);
    for (const { integration, payload } of own)
      await world.send(payload, {
        source: sources[integration]!,
        origin: { kind: 'integration', id: 'any' },
        topic: 'webhook/any',
      });
    await world.settled();
    expect(world.traces).toHaveLength(own.length);
    const codes = new Set<string>((await world.letters()).map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'DEVICE_UNKNOWN' && code !== 'CODEC_FAULT')).toEqual([]);
    expect((await world.letters()).filter(({ stage }) => stage === 'envelope')).toEqual([]);
  },
);
