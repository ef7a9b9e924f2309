import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RondeError } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, openWorld, storeInTrouble, temporaryDir, thingsStackUplink, letterId } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '24e124713d492002';

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

test('a service whose inbox was begun anew handles its frames from the first on', async () => {
  const dir = await temporaryDir();
  for (const inboxDir of ['one', 'two']) {
    const world = await openWorld({ types, dir, inboxDir: join(dir, inboxDir) });
    world.clock.set(inboxDir === 'one' ? NOW : NOW + 1000);
    await world.addDevice('bin-1');
    await world.start();
    for (const fill of inboxDir === 'one' ? [0.1, 0.2, 0.3] : [0.4]) await world.send({ fill });
    await world.send('{');
    await vi.waitFor(() => expect(world.accepted).toHaveLength(inboxDir === 'one' ? 3 : 1));
    await vi.waitFor(async () => expect(await world.letters()).toHaveLength(inboxDir === 'one' ? 1 : 2));
    await world.close();
  }
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
  const { trouble, wrapReadings } = storeInTrouble();
  const world = await openWorld({ types, wrapReadings });
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
  trouble.isBroken = false;
  await vi.waitFor(async () => {
    world.clock.advance(30_000);
    expect(await world.stored()).toHaveLength(2);
  });
  expect(world.health.report().parts['ingest']).toEqual({ ok: true });
  expect(await world.letters()).toEqual([]);
});

test('more messages than can be handled wait for their acknowledgement, not in an ever longer queue', async () => {
  const total = 16_000;
  const world = await openWorld({
    types,
    batchFrames: 50,
    wrapReadings: (store) => ({
      ...store,
      append: async (batch) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return store.append(batch);
      },
    }),
  });
  await world.addDevice('bin-1');
  await world.start();
  let longest = 0;
  let sent = 0;
  const sender = async (): Promise<void> => {
    while (sent < total) {
      sent += 1;
      const seq = await world.send({ fill: 0.4 });
      longest = Math.max(longest, seq - (await world.readings.cursor('ingest')));
    }
  };
  await Promise.all(Array.from({ length: 1_000 }, sender));
  // what comes before the first few batches are done cannot be held back
  expect(longest).toBeLessThan(13_000);
});

test('a listener that hangs does not stop the way of frames', async () => {
  const world = await openWorld({ types, batchFrames: 1 });
  await world.addDevice('bin-1');
  world.bus.on('readings.accepted', () => new Promise(() => undefined));
  await world.start();
  for (const fill of [0.1, 0.2, 0.3]) await world.send({ fill });
  await vi.waitFor(async () => {
    world.clock.advance(5_000);
    expect(await world.stored()).toHaveLength(3);
  });
  const stopping = world.close();
  await vi.waitFor(async () => {
    world.clock.advance(5_000);
    expect(
      await Promise.race([stopping.then(() => 'stopped'), new Promise((resolve) => setImmediate(resolve, 'waiting'))]),
    ).toBe('stopped');
  });
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
    { id: letterId(2), stage: 'store', reason: expect.stringContaining('planted') as unknown },
  ]);
});

test('a codec host that breaks off costs only its own frames', async () => {
  const fragile: SensorTypes = {
    ...types,
    decodeBatch: () => Promise.reject(new Error('planted')),
    decode: (id, input) =>
      ('fPort' in input ? input.fPort : 0) === 85 ? types.decode(id, input) : Promise.reject(new Error('worker died')),
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
  expect((await as('operator', `/v1/dead-letters/${letterId(seq)}/replay`)).json()).toMatchObject({
    status: 'open',
    readings: 0,
    code: 'DEVICE_UNKNOWN',
  });
  world.clock.advance(3_600_000);
  await world.addDevice('bin-1');
  expect((await as('operator', `/v1/dead-letters/${letterId(seq)}/replay`)).json()).toEqual({
    id: letterId(seq),
    status: 'replayed',
    readings: 1,
  });
  expect((await as('operator', `/v1/dead-letters/${letterId(seq)}/replay`)).json()).toMatchObject({
    status: 'replayed',
    readings: 0,
  });
  expect(await world.stored()).toMatchObject([
    { at: new Date(NOW).toISOString(), receivedAt: new Date(NOW).toISOString(), flags: ['REPLAYED'], value: 0.4 },
  ]);
  expect(world.accepted).toHaveLength(1);
  expect((await as('operator', '/v1/dead-letters?status=replayed', 'GET')).json()).toMatchObject({
    items: [{ id: letterId(seq), code: 'DEVICE_UNKNOWN' }],
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
  expect((await get(`/v1/dead-letters/${letterId(seq)}`, 'engineer')).json()).toMatchObject({ rawBase64: 'ew==' });
  const discarded = await world.http.inject({
    method: 'POST',
    url: `/v1/dead-letters/${letterId(seq)}/discard`,
    headers: { authorization: 'Bearer admin' },
  });
  expect(discarded.json()).toMatchObject({ status: 'discarded' });
});
