import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isRondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { allPages, testDirectory, testReading } from './conformance-fixtures.ts';
import { DOUBLE_ORG, DOUBLE_TOKEN, startInfluxDouble, type InfluxDouble } from './influx-double/server.fixture.ts';
import { probeInflux } from './influx-setup.ts';
import { openReadings, type InfluxOptions } from './open.ts';
import type { AppendResult, ReadingBatch, ReadingsStore, Refusal } from './port.ts';

const WRITE = '/api/v2/write';
const BUCKET = 'readings';
vi.setConfig({ testTimeout: 60_000 });

async function scene(influx: InfluxOptions = {}) {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  const dataDir = testDirectory();
  const open = async (): Promise<ReadingsStore> => {
    const store = await openReadings(double.url, {
      dataDir,
      log: silentLog(),
      influx: { token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: BUCKET, timeoutMs: 10_000, ...influx },
    });
    onTestFinished(() => store.close());
    return store;
  };
  return { double, dataDir, open, store: await open() };
}

const unreachable = { code: 'READINGS_UNREACHABLE' };
const writes = (double: InfluxDouble): InfluxDouble['seen'] => double.seen.filter(({ path }) => path === WRITE);
const minutes = (count: number, from = 0) => Array.from({ length: count }, (_, i) => testReading(from + i, i / 10_000));
const batchOf = (count: number, seq = 1): ReadingBatch => ({
  tenant: 't',
  readings: minutes(count),
  uplinkKeys: [{ key: `k${seq}`, receivedAtMs: Date.parse('2026-01-05T06:00:00Z') }],
  cursor: { name: 'sink', seq },
});

/** Tries as the pipeline does, without end; gives the answer and how often it was refused. */
async function stubborn(store: ReadingsStore, batch: ReadingBatch): Promise<AppendResult & { refusals: number }> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return { ...(await store.append(batch)), refusals };
    } catch (error) {
      if (!isRondeError(error, 'READINGS_UNREACHABLE')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

test('a connection that breaks after the write leaves one copy, and the repetition is told they are new', async () => {
  const { double, store } = await scene();
  double.fates(WRITE, [{ kind: 'reset', store: true }]);
  const batch = batchOf(100);
  await expect(store.append(batch)).rejects.toMatchObject(unreachable);
  const { stored } = await stubborn(store, { ...batch, readings: [...batch.readings] });
  expect(stored.every(Boolean)).toBe(true);
  expect(double.points(BUCKET)).toHaveLength(100);
  expect(await allPages(store, {})).toEqual(batch.readings);
  expect((await store.stats()).readings).toBe(100);
  expect((await store.append(batch)).stored.some(Boolean)).toBe(false);
});

test('errors and 429 are waited out: nothing is lost, and the server is not asked again before it wants to be', async () => {
  const { double, store } = await scene();
  const fates = [500, 503, 429].map((status) => ({ kind: 'answer' as const, status, body: { message: 'later' } }));
  double.fates(WRITE, [fates[0]!, fates[1]!, { ...fates[2]!, headers: { 'retry-after': '2' } }]);
  const { stored, refusals } = await stubborn(store, batchOf(10));
  expect(stored.every(Boolean)).toBe(true);
  const times = writes(double).map(({ atMs }) => atMs);
  expect(times).toHaveLength(4);
  expect(refusals).toBeGreaterThan(4);
  expect(times[1]! - times[0]!).toBeGreaterThan(450);
  expect(times[3]! - times[2]!).toBeGreaterThan(1_900);
});

test.each([
  ['type', 'field type conflict'],
  ['retention', 'beyond retention policy'],
  ['syntax', 'unable to parse'],
] as const)(
  'one point of 5,000 that is refused (%s) is told with its reason, the others are stored',
  async (kind, why) => {
    const { double, store } = await scene();
    const batch = batchOf(5_000);
    const bad = batch.readings[kind === 'retention' ? 0 : 3_210]!;
    double.refuse(({ atMs }) => (atMs === Date.parse(bad.at) ? kind : undefined));
    const told: Refusal[] = [];
    const refused = async (refusals: Refusal[]): Promise<void> => {
      // the cursor must not have left the batch behind before this is written down
      told.push(...refusals);
      await Promise.resolve();
    };
    const { stored } = await store.append({ ...batch, refused });
    expect(told).toEqual([{ reading: bad, reason: expect.stringContaining(why) as unknown }]);
    expect(stored.filter((was) => !was)).toHaveLength(1);
    expect(double.points(BUCKET)).toHaveLength(4_999);
    expect([(await store.stats()).readings, await store.cursor('sink')]).toEqual([4_999, 1]);
    // halves of halves: at most two for each time that 5,000 can be halved
    expect(writes(double).length).toBeLessThanOrEqual(27);
  },
);

test('a batch that lies before the bucket’s retention as a whole is refused in one request', async () => {
  const { double, store } = await scene();
  double.refuse(() => 'retention');
  const told: Refusal[] = [];
  await store.append({ ...batchOf(500), refused: (refusals) => Promise.resolve(void told.push(...refusals)) });
  expect([told.length, writes(double).length]).toEqual([500, 1]);
});

test('whoever does not ask for refusals is refused, and what is good is stored', async () => {
  const { double, store } = await scene();
  double.refuse(({ tags }) => (tags.get('device') === 'bad' ? 'type' : undefined));
  const readings = [testReading(0, 0.1), testReading(0, 0.2, { deviceId: 'bad' })];
  await expect(store.append({ tenant: 't', readings })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect((await store.append({ tenant: 't', readings: readings.slice(0, 1) })).stored).toEqual([false]);
});

test('a body that is too large goes in halves', async () => {
  const { double, store } = await scene();
  double.fates(WRITE, [{ kind: 'answer', status: 413, body: { code: 'request too large', message: 'too large' } }]);
  expect((await store.append(batchOf(20))).stored.every(Boolean)).toBe(true);
  expect(writes(double).map(({ lines }) => lines)).toEqual([20, 10, 10]);
  expect(double.points(BUCKET)).toHaveLength(20);
});

test('a batch goes out whole in one compressed request', async () => {
  const { double, store } = await scene();
  await store.append(batchOf(4_000));
  expect(writes(double)).toMatchObject([{ lines: 4_000, isGzip: true }]);
});

test.each([401, 403, 404])(
  '%i is trouble with the set-up, told with its remedy, and costs no reading',
  async (status) => {
    const { double, store } = await scene();
    double.fates(WRITE, [{ kind: 'answer', status, body: { code: 'no', message: 'no' } }]);
    await expect(store.append(batchOf(3))).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('ronde influx setup') as unknown,
    });
    expect(store.health()).toMatchObject({ ok: false });
    expect((await stubborn(store, batchOf(3))).stored).toEqual([true, true, true]);
    expect(store.health()).toEqual({ ok: true });
  },
);

test('a server that takes the request and never answers is given up, told, and left alone for a while', async () => {
  const { double, store } = await scene({ timeoutMs: 1_000 });
  double.fateOfAll({ kind: 'hang' });
  await expect(store.append(batchOf(3))).rejects.toMatchObject(unreachable);
  expect(store.health()).toMatchObject({ ok: false, detail: expect.stringContaining('no answer') as unknown });
  const before = writes(double).length;
  await expect(store.append(batchOf(3))).rejects.toMatchObject({
    message: expect.stringContaining('not asked again yet') as unknown,
  });
  await expect(store.lastValues({ tenant: 't' })).rejects.toMatchObject(unreachable);
  expect(writes(double)).toHaveLength(before);
  double.fateOfAll(undefined);
  expect((await stubborn(store, batchOf(3))).stored).toEqual([true, true, true]);
  expect(double.points(BUCKET)).toHaveLength(3);
});

test('an answer that trickles in byte by byte is given up as well', async () => {
  const { double, store } = await scene({ timeoutMs: 1_000 });
  double.fates('/api/v2/query', [{ kind: 'trickle', everyMs: 20 }]);
  await expect(store.lastValues({ tenant: 't' })).rejects.toMatchObject(unreachable);
  expect(await store.lastValues({ tenant: 't' })).toEqual([]);
});

test('health turns red without a batch when the server goes, and green when it is back', async () => {
  const { double, store } = await scene();
  await double.down();
  await vi.waitFor(() => expect(store.health()).toMatchObject({ ok: false }), { timeout: 20_000 });
  await double.up();
  await vi.waitFor(() => expect(store.health()).toEqual({ ok: true }), { timeout: 20_000 });
});

test('a store opens while the server is down, and the batch that was on its way arrives by itself', async () => {
  const { double, store, open } = await scene();
  double.fates(WRITE, [{ kind: 'reset', store: false }]);
  await expect(store.append(batchOf(5, 9))).rejects.toMatchObject(unreachable);
  await store.close();
  await double.down();
  const again = await open();
  // what is decided counts: the frames behind the cursor are not read again
  expect(await again.cursor('sink')).toBe(9);
  expect(await again.uplinkKeysSince(0)).toEqual(['k9']);
  expect(await again.stats()).toMatchObject({ readings: 5 });
  await double.up();
  await vi.waitFor(() => expect(double.points(BUCKET)).toHaveLength(5), { timeout: 30_000 });
  expect((await stubborn(again, batchOf(5, 10))).stored.some(Boolean)).toBe(false);
});

test('another batch never overtakes the one on its way, and its own caller still gets the answer', async () => {
  const { double, store } = await scene();
  double.fates(WRITE, [{ kind: 'reset', store: true }]);
  const first = batchOf(4);
  await expect(store.append(first)).rejects.toMatchObject(unreachable);
  const other = { tenant: 't', readings: [testReading(0, 0.9, { deviceId: 'crew-v' })] };
  expect((await stubborn(store, other)).stored).toEqual([true]);
  expect((await store.append(first)).stored).toEqual([true, true, true, true]);
  expect((await store.append(first)).stored).toEqual([false, false, false, false]);
  expect([double.points(BUCKET).length, (await store.stats()).readings]).toEqual([5, 5]);
});

test('a journal that is lost is learned from the bucket: the first reading of a moment still wins', async () => {
  const { double, store, dataDir, open } = await scene();
  await store.append(batchOf(20));
  await store.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `readings-influx.sqlite${end}`), { force: true });
  const again = await open();
  expect(await again.stats()).toMatchObject({ readings: 20, newestAtMs: Date.parse(minutes(20).at(-1)!.at) });
  const moved = minutes(21).map((reading) => ({ ...reading, assetId: 'elsewhere', value: 0.99 }));
  const { stored } = await again.append({ tenant: 't', readings: moved });
  expect(stored.filter(Boolean)).toHaveLength(1);
  expect(double.points(BUCKET)).toHaveLength(21);
});

test('a correction that breaks off is done once, whoever comes next', async () => {
  const { double, store } = await scene();
  await store.append(batchOf(3));
  double.fates('/api/v2/delete', [{ kind: 'reset', store: true }]);
  const [first, second] = minutes(3);
  const correction = {
    tenant: 't',
    readings: [{ ...first!, value: null, quality: 'invalid' as const }],
    remove: [{ deviceId: 'd', quantity: 'fill' as const, at: second!.at, uplinkId: second!.uplinkId }],
  };
  await expect(store.correct(correction)).rejects.toMatchObject(unreachable);
  const later = { tenant: 't', readings: [testReading(50, 0.5)] };
  expect((await stubborn(store, later)).stored).toEqual([true]);
  expect(await store.correct(correction)).toEqual({ outcomes: ['changed'], removed: [true] });
  expect(await allPages(store, {})).toHaveLength(3);
  expect((await store.stats()).readings).toBe(3);
});

test('identifiers with any sign come back as they were, and no text becomes a query', async () => {
  const { store } = await scene();
  const odd = 'a"b\\c,d=e f|g") |> yield() //';
  const reading = testReading(0, 0.1, {
    deviceId: odd,
    assetId: odd,
    chamber: odd,
    uplinkId: `7|${odd}`,
    typeVersion: 'x@1',
  });
  await store.append({ tenant: odd, readings: [reading] });
  expect(await store.lastValues({ tenant: odd, assetIds: [odd] })).toEqual([reading]);
  expect(
    (await store.series({ tenant: odd, deviceId: odd, chamber: odd, fromMs: 0, toMs: 8e15, limit: 9 })).items,
  ).toEqual([reading]);
  const remove = [
    { deviceId: odd, chamber: odd, quantity: 'fill' as const, at: reading.at, uplinkId: reading.uplinkId },
  ];
  expect((await store.correct({ tenant: odd, readings: [], remove })).removed).toEqual([true]);
  expect(await store.lastValues({ tenant: odd })).toEqual([]);
});

test('a probe tells what is wrong with address, token and organisation', async () => {
  const { double } = await scene();
  const where = { url: double.url.slice('influxdb+'.length), token: DOUBLE_TOKEN, org: DOUBLE_ORG, bucket: BUCKET };
  expect(await probeInflux(where)).toBeUndefined();
  expect(await probeInflux({ ...where, token: 'wrong' })).toContain('INFLUX_TOKEN');
  expect(await probeInflux({ ...where, org: 'elsewhere' })).toContain('organisation "elsewhere"');
  await double.down();
  expect(await probeInflux(where)).toContain('ECONNREFUSED');
});
