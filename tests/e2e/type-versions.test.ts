import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type {
  Asset,
  Incident,
  Page,
  Reading,
  Replay,
  RollupPoint,
  SensorTypeDetail,
  SensorTypeFiles,
  VersionComparisonJob,
} from '@ronde/contracts';
import { openPlatform, type TestPlatform } from './platform.ts';

const WAIT = { timeout: 30_000, interval: 50 };
const CLI = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
const TYPE = 'milesight-em400-tld';
const VERSIONS = `/v1/sensor-types/${TYPE}/versions`;
const NEXT = '99.0.0';
const DEVICES = 24;
/** The bins are 2 m deep; the changed mapping finds every level half a metre lower. */
const DEEPER_M = 0.5;

let platform: TestPlatform;
let secret: string;
let counter = 0;
beforeAll(async () => {
  platform = await openPlatform();
  const place = (n: number) => ({ type: 'Point', coordinates: [5.1 + n / 1000, 52.1] });
  for (let n = 0; n < DEVICES; n += 1) {
    await platform.call('POST', '/v1/assets', {
      id: `bin-${n}`,
      kind: 'container',
      name: `Bin ${n}`,
      geometry: place(n),
      chambers: [{ id: '1' }],
    });
    await platform.call('POST', '/v1/devices', {
      id: `laser-${n}`,
      typeId: TYPE,
      externalIds: { devEui: euiOf(n) },
      assetId: `bin-${n}`,
      chamber: '1',
      mounting: { emptyDistanceM: 2, fullDistanceM: 0 },
    });
  }
  secret = (await platform.call<{ secret: string }>('POST', '/v1/integrations', { id: 'tts', source: 'things-stack' }))
    .secret;
});
afterAll(() => platform.stop());

function euiOf(n: number): string {
  return `24e124713d49${n.toString(16).padStart(4, '0')}`;
}

/** Sends a distance of every device through the webhook of its network server. */
async function sendAll(distanceMm: number, minutesAgo: number): Promise<void> {
  counter += 1;
  const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const hex = `0482${Buffer.from([distanceMm & 255, distanceMm >> 8]).toString('hex')}050000`;
  for (let n = 0; n < DEVICES; n += 1) {
    const response = await fetch(new URL('/v1/uplinks/things-stack', platform.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        end_device_ids: { device_id: `laser-${n}`, dev_eui: euiOf(n).toUpperCase(), dev_addr: '27000020' },
        received_at: at,
        uplink_message: {
          session_key_id: 'AYfqmb0pc/1uRZv9xUydgQ==',
          f_port: 85,
          f_cnt: counter,
          frm_payload: Buffer.from(hex, 'hex').toString('base64'),
          received_at: at,
          rx_metadata: [{ gateway_ids: { gateway_id: 'gw' }, rssi: -90, snr: 7 }],
        },
      }),
    });
    expect(response.status).toBe(200);
  }
}

async function fillsOf(n: number): Promise<Reading[]> {
  const { items } = await platform.call<Page<Reading>>('GET', `/v1/devices/laser-${n}/readings?quantity=fill`);
  return items;
}
async function allStored(perDevice: number): Promise<void> {
  await vi.waitFor(async () => {
    for (let n = 0; n < DEVICES; n += 1) expect(await fillsOf(n)).toHaveLength(perDevice);
  }, WAIT);
}
const stateOf = async (n: number): Promise<Asset['state']> =>
  (await platform.call<Asset>('GET', `/v1/assets/bin-${n}`)).state;
const incidents = async (status: string): Promise<Incident[]> =>
  (await platform.call<Page<Incident>>('GET', `/v1/incidents?kind=asset-full&status=${status}&limit=100`)).items;

/** The built-in files with the distance measured from deeper, and an example of that. */
async function changedFiles(): Promise<SensorTypeFiles> {
  const detail = await platform.call<SensorTypeDetail>('GET', `/v1/sensor-types/${TYPE}`);
  const files = await platform.call<SensorTypeFiles>('GET', `${VERSIONS}/${detail.version}/files`);
  const sensorYaml = files.sensorYaml
    .replace(`version: ${detail.version}`, `version: ${NEXT}`)
    .replace(/( {4}from: distance\n)/, `$1    offset: ${DEEPER_M * 1000}\n`);
  expect(sensorYaml).toContain('offset');
  const examplesYaml = `
- description: 1 m as measured, half a metre more by its new place in the lid
  input: { fPort: 85, hex: '0482e803' }
  output: { data: { distance: 1000 } }
  canonical: [{ quantity: distance, value: 1.5, unit: m, quality: ok, flags: [] }]
`;
  return { ...files, sensorYaml, examplesYaml };
}

async function replayEnded(id: string): Promise<Replay> {
  return vi.waitFor(async () => {
    const replay = await platform.call<Replay>('GET', `/v1/replays/${id}`);
    expect(['compared', 'applied', 'failed']).toContain(replay.status);
    return replay;
  }, WAIT);
}

test('a changed mapping goes from draft over comparison and canary to all devices, and then over their history', async () => {
  for (const [index, distanceMm] of [1_200, 600, 50].entries()) await sendAll(distanceMm, 180 - index * 45);
  await allStored(3);
  await vi.waitFor(async () => expect(await incidents('open')).toHaveLength(DEVICES), WAIT);

  // draft, and what it would change on real frames
  const files = await changedFiles();
  expect(await platform.call('POST', VERSIONS, { version: NEXT, files })).toMatchObject({ status: 'draft' });
  await platform.call('POST', `${VERSIONS}/${NEXT}/compare`);
  const comparison = await vi.waitFor(async () => {
    const job = await platform.call<VersionComparisonJob>('GET', `${VERSIONS}/${NEXT}/comparison`);
    expect(job.status).toBe('done');
    return job;
  }, WAIT);
  expect(comparison.result).toMatchObject({ frames: 3 * DEVICES, changed: 3 * DEVICES, newlyFailing: 0 });

  // half of the devices
  await platform.call('POST', `${VERSIONS}/${NEXT}/publish`, { canaryPercent: 50 });
  await sendAll(1_000, 30);
  await allStored(4);
  const newest = await Promise.all(Array.from({ length: DEVICES }, async (_, n) => (await fillsOf(n)).at(-1)!));
  const canaries = newest.filter(({ flags }) => flags.includes('CANARY'));
  expect(canaries.length).toBeGreaterThan(DEVICES / 6);
  expect(canaries.length).toBeLessThan(DEVICES - DEVICES / 6);
  for (const reading of newest) {
    const isCanary = reading.typeVersion === `${TYPE}@${NEXT}`;
    expect([reading.value, reading.flags.includes('CANARY')]).toEqual([isCanary ? 0.25 : 0.5, isCanary]);
  }

  // all of them, then history: first what would differ
  await platform.call('POST', `${VERSIONS}/${NEXT}/promote`);
  const { id } = await platform.call<Replay>('POST', '/v1/replays', { typeId: TYPE, dryRun: true });
  const compared = await replayEnded(id);
  const changed = 4 * DEVICES - canaries.length;
  expect(compared.diff?.readings.byQuantity.find(({ quantity }) => quantity === 'fill')).toMatchObject({
    changed,
    added: 0,
    removed: 0,
  });
  expect(compared.diff?.incidents).toMatchObject({ gone: DEVICES, extra: 0 });
  expect(compared.diff?.kpis).toMatchObject([{ kind: 'container', assets: DEVICES, after: { fullHours: 0 } }]);
  expect((await fillsOf(0)).slice(0, 3).map(({ value }) => value)).toEqual([0.4, 0.7, 0.975]);

  // then for good
  await platform.call('POST', `/v1/replays/${id}/apply`);
  expect((await replayEnded(id)).applied).toMatchObject({
    changed: compared.diff!.readings.changed,
    added: 0,
    removed: 0,
  });
  const corrected = await fillsOf(0);
  expect(corrected.map(({ value }) => value)).toEqual(
    [0.15, 0.45, 0.725, 0.25].map((value) => expect.closeTo(value, 9) as unknown),
  );
  expect(corrected[0]).toMatchObject({
    typeVersion: `${TYPE}@${NEXT}`,
    flags: expect.arrayContaining(['CORRECTED', 'REPLAYED']) as unknown,
  });
  const days = await platform.call<Page<RollupPoint>>('GET', `/v1/assets/bin-0/readings?quantity=fill&step=1d`);
  expect(Math.max(...days.items.map(({ max }) => max))).toBeCloseTo(0.725, 9);
});

test('live state and incidents follow corrected readings, and the command line takes the correction back', async () => {
  await sendAll(50, 1);
  await allStored(5);
  // read with half a metre more, the bins are not full
  await vi.waitFor(async () => expect((await stateOf(0)).fill).toBeCloseTo(0.725, 9), WAIT);
  await vi.waitFor(async () => expect(await incidents('open')).toEqual([]), WAIT);
  const { version } = (await platform.call<SensorTypeDetail>('GET', `/v1/sensor-types/${TYPE}`)).versions.find(
    ({ origin }) => origin === 'folder',
  )!;
  const args = [
    'replay',
    '--type',
    TYPE,
    '--version',
    version,
    '--url',
    platform.url,
    '--token',
    platform.adminToken.token,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'applied', version, applied: { added: 0, removed: 0 } });
  expect((await fillsOf(0)).map(({ value }) => value)).toEqual([0.4, 0.7, 0.975, 0.5, 0.975]);
  await vi.waitFor(async () => expect((await stateOf(0)).fill).toBe(0.975), WAIT);
  await vi.waitFor(async () => expect(await incidents('open')).toHaveLength(DEVICES), WAIT);
  const again = await promisify(execFile)(process.execPath, [CLI, ...args, '--dry-run']);
  expect(again.stdout).toMatch(/readings: \d+ same, 0 changed, 0 added, 0 removed/);
});
