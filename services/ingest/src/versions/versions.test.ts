import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Replay, SensorTypeDetail, SensorTypeVersion, TryResult, VersionComparisonJob } from '@ronde/contracts';
import { canaryBucket, openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { TENANT, openWorld, temporaryDir, type World } from '../fixtures.ts';
import { CODEC, addLids, caller, lidFiles, sendLid } from './fixtures.ts';

let types: SensorTypes;
let world: World;
let call: ReturnType<typeof caller>;
const SLOW = { timeout: 20_000, interval: 20 };
const TYPE = '/v1/sensor-types/acme-lid';

async function opened(dir: string): Promise<void> {
  world = await openWorld({ types, dir });
  await world.start();
  call = caller(world);
}
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());
beforeEach(async () => {
  for (const id of ['acme-lid', 'milesight-em400-tld']) types.setPublished(id, []);
  await opened(await temporaryDir());
});

const create = (version: string, changed?: Parameters<typeof lidFiles>[1]) =>
  call('POST', `${TYPE}/versions`, { version, files: lidFiles(version, changed) });
const step = (version: string, verb: string, body?: object) =>
  call('POST', `${TYPE}/versions/${version}/${verb}`, body);
const detail = async (): Promise<SensorTypeDetail> => (await call('GET', TYPE)).body as unknown as SensorTypeDetail;
const statuses = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await detail()).versions.map(({ version, status }) => [version, status]));
const fills = async (id: string): Promise<(number | null)[]> =>
  (await world.stored(id)).filter(({ quantity }) => quantity === 'fill').map(({ value }) => value);

test('a wholly new type goes from files to readings without a restart, and survives one', async () => {
  const dir = world.dataDir;
  const added = await create('1.0.0');
  expect(added).toMatchObject({ status: 201, body: { status: 'draft', origin: 'published' } });
  expect(added.headers['location']).toBe(`${TYPE}/versions/1.0.0`);
  await addLids(world, 1);
  await sendLid(world, 0, 100, { fCnt: 1 });
  await world.settled();
  expect(await world.letters()).toMatchObject([{ code: 'SENSOR_TYPE_UNKNOWN' }]);
  expect(await step('1.0.0', 'publish', { canaryPercent: 10 })).toMatchObject({ body: { status: 'active' } });
  await sendLid(world, 0, 50, { fCnt: 2 });
  await world.settled();
  expect(await world.stored('lid-0')).toMatchObject([
    { quantity: 'distance', value: 0.5, typeVersion: 'acme-lid@1.0.0' },
    { quantity: 'fill', value: 0.75, flags: ['DERIVED'] },
  ]);
  expect(await detail()).toMatchObject({
    version: '1.0.0',
    expectedIntervalS: 900,
    quantities: ['distance'],
    devices: 1,
    settings: [{ name: 'interval', parameters: { s: { min: 60, max: 3600 } } }],
  });
  await world.close();
  types.setPublished('acme-lid', []);
  await opened(dir);
  world.clock.advance(60_000);
  await sendLid(world, 0, 20, { fCnt: 3 });
  await world.settled();
  expect(await fills('lid-0')).toEqual([0.75, 0.9]);
});

test('files with faults are refused with all of them at once, and nothing is kept', async () => {
  const files = lidFiles('1.0.0', {
    from: 'distance: { from: cm, unit: cm }',
    to: 'wibble: { from: cm, unit: parsec }',
  });
  const bad = await call('POST', `${TYPE}/versions`, { version: '1.0.0', files });
  expect(bad.status).toBe(400);
  const fields = (bad.body as unknown as { errors: { field: string }[] }).errors.map(({ field }) => field);
  expect(fields).toEqual([
    'files.sensorYaml: measurements.wibble.quantity',
    'files.sensorYaml: measurements.wibble.unit',
  ]);
  const misnamed = await call('POST', '/v1/sensor-types/other/versions', {
    version: '2.0.0',
    files: lidFiles('1.0.0'),
  });
  expect((misnamed.body as unknown as { errors: { field: string }[] }).errors.map(({ field }) => field)).toEqual([
    'files.sensorYaml: id',
    'files.sensorYaml: version',
  ]);
  const { examplesYaml: _proof, ...unproven } = lidFiles('1.0.0');
  expect(await call('POST', `${TYPE}/versions`, { version: '1.0.0', files: unproven })).toMatchObject({
    body: { errors: [{ field: 'files.examplesYaml' }] },
  });
  const wrong = await create('1.0.0', { codec: CODEC.replace('input.bytes[0]', '7') });
  expect(wrong).toMatchObject({
    status: 400,
    body: {
      errors: [{ field: 'files.examplesYaml: 0', message: expect.stringContaining('expected 100, got 7') as unknown }],
    },
  });
  expect(await world.registry.typeVersions.count(TENANT)).toBe(0);
});

test('a version never changes, a draft can be removed, and steps that its state does not allow are refused', async () => {
  await create('1.0.0');
  expect(await create('1.0.0')).toMatchObject({ status: 409, body: { code: 'RESOURCE_EXISTS' } });
  expect(await step('1.0.0', 'roll-back')).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } });
  await step('1.0.0', 'promote');
  expect(await call('DELETE', `${TYPE}/versions/1.0.0`)).toMatchObject({ status: 409 });
  await create('1.1.0');
  expect(await call('DELETE', `${TYPE}/versions/1.1.0`)).toMatchObject({ status: 204 });
  expect(await statuses()).toEqual({ '1.0.0': 'active' });
  await create('1.1.0', { codec: CODEC.replace('input.bytes[0]', 'input.bytes[0] * 1') });
  await create('1.2.0');
  await step('1.1.0', 'publish', { canaryPercent: 20 });
  expect(await step('1.2.0', 'publish', { canaryPercent: 20 })).toMatchObject({ status: 409 });
  expect(await step('1.0.0', 'publish', { canaryPercent: 20 })).toMatchObject({ status: 409 });
  await step('1.1.0', 'promote');
  expect(await statuses()).toEqual({ '1.2.0': 'draft', '1.1.0': 'active', '1.0.0': 'superseded' });
  await step('1.1.0', 'roll-back', { reason: 'does not please' });
  expect(await statuses()).toEqual({ '1.2.0': 'draft', '1.1.0': 'rolled-back', '1.0.0': 'active' });
  expect((await detail()).versions.find(({ version }) => version === '1.1.0')?.note).toBe('does not please');
});

test('a version is taken back without a reason as well: with no body, or an empty one', async () => {
  await create('1.0.0');
  await step('1.0.0', 'promote');
  const shifted = { from: 'unit: cm }', to: 'unit: cm, offset: 1 }' };
  await call('POST', `${TYPE}/versions`, {
    version: '1.1.0',
    files: lidFiles('1.1.0', shifted),
    note: 'what it is for',
  });
  for (const body of [undefined, {}]) {
    await step('1.1.0', 'publish', { canaryPercent: 50 });
    expect(await step('1.1.0', 'roll-back', body)).toMatchObject({
      status: 200,
      body: { status: 'rolled-back', note: 'what it is for', rolledBack: { cause: 'by-hand', by: 'engineer' } },
    });
    expect(await statuses()).toEqual({ '1.1.0': 'rolled-back', '1.0.0': 'active' });
  }
});

test('a built-in type gets a published version, and has its own back when that is rolled back', async () => {
  const id = 'milesight-em400-tld';
  const builtIn = types.get(id)!;
  const files = {
    sensorYaml: `id: ${id}\nversion: 99.0.0\nvendor: Milesight\nmodel: EM400-TLD\ndescription: x\nmeasurements: { temperature: { from: temperature, unit: Cel } }\nsource: x\nlicence: EUPL-1.2\n`,
    codecJs: builtIn.codec,
    examplesYaml:
      '- { description: cold, input: { fPort: 85, hex: 0367cbff }, output: { data: { temperature: -5.3 } } }',
  };
  const at = `/v1/sensor-types/${id}/versions`;
  expect(await call('POST', at, { version: builtIn.manifest.version, files: { ...files } })).toMatchObject({
    status: 400,
  });
  expect(await call('POST', at, { version: '99.0.0', files })).toMatchObject({ status: 201 });
  await call('POST', `${at}/99.0.0/promote`);
  expect(types.list().find((type) => type.id === id)).toMatchObject({ version: '99.0.0' });
  await call('POST', `${at}/99.0.0/roll-back`);
  expect(types.get(id)).toBe(builtIn);
  expect(await call('GET', `${at}/99.0.0/files`)).toMatchObject({ body: files });
});

test('only engineers publish, others may look, and a stale If-Match is refused', async () => {
  await create('1.0.0');
  for (const role of ['viewer', 'crew', 'operator'])
    expect((await caller(world, role)('POST', `${TYPE}/versions/1.0.0/promote`)).status).toBe(403);
  expect((await caller(world, 'viewer')('GET', TYPE)).status).toBe(200);
  expect((await caller(world, 'viewer')('GET', `${TYPE}/versions/1.0.0/files`)).status).toBe(403);
  const { headers } = await call('GET', `${TYPE}/versions/1.0.0`);
  const etag = String(headers['etag']);
  expect((await call('POST', `${TYPE}/versions/1.0.0/promote`, undefined, { 'if-match': '"other"' })).status).toBe(412);
  expect((await call('POST', `${TYPE}/versions/1.0.0/promote`, undefined, { 'if-match': etag })).status).toBe(200);
  expect((await call('POST', `${TYPE}/versions/1.0.0/roll-back`, undefined, { 'if-match': etag })).status).toBe(412);
  expect((await call('GET', '/v1/sensor-types/nobody')).status).toBe(404);
});

test('trying files decodes, normalises and tells what would be stored, and stores nothing', async () => {
  const body = {
    files: lidFiles('1.0.0'),
    frames: [{ fPort: 1, hex: '64' }, { fPort: 9, hex: '64' }, { hex: '' }],
    mounting: { emptyDistanceM: 2, fullDistanceM: 0 },
  };
  const tried = (await call('POST', '/v1/sensor-types/try', body)).body as unknown as TryResult;
  expect(tried.faults).toEqual([]);
  expect(tried.examples).toEqual([{ description: 'one metre', ok: true }]);
  expect(tried.frames).toMatchObject([
    {
      ok: true,
      data: { cm: 100 },
      normalised: [{ quantity: 'distance', value: 1 }],
      written: [{ quantity: 'distance' }, { quantity: 'fill', value: 0.5 }],
    },
    { ok: false, errors: ['unknown port'], written: [] },
    { ok: true, written: [] },
  ]);
  const endless = { ...body, files: lidFiles('1.0.0', { codec: 'function decodeUplink() { for (;;) {} }' }) };
  const stuck = (await call('POST', '/v1/sensor-types/try', endless)).body as unknown as TryResult;
  expect(stuck.examples).toMatchObject([{ ok: false }]);
  expect(stuck.frames.every(({ ok }) => !ok)).toBe(true);
  expect((await call('POST', '/v1/sensor-types/try', { ...body, frames: [{ hex: 'abc' }] })).status).toBe(400);
  expect(types.get('acme-lid')).toBeUndefined();
});

async function compared(version: string, body?: object): Promise<VersionComparisonJob> {
  expect(await step(version, 'compare', body)).toMatchObject({ status: 202 });
  return vi.waitFor(async () => {
    const { body: job } = await call('GET', `${TYPE}/versions/${version}/comparison`);
    expect(job).not.toMatchObject({ status: 'running' });
    return job as unknown as VersionComparisonJob;
  }, SLOW);
}

test('a draft is compared with the active version on the newest real frames, also those of before a restart', async () => {
  const dir = world.dataDir;
  await create('1.0.0');
  await step('1.0.0', 'promote');
  await addLids(world, 3);
  for (let n = 0; n < 60; n += 1) await sendLid(world, n % 3, 50 + n, { fCnt: n, fPort: n % 10 === 9 ? 2 : 1 });
  await world.settled();
  await create('1.1.0', { codec: CODEC.replace('input.fPort !== 1', 'input.bytes[0] === 50') });
  await create('1.2.0', { from: 'unit: cm }', to: 'unit: mm }' });
  const job = await compared('1.1.0');
  expect(job).toMatchObject({ status: 'done', against: '1.0.0', wanted: 1000, found: 60, shortBecause: 'inbox-end' });
  expect(job.result).toMatchObject({ frames: 60, same: 53, newlyReadable: 6, newlyFailing: 1, changed: 0 });
  expect(
    job.result?.examples.find(({ deviceId, after }) => deviceId === 'lid-0' && after.startsWith('unreadable')),
  ).toMatchObject({
    hex: '32',
    before: expect.stringContaining('distance 0.5 m') as unknown,
  });
  await world.close();
  await opened(dir);
  for (let n = 0; n < 5; n += 1) await sendLid(world, 0, 60, { fCnt: 100 + n });
  await world.settled();
  const again = await compared('1.2.0', { frames: 30 });
  expect(again).toMatchObject({ found: 30, shortBecause: null, result: { frames: 30, changed: 27 } });
  expect((await detail()).versions.find(({ version }) => version === '1.2.0')?.comparison).toMatchObject({
    status: 'done',
  });
});

/** Devices in and out of the canaries of a version. */
function split(version: string, percent: number, ids: readonly string[]): { users: number[]; others: number[] } {
  const type = types.get('acme-lid', version)!;
  const users = ids.flatMap((id, n) => (canaryBucket(type, id) < percent ? [n] : []));
  return { users, others: ids.flatMap((_, n) => (users.includes(n) ? [] : [n])) };
}

test('a canary reads the uplinks of its devices, marked, while the others keep the active version', async () => {
  await create('1.0.0');
  await step('1.0.0', 'promote');
  const ids = await addLids(world, 20);
  await create('1.1.0', { from: 'unit: cm }', to: 'unit: cm, offset: 50 }' });
  await step('1.1.0', 'publish', { canaryPercent: 50 });
  const { users, others } = split('1.1.0', 50, ids);
  expect([users.length > 2, others.length > 2]).toEqual([true, true]);
  for (let n = 0; n < 20; n += 1) await sendLid(world, n, 100, { fCnt: 1 });
  await world.settled();
  for (const n of users)
    expect(await world.stored(`lid-${n}`)).toMatchObject([
      { value: 1.5, typeVersion: 'acme-lid@1.1.0', flags: ['CANARY'] },
      { value: 0.25, flags: expect.arrayContaining(['CANARY', 'DERIVED']) as unknown },
    ]);
  for (const n of others) expect(await fills(`lid-${n}`)).toEqual([0.5]);
  expect((await detail()).versions[0]).toMatchObject({
    status: 'canary',
    canaryPercent: 50,
    tally: { canary: { uplinks: users.length, errors: 0 }, active: { uplinks: users.length, errors: 0 } },
  });
});

const FAILING = CODEC.replace(
  'return { data',
  'if (input.bytes[0] < 100 && input.bytes[0] % 10 < 3) throw new Error("planted"); return { data',
);

test('a canary that fails on 30 % of its uplinks is taken back by itself, is told of, and costs no reading', async () => {
  await create('1.0.0');
  await step('1.0.0', 'promote');
  const ids = await addLids(world, 40);
  await create('1.1.0', { codec: FAILING });
  await step('1.1.0', 'publish', { canaryPercent: 50 });
  const { users } = split('1.1.0', 50, ids);
  const sent = new Map<number, number>();
  for (let round = 0; round < 8; round += 1) {
    for (let n = 0; n < 40; n += 1) {
      await sendLid(world, n, 20 + ((n + round) % 10), { fCnt: round });
      sent.set(n, (sent.get(n) ?? 0) + 1);
    }
    await world.settled();
    world.clock.advance(60_000);
  }
  await vi.waitFor(async () => expect(await statuses()).toEqual({ '1.1.0': 'rolled-back', '1.0.0': 'active' }), SLOW);
  await vi.waitFor(async () => {
    const document = (await world.registry.typeVersions.all(TENANT, { typeId: 'acme-lid' })).find(
      (one) => one.version === '1.1.0',
    );
    expect(document?.recovering).toBe(false);
  }, SLOW);
  const back = (await detail()).versions[0]!;
  expect(back.note).toMatch(/rolled back by itself: it failed on \d+ of \d+ uplinks/);
  expect(back.tally.newlyFailing).toBeGreaterThanOrEqual(13);
  expect(back.tally.canary.uplinks).toBeLessThan(users.length * 8);
  expect(back.rolledBack).toMatchObject({ cause: 'worse', by: 'ronde' });
  expect(await world.registry.incidents.all(TENANT)).toMatchObject([
    { kind: 'type-rolled-back', status: 'open', typeId: 'acme-lid', version: '1.1.0' },
  ]);
  // every uplink of every device has its reading, the failed ones from their dead letters
  for (const [n, count] of sent) expect((await fills(`lid-${n}`)).length, `lid-${n}`).toBe(count);
  expect((await world.letters()).filter(({ status }) => status === 'open')).toEqual([]);
  // uplinks that were on their way when it was taken back were not counted any more
  expect((await world.letters()).length).toBeGreaterThanOrEqual(back.tally.newlyFailing);
});

test('what a canary made of uplinks that it could read is put right when it is taken back by hand', async () => {
  await create('1.0.0');
  await step('1.0.0', 'promote');
  const ids = await addLids(world, 12);
  await create('1.1.0', { from: 'unit: cm }', to: 'unit: cm, offset: 50 }' });
  await step('1.1.0', 'publish', { canaryPercent: 50 });
  for (let n = 0; n < 12; n += 1) await sendLid(world, n, 100, { fCnt: 1 });
  world.clock.advance(60_000);
  await world.settled();
  const { users } = split('1.1.0', 50, ids);
  for (const n of users) expect(await fills(`lid-${n}`)).toEqual([0.25]);
  expect(await step('1.1.0', 'roll-back', { reason: 'half a metre too deep' })).toMatchObject({ status: 200 });
  await vi.waitFor(async () => {
    const { items } = (await call('GET', '/v1/replays')).body as { items: Replay[] };
    expect(items).toMatchObject([{ status: 'applied', createdBy: 'ronde', note: '1.1.0 of acme-lid was rolled back' }]);
  }, SLOW);
  for (const id of ids) expect(await fills(id)).toEqual([0.5]);
  expect((await world.stored(`lid-${users[0]!}`))[0]).toMatchObject({
    typeVersion: 'acme-lid@1.0.0',
    flags: ['REPLAYED', 'CORRECTED'],
  });
});

test('the count of a canary goes on after a restart', async () => {
  const dir = world.dataDir;
  await create('1.0.0');
  await step('1.0.0', 'promote');
  await addLids(world, 4);
  await create('1.1.0', { codec: FAILING });
  await step('1.1.0', 'publish', { canaryPercent: 100 });
  for (let n = 0; n < 4; n += 1) await sendLid(world, n, 20, { fCnt: 1 });
  await world.settled();
  await world.close();
  const [kept] = await readVersions(dir);
  expect(kept).toMatchObject({ tally: { canary: { uplinks: 4, errors: 4 }, newlyFailing: 4 } });
});

async function readVersions(dir: string): Promise<SensorTypeVersion[]> {
  await opened(dir);
  return world.registry.typeVersions.all(TENANT, { status: 'canary' });
}
