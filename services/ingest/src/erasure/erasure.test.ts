import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErasureRecord, Frame, Reading } from '@ronde/contracts';
import { FRAMES_PER_WORKER, openInbox } from '@ronde/inbox';
import type { ReadingsStore } from '@ronde/readings';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { openWorld, temporaryDir, TENANT, type World } from '../fixtures.ts';
import { memoryErasureLog } from './reach.ts';

let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

const FAR = 4e12;
const readingsOf = async (world: World, deviceId: string) =>
  (await world.readings.series({ tenant: TENANT, deviceId, fromMs: 0, toMs: FAR, limit: 10_000 })).items;
const framesWith = async (world: World, deviceId: string) =>
  (await world.inbox.read(0, 10_000)).filter(({ origin }) => origin.id === deviceId);

/** Calls as an admin unless told. */
function caller(world: World, role = 'admin') {
  return async (method: 'POST', url: string, payload: object) => {
    const headers = { authorization: `Bearer ${role}` };
    const answer = await world.http.inject({ method, url, headers, payload });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
}

async function sendAs(world: World, id: string, body: object): Promise<void> {
  await world.send(body, { origin: { kind: 'device', id } });
}

/** Two devices that both sent readings and one message that cannot be read. */
async function fill(world: World): Promise<void> {
  for (const id of ['bin-1', 'bin-2']) {
    await world.addDevice(id);
    for (let count = 0; count < 20; count++) await sendAs(world, id, { count });
    await world.send(new Uint8Array([0xff, 0xfe]), { origin: { kind: 'device', id } });
  }
}

/** Nothing of bin-1 is anywhere, and everything of bin-2 is. */
async function expectErased(world: World): Promise<void> {
  expect(await readingsOf(world, 'bin-1')).toEqual([]);
  expect(await framesWith(world, 'bin-1')).toEqual([]);
  expect(await world.registry.deadLetters.all(TENANT, { deviceId: 'bin-1' })).toEqual([]);
  expect(await world.readings.lastValues({ tenant: TENANT, deviceIds: ['bin-1'] })).toEqual([]);
  expect(await readingsOf(world, 'bin-2')).toHaveLength(20);
  expect(await framesWith(world, 'bin-2')).toHaveLength(21);
}

test('an erasure tells what it would take, takes it everywhere, and a replay brings nothing back', async () => {
  const rewritten: number[] = [];
  const shipping = { erase: async (seqs: readonly number[]) => rewritten.push(...seqs) };
  const world = await openWorld({ types, shipping });
  await world.start();
  await fill(world);
  await world.settled();
  const call = caller(world);
  const dry = await call('POST', '/v1/erasures', { deviceId: 'bin-1', dryRun: true });
  expect(dry).toMatchObject({ status: 200, body: { readings: 20, frames: 21, deadLetters: 1 } });
  expect(await readingsOf(world, 'bin-1')).toHaveLength(20);
  const done = await call('POST', '/v1/erasures', { deviceId: 'bin-1' });
  expect(done).toMatchObject({ status: 200, body: { readings: 20, frames: 21, deadLetters: 1, dryRun: false } });
  expect(rewritten).toHaveLength(21);
  await expectErased(world);
  expect(world.inbox.stats().corrupt).toBe(0);

  const { body } = await call('POST', '/v1/replays', { deviceId: 'bin-1', dryRun: false });
  expect(body).toMatchObject({ id: expect.any(String) });
  await world.settled();
  await expectErased(world);
  // it may send again: what is erased is the past
  await sendAs(world, 'bin-1', { count: 99 });
  await world.settled();
  expect(await readingsOf(world, 'bin-1')).toMatchObject([{ value: 99 }]);
});

test.each(['second place', 'readings'] as const)(
  'an erasure that is cut off at the %s is finished at the next start, with nothing left',
  async (at) => {
    const erasures = memoryErasureLog();
    const dir = await temporaryDir();
    const cut = async (): Promise<never> => Promise.reject(new Error(`cut off at ${at}`));
    const world = await openWorld({
      types,
      dir,
      erasures,
      ...(at === 'second place' && { shipping: { erase: cut } }),
      wrapReadings: (store): ReadingsStore => (at === 'readings' ? { ...store, correct: cut } : store),
    });
    await world.start();
    await fill(world);
    await world.settled();
    expect((await caller(world)('POST', '/v1/erasures', { deviceId: 'bin-1' })).status).toBe(500);
    expect(await readingsOf(world, 'bin-1')).toHaveLength(20);
    await world.close();
    const again = await openWorld({ types, dir, erasures });
    await again.start();
    await expectErased(again);
  },
  60_000,
);

test('a registry and stores from before the erasure are held against its record, which has no name in it', async () => {
  const records: ErasureRecord[] = [];
  const first = await openWorld({ types, erasures: memoryErasureLog(records) });
  await first.start();
  await fill(first);
  await first.settled();
  await caller(first)('POST', '/v1/erasures', { deviceId: 'bin-1' });
  expect(records).toHaveLength(1);
  expect(JSON.stringify(records)).not.toContain('bin-1');
  // as a backup taken before it would be: the same messages in stores that know of no erasure
  const restored = await openWorld({ types, erasures: memoryErasureLog(records) });
  await fill(restored);
  await restored.start();
  await restored.settled();
  await expectErased(restored);
});

test('messages that are not handled yet are erased before they become readings', async () => {
  const world = await openWorld({ types, batchFrames: 5 });
  await fill(world);
  await world.start();
  await caller(world)('POST', '/v1/erasures', { deviceId: 'bin-1' });
  await world.settled();
  await expectErased(world);
});

test('an unknown device, and a request for two things, are refused; so is anybody but an admin', async () => {
  const world = await openWorld({ types });
  await world.start();
  const call = caller(world);
  expect((await call('POST', '/v1/erasures', { deviceId: 'nobody' })).status).toBe(404);
  expect((await call('POST', '/v1/erasures', { deviceId: 'a', assetId: 'b' })).status).toBe(400);
  expect((await caller(world, 'engineer')('POST', '/v1/erasures', { deviceId: 'a' })).status).toBe(403);
});

test('no file of the stores holds what was erased: not in freed pages, packed or replaced, nor in a log', async () => {
  const world = await openWorld({ types, dir: await temporaryDir() });
  await world.start();
  const marker = 'erase-me-f3a9c1';
  const value = 0.123456789012345;
  for (const id of ['bin-1', 'bin-2']) await world.addDevice(id);
  for (let i = 0; i < 40; i++) {
    const body = { fill: value, note: i % 2 === 0 ? marker.repeat(200) : '' };
    await sendAs(world, 'bin-1', body);
    await sendAs(world, 'bin-2', { fill: i / 100 });
  }
  await world.send(new TextEncoder().encode(`{"broken ${marker}`), { origin: { kind: 'device', id: 'bin-1' } });
  await world.settled();
  const held = (): string[] => filesWith(world.dataDir, [Buffer.from(marker), bytesOf(value)]);
  expect(held()).not.toEqual([]);
  // what was moved into blocks leaves pages behind
  await world.readings.compact!();
  expect((await caller(world)('POST', '/v1/erasures', { deviceId: 'bin-1' })).status).toBe(200);
  expect(held()).toEqual([]);
  expect((await readingsOf(world, 'bin-2')).length).toBe(40);
});

/** Stores keep numbers as they are in memory. */
function bytesOf(value: number): Buffer {
  return Buffer.from(new Float64Array([value]).buffer);
}

function filesWith(dir: string, parts: Buffer[]): string[] {
  return readdirSync(dir).filter((name) => {
    const file = join(dir, name);
    return statSync(file).isFile() && parts.some((part) => readFileSync(file).includes(part));
  });
}

test('an erasure is carried out by every worker with an inbox of its own, and says who has yet to', async () => {
  const dir = await temporaryDir();
  const open = (name: string, erasures = memoryErasureLog()) =>
    openWorld({ types, dir, inboxDir: join(dir, name), worker: name, erasures });
  const first = await open('main');
  for (const name of ['main', 'w1']) await first.registry.ingestWorkers.insert(TENANT, { id: name, worker: name });
  await first.registry.assets.put(TENANT, ASSET);
  await first.addDevice('bin-1', 'plain', { assetId: 'asset-1' });
  const other = await openInbox({ dir: join(dir, 'w1'), firstSeq: FRAMES_PER_WORKER });
  const seq = await other.append(frameOf('bin-1', first.clock.nowMs()));
  await other.close();
  // what the other worker stored of it
  await first.readings.append({ tenant: TENANT, readings: [readingOf(seq, first.clock.nowMs())] });
  await first.start();
  await sendAs(first, 'bin-1', { fill: 0.5 });
  await first.settled();
  const { body } = await caller(first)('POST', '/v1/erasures', { assetId: 'asset-1' });
  expect(body).toMatchObject({ readings: 2, frames: 1, reached: ['main'], waiting: ['w1'] });
  await first.close();

  const second = await open('w1');
  expect((await second.inbox.read(0, 10)).length).toBe(1);
  await second.start();
  expect(await second.inbox.read(0, 10)).toEqual([]);
  const notes = (await second.registry.erasures.all(TENANT)).flatMap(({ worker }) => worker ?? []);
  expect(notes.sort()).toEqual(['main', 'w1']);
}, 60_000);

const ASSET = {
  id: 'asset-1',
  kind: 'container' as const,
  name: 'Market',
  chambers: [],
  geometry: { type: 'Point' as const, coordinates: [5.12, 52.09] as [number, number] },
};

function frameOf(id: string, receivedAtMs: number): Frame {
  const payload = new TextEncoder().encode('{"fill":0.4}');
  return {
    tenant: TENANT,
    source: 'native',
    topic: `v1/${TENANT}/${id}/up`,
    receivedAtMs,
    origin: { kind: 'device', id },
    payload,
  };
}

function readingOf(seq: number, atMs: number): Reading {
  const at = new Date(atMs).toISOString();
  const of = { deviceId: 'bin-1', assetId: 'asset-1', quantity: 'fill' as const, value: 0.4, unit: '1' as const };
  const about = { quality: 'ok' as const, flags: [], typeVersion: 'plain@1.0.0', uplinkId: String(seq) };
  return { at, receivedAt: at, ...of, ...about };
}
