import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { BusEvents, Page, Reading, ReadingDifference, Replay } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { NOW, TENANT, openWorld, temporaryDir, type World, type WorldOptions } from '../fixtures.ts';
import { CODEC, addLids, caller, lidFiles, sendLid } from '../versions/fixtures.ts';

const SLOW = { timeout: 20_000, interval: 20 };
const HOUR_MS = 3_600_000;
let types: SensorTypes;
let world: World;
let call: ReturnType<typeof caller>;
let corrected: BusEvents['readings.corrected'][];

async function opened(dir: string, more: Partial<WorldOptions> = {}): Promise<void> {
  types.setPublished('acme-lid', []);
  world = await openWorld({ types, dir, ...more });
  await world.start();
  call = caller(world);
  corrected = [];
  world.bus.on('readings.corrected', (event) => void corrected.push(event));
}
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());
beforeEach(async () => opened(await temporaryDir()));

async function publish(version: string, changed?: Parameters<typeof lidFiles>[1]): Promise<void> {
  const path = '/v1/sensor-types/acme-lid/versions';
  expect(await call('POST', path, { version, files: lidFiles(version, changed) })).toMatchObject({ status: 201 });
  expect(await call('POST', `${path}/${version}/promote`)).toMatchObject({ status: 200 });
}
const asReplay = (body: Record<string, unknown>): Replay => body as unknown as Replay;
const read = async (id: string): Promise<Replay> => asReplay((await call('GET', `/v1/replays/${id}`)).body);
async function ended(id: string): Promise<Replay> {
  return vi.waitFor(async () => {
    const replay = await read(id);
    expect(['compared', 'applied', 'cancelled', 'failed']).toContain(replay.status);
    return replay;
  }, SLOW);
}
async function replayed(body: object): Promise<Replay> {
  const started = await call('POST', '/v1/replays', body);
  expect(started).toMatchObject({ status: 202, body: { status: 'waiting' } });
  return ended(asReplay(started.body).id);
}
const fillsOf = async (id = 'lid-0'): Promise<Reading[]> =>
  (await world.stored(id)).filter(({ quantity }) => quantity === 'fill');
const values = (readings: readonly Reading[]): (number | null)[] =>
  readings.map(({ value }) => (value === null ? null : Math.round(value * 1000) / 1000));

/** Sends one uplink an hour of each distance, centimetres. */
async function sendHours(distances: readonly number[], n = 0): Promise<void> {
  for (const [hour, cm] of distances.entries()) await sendLid(world, n, cm, { fCnt: hour, atMs: NOW + hour * HOUR_MS });
  world.clock.set(NOW + distances.length * HOUR_MS);
  await world.settled();
}
// 2 m deep bins: 5 cm is 97.5 % full, 20 cm is 90 %, 100 cm is half
const OFFSET = { from: 'unit: cm }', to: 'unit: cm, offset: 40 }' };

test('a dry run shows how readings, incidents and figures would differ, and changes nothing', async () => {
  await publish('1.0.0');
  await addLids(world, 2);
  await world.registry.assets.put(TENANT, {
    id: 'bin-0',
    kind: 'underground-container',
    name: 'Bin',
    geometry: { type: 'Point', coordinates: [5, 52] },
    chambers: [{ id: '1' }],
  });
  await sendHours([100, 50, 5, 5, 100, 5]);
  const before = await world.stored('lid-0');
  await publish('1.1.0', OFFSET);
  const replay = await replayed({ typeId: 'acme-lid', dryRun: true });
  expect(replay).toMatchObject({
    status: 'compared',
    version: '1.1.0',
    applied: null,
    progress: { share: 1, frames: 6 },
  });
  expect(replay.diff).toMatchObject({
    frames: 6,
    uplinks: 6,
    failing: 0,
    readings: {
      same: 0,
      added: 0,
      changed: 12,
      removed: 0,
      byQuantity: [
        {
          quantity: 'distance',
          changed: 6,
          meanBefore: expect.closeTo(265 / 600, 6) as unknown,
          meanAfter: expect.closeTo(505 / 600, 6) as unknown,
        },
        { quantity: 'fill', changed: 6 },
      ],
    },
    incidents: {
      before: 2,
      after: 0,
      gone: 2,
      extra: 0,
      goneExamples: [
        {
          kind: 'asset-full',
          assetId: 'bin-0',
          from: new Date(NOW + 2 * HOUR_MS).toISOString(),
          to: new Date(NOW + 4 * HOUR_MS).toISOString(),
        },
        { kind: 'asset-full', assetId: 'bin-0', from: new Date(NOW + 5 * HOUR_MS).toISOString(), to: null },
      ],
    },
    kpis: [
      {
        kind: 'underground-container',
        assets: 1,
        before: { readings: 12, fullHours: 3, silentHours: 0 },
        after: { readings: 12, fullHours: 0, silentHours: 0 },
      },
    ],
  });
  expect(replay.diff?.readings.examples).toHaveLength(12);
  expect(replay.diff?.readings.examples.find(({ quantity }) => quantity === 'fill')).toMatchObject({
    deviceId: 'lid-0',
    was: { value: 0.5, quality: 'ok' },
    now: { value: 0.3, quality: 'ok' },
  });
  expect(replay.diff?.readings).toMatchObject({
    kept: 12,
    byQuality: [{ quality: 'ok', before: 12, after: 12 }],
    byFlag: [{ flag: 'DERIVED', before: 6, after: 6 }],
  });
  expect(await world.stored('lid-0')).toEqual(before);
  expect(corrected).toEqual([]);
  expect((await call('GET', '/v1/replays?status=compared')).body).toMatchObject({ items: [{ id: replay.id }] });
});

test('the readings that differ are paged through, by quantity, device and change', async () => {
  await publish('1.0.0');
  await addLids(world, 3);
  for (let n = 0; n < 3; n += 1)
    for (let i = 0; i < 50; i += 1) await sendLid(world, n, 100, { fCnt: i, atMs: NOW + i * 1_000 });
  world.clock.set(NOW + HOUR_MS);
  await world.settled();
  await publish('1.1.0', OFFSET);
  const { id, diff } = await replayed({ typeId: 'acme-lid', dryRun: true });
  expect(diff?.readings).toMatchObject({ changed: 300, kept: 300 });
  const differences = async (query: string): Promise<Page<ReadingDifference>> =>
    (await call('GET', `/v1/replays/${id}/differences?${query}`)).body as unknown as Page<ReadingDifference>;
  const seen: ReadingDifference[] = [];
  let next: string | undefined;
  do {
    const page = await differences(`limit=70${next === undefined ? '' : `&cursor=${next}`}`);
    seen.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  expect(seen).toHaveLength(300);
  expect(new Set(seen.map(({ deviceId, at, quantity }) => `${deviceId} ${at} ${quantity}`)).size).toBe(300);
  expect(seen[0]).toMatchObject({ assetId: 'bin-0', was: { value: 1, flags: [] }, now: { value: 1.4 } });
  expect((await differences('quantity=fill&deviceId=lid-1&limit=1000')).items).toHaveLength(50);
  expect(await differences('change=removed')).toEqual({ items: [] });
  expect((await call('GET', `/v1/replays/${id}/differences?cursor=x`)).status).toBe(400);
});

test('an applied replay corrects readings, rollups and last values, is told of, and is undone by the earlier version', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  await sendHours([100, 50, 5]);
  const before = await world.stored('lid-0');
  await publish('1.1.0', OFFSET);
  const replay = await replayed({ typeId: 'acme-lid' });
  expect(replay).toMatchObject({ status: 'applied', applied: { same: 0, added: 0, changed: 6, removed: 0 } });
  const after = await fillsOf();
  expect(values(after)).toEqual([0.3, 0.55, 0.775]);
  expect(after[0]).toMatchObject({
    at: before[1]?.at,
    receivedAt: before[1]?.receivedAt,
    uplinkId: before[1]?.uplinkId,
    typeVersion: 'acme-lid@1.1.0',
    flags: ['DERIVED', 'REPLAYED', 'CORRECTED'],
  });
  const day = {
    tenant: TENANT,
    assetId: 'bin-0',
    quantity: 'fill',
    step: '1d',
    fromMs: NOW,
    toMs: NOW + HOUR_MS,
  } as const;
  expect(await world.readings.rollup(day)).toMatchObject([{ min: 0.3, max: 0.775, count: 3 }]);
  expect(values(await world.readings.lastValues({ tenant: TENANT, quantity: 'fill' }))).toEqual([0.775]);
  expect(corrected.flatMap(({ changed }) => changed)).toHaveLength(6);
  expect(await replayed({ typeId: 'acme-lid' })).toMatchObject({ applied: { same: 6, changed: 0 } });
  const undone = await replayed({ typeId: 'acme-lid', version: '1.0.0' });
  expect(undone).toMatchObject({ applied: { changed: 6 } });
  const plain = ({ flags: _flags, ...reading }: Reading) => reading;
  expect((await world.stored('lid-0')).map(plain)).toEqual(before.map(plain));
});

test('what a version no longer gives is taken away, what it gives anew is added, and both come back', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  await sendHours([100, 50]);
  await publish('1.1.0', { from: 'distance: { from: cm, unit: cm }', to: 'waterLevel: { from: cm, unit: cm }' });
  const replay = await replayed({ deviceId: 'lid-0' });
  expect(replay).toMatchObject({ applied: { added: 2, removed: 4, changed: 0, same: 0 } });
  expect(replay.diff?.readings.byQuantity).toMatchObject([
    { quantity: 'distance', removed: 2, meanAfter: null },
    { quantity: 'fill', removed: 2 },
    { quantity: 'waterLevel', added: 2, meanBefore: null },
  ]);
  expect((await world.stored('lid-0')).map(({ quantity, value }) => [quantity, value])).toEqual([
    ['waterLevel', 1],
    ['waterLevel', 0.5],
  ]);
  expect(await world.readings.lastValues({ tenant: TENANT, quantity: 'fill' })).toEqual([]);
  expect(corrected.flatMap(({ removed }) => removed)).toContainEqual({
    deviceId: 'lid-0',
    quantity: 'fill',
    at: new Date(NOW).toISOString(),
    assetId: 'bin-0',
  });
  await replayed({ deviceId: 'lid-0', version: '1.0.0' });
  expect(values(await fillsOf())).toEqual([0.5, 0.75]);
});

test('frames that could not be read become readings and their letters close; those that a version refuses keep theirs', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  await sendLid(world, 0, 100, { fCnt: 1, fPort: 2 });
  await sendLid(world, 0, 50, { fCnt: 2, atMs: NOW + HOUR_MS });
  world.clock.set(NOW + 2 * HOUR_MS);
  await world.settled();
  expect(await world.letters()).toMatchObject([{ status: 'open', code: 'CODEC_FAULT' }]);
  await publish('1.1.0', { codec: CODEC.replace('input.fPort !== 1', 'input.bytes[0] === 50') });
  const accepted = world.accepted.length;
  const dry = await replayed({ typeId: 'acme-lid', dryRun: true });
  expect(dry.diff).toMatchObject({ uplinks: 1, failing: 1, readings: { added: 2, same: 0, changed: 0, removed: 0 } });
  expect(await world.letters()).toMatchObject([{ status: 'open' }]);
  expect(await call('POST', `/v1/replays/${dry.id}/apply`)).toMatchObject({ status: 202 });
  expect(await ended(dry.id)).toMatchObject({ status: 'applied', applied: { added: 2 } });
  expect(values(await fillsOf())).toEqual([0.5, 0.75]);
  expect((await fillsOf())[0]).toMatchObject({ at: new Date(NOW).toISOString(), flags: ['DERIVED', 'REPLAYED'] });
  expect(await world.letters()).toMatchObject([{ status: 'replayed' }]);
  expect(world.accepted.length).toBe(accepted + 2);
});

test('copies of an uplink that live traffic dropped stay dropped, also when the first lies before the span', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  await sendLid(world, 0, 100, { fCnt: 1, atMs: NOW });
  for (const minute of [2, 10, 20]) await sendLid(world, 0, 100, { fCnt: 1, atMs: NOW + minute * 60_000 });
  await sendLid(world, 0, 50, { fCnt: 2, atMs: NOW + 30 * 60_000 });
  world.clock.set(NOW + HOUR_MS);
  await world.settled();
  expect(values(await fillsOf())).toEqual([0.5, 0.75]);
  for (const from of [undefined, new Date(NOW + 5 * 60_000).toISOString()]) {
    const replay = await replayed({ typeId: 'acme-lid', ...(from && { from }) });
    expect(replay.applied).toMatchObject({ added: 0, changed: 0, removed: 0 });
  }
  expect(values(await fillsOf())).toEqual([0.5, 0.75]);
});

test('native uplinks without a time keep the one they were stored under', async () => {
  await world.addDevice('bin-1');
  for (const fill of [0.1, 0.2, 0.3]) await world.send({ fill });
  await world.settled();
  const before = await world.stored();
  expect(new Set(before.map(({ at }) => at)).size).toBe(3);
  expect(await replayed({ typeId: 'plain' })).toMatchObject({ applied: { same: 3, added: 0, changed: 0 } });
  expect(await world.stored()).toEqual(before);
});

test('what crews reported stands, and counts when incidents are compared', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  await sendHours([100, 5, 20]);
  const emptied = new Date(NOW + 1.5 * HOUR_MS).toISOString();
  const crew: Reading = {
    ...(await fillsOf())[0]!,
    deviceId: 'crew-v1',
    at: emptied,
    receivedAt: emptied,
    value: 0,
    flags: ['CREW_EMPTIED'],
    uplinkId: 'event-1',
  };
  await world.readings.append({ tenant: TENANT, readings: [crew] });
  // all bins read 99 % from here on: the crew's visit parts two incidents
  await publish('1.1.0', {
    codec: CODEC.replace('input.bytes[0]', 'input.fPort === 1 && input.bytes[0] === 100 ? 100 : 2'),
  });
  const { diff } = await replayed({ typeId: 'acme-lid' });
  expect(diff?.incidents).toMatchObject({ before: 1, after: 2, gone: 0, extra: 1 });
  expect(diff?.incidents.extraExamples).toMatchObject([
    { kind: 'asset-full', from: new Date(NOW + 2 * HOUR_MS).toISOString() },
  ]);
  expect(await world.stored('crew-v1')).toEqual([crew]);
});

test('a sensor that was silent only because nobody could read it is not silent in the figures of a version that can', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  for (let quarter = 0; quarter < 200; quarter += 1) {
    const fPort = quarter > 40 && quarter < 160 ? 2 : 1;
    await sendLid(world, 0, 100, { fCnt: quarter, fPort, atMs: NOW + quarter * 15 * 60_000 });
  }
  world.clock.set(NOW + 50 * HOUR_MS);
  await world.settled();
  await publish('1.1.0', { codec: CODEC.replace('input.fPort !== 1', 'false') });
  const { diff } = await replayed({ typeId: 'acme-lid', dryRun: true });
  expect(diff?.incidents.goneExamples.map(({ kind, deviceId }) => [kind, deviceId])).toContainEqual([
    'sensor-silent',
    'lid-0',
  ]);
  const [line] = diff!.kpis;
  expect(line!.before.silentHours).toBeGreaterThan(20);
  expect(line!.after.silentHours).toBe(0);
});

test('health that a version shows otherwise is told: a probe that says tilted all the time, or no longer', async () => {
  const tilting = {
    from: 'distance: { from: cm, unit: cm }',
    to: 'distance: { from: cm, unit: cm }\n  tilt: { from: cm, map: { "5": 1, "100": 0 } }',
  };
  await publish('1.0.0', tilting);
  await addLids(world, 1);
  await sendHours([100, 5, 5, 5, 5, 100]);
  await publish('1.1.0');
  const { diff } = await replayed({ typeId: 'acme-lid', dryRun: true });
  expect(diff?.incidents.goneExamples).toContainEqual(
    expect.objectContaining({ kind: 'device-health', issue: 'tilted', deviceId: 'lid-0', assetId: 'bin-0' }),
  );
});

/** Opens a world in which a replay of 1,400 readings takes its time. */
async function slowReplays(): Promise<void> {
  const dir = world.dataDir;
  await publish('1.0.0');
  await addLids(world, 1);
  await sendHours(Array.from({ length: 700 }, (_, hour) => 20 + (hour % 100)));
  await publish('1.1.0', OFFSET);
  await world.close();
  await opened(dir, { replayFramesPerS: 500 });
  world.clock.set(NOW + 1_300 * HOUR_MS);
}

test('a replay that is cancelled keeps what it has done, and goes on when applied again', async () => {
  await slowReplays();
  const dry = await replayed({ typeId: 'acme-lid', dryRun: true });
  await call('POST', `/v1/replays/${dry.id}/apply`);
  await vi.waitFor(async () => expect((await read(dry.id)).applied?.changed).toBeGreaterThan(0), SLOW);
  expect(await call('POST', `/v1/replays/${dry.id}/cancel`)).toMatchObject({ status: 202 });
  const halfway = await ended(dry.id);
  expect(halfway.status).toBe('cancelled');
  expect(halfway.applied!.changed).toBeLessThan(1_400);
  expect(await call('POST', `/v1/replays/${dry.id}/cancel`)).toMatchObject({ status: 409 });
  await call('POST', `/v1/replays/${dry.id}/apply`);
  expect(await ended(dry.id)).toMatchObject({ status: 'applied', applied: { changed: 1_400 } });
  expect((await fillsOf()).every(({ flags }) => flags.includes('CORRECTED'))).toBe(true);
});

test('a replay that a stop interrupts goes on after the start, and corrects each reading once', async () => {
  await slowReplays();
  const { body } = await call('POST', '/v1/replays', { typeId: 'acme-lid' });
  const { id } = asReplay(body);
  await vi.waitFor(async () => expect((await read(id)).applied?.changed).toBeGreaterThan(0), SLOW);
  await world.close();
  await opened(world.dataDir);
  const done = await ended(id);
  expect(done).toMatchObject({ status: 'applied', applied: { added: 0, changed: 1_400, removed: 0 } });
  expect(done.diff?.readings.changed).toBe(1_400);
  expect((await fillsOf()).every(({ typeVersion }) => typeVersion === 'acme-lid@1.1.0')).toBe(true);
});

test('what makes no sense is refused with every field, and only engineers replay', async () => {
  await publish('1.0.0');
  await addLids(world, 1);
  const refused = async (body: object) =>
    (await call('POST', '/v1/replays', body)).body as { errors?: { field: string }[] };
  expect((await refused({})).errors?.map(({ field }) => field)).toEqual(['deviceId']);
  expect((await refused({ deviceId: 'nobody', typeId: 'acme-x' })).errors?.map(({ field }) => field)).toEqual([
    'deviceId',
    'typeId',
  ]);
  expect((await refused({ typeId: 'acme-lid', version: '9.9.9' })).errors?.map(({ field }) => field)).toEqual([
    'version',
  ]);
  expect(
    (await refused({ typeId: 'acme-lid', from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })).errors,
  ).toMatchObject([{ field: 'to' }]);
  expect((await caller(world, 'operator')('POST', '/v1/replays', { typeId: 'plain' })).status).toBe(403);
  expect((await caller(world, 'operator')('GET', '/v1/replays')).status).toBe(200);
  expect((await call('GET', '/v1/replays/nobody')).status).toBe(404);
});
