import { expect, test, vi } from 'vitest';
import type { Page, Reading, Replay, RollupPoint } from '@ronde/contracts';
import { emptyDir, ronde } from './scene.ts';
import type { RondeProcess } from './platform-process.ts';

const WAIT = { timeout: 60_000, interval: 50 };
const FRAMES = 1_200;
const DEVICES = 4;
const TYPE = 'acme-lid';
const NOW = Date.now();

/** A type of one byte; versions differ by an offset, centimetres. */
function files(version: string, offset: number) {
  return {
    sensorYaml: `id: ${TYPE}\nversion: ${version}\nvendor: Acme\nmodel: Lid\ndescription: x\ncodec: codec.js\nmeasurements: { distance: { from: cm, unit: cm, offset: ${offset} } }\nsource: x\nlicence: EUPL-1.2\n`,
    codecJs: 'function decodeUplink(input) { return { data: { cm: input.bytes[0] } }; }',
    examplesYaml: "- { description: one, input: { fPort: 1, hex: '0a' }, output: { data: { cm: 10 } } }",
  };
}

async function publish(running: RondeProcess, version: string, offset: number): Promise<void> {
  const path = `/v1/sensor-types/${TYPE}/versions`;
  await running.call('POST', path, { version, files: files(version, offset) });
  await running.call('POST', `${path}/${version}/promote`);
}

async function fill(running: RondeProcess): Promise<void> {
  const geometry = { type: 'Point', coordinates: [5.1, 52.1] };
  await running.call('POST', '/v1/assets', {
    id: 'bin',
    kind: 'container',
    name: 'Bin',
    geometry,
    chambers: [{ id: '1' }],
  });
  for (let n = 0; n < DEVICES; n += 1) {
    const externalIds = { devEui: `70b3d5e75e00000${n}` };
    const mounting = { emptyDistanceM: 4, fullDistanceM: 0 };
    await running.call('POST', '/v1/devices', { id: `lid-${n}`, typeId: TYPE, externalIds, assetId: 'bin', mounting });
  }
  const { secret } = await running.call<{ secret: string }>('POST', '/v1/integrations', {
    id: 'tts',
    source: 'things-stack',
  });
  for (let from = 0; from < FRAMES; from += 40) {
    await Promise.all(Array.from({ length: 40 }, (_, i) => send(running, secret, from + i)));
  }
}

async function send(running: RondeProcess, secret: string, index: number): Promise<void> {
  const received_at = new Date(NOW - (FRAMES - index) * 60_000).toISOString();
  const uplink_message = {
    f_port: 1,
    f_cnt: Math.floor(index / DEVICES),
    session_key_id: 's',
    frm_payload: Buffer.from([index % 200]).toString('base64'),
    received_at,
  };
  const body = {
    end_device_ids: { device_id: 'lid', dev_eui: `70B3D5E75E00000${index % DEVICES}` },
    received_at,
    uplink_message,
  };
  const answer = await fetch(`${running.url}/v1/uplinks/things-stack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

async function readings(running: RondeProcess, n: number): Promise<Reading[]> {
  const from = new Date(NOW - 2 * FRAMES * 60_000).toISOString();
  return (await running.call<Page<Reading>>('GET', `/v1/devices/lid-${n}/readings?limit=1000&from=${from}`)).items;
}

test('a replay that kill -9 interrupts goes on by itself, and leaves every reading, rollup and last value as one replay would', async () => {
  const dataDir = emptyDir();
  const first = await ronde(dataDir, { REPLAY_FRAMES_PER_S: '250' });
  await publish(first, '1.0.0', 0);
  await fill(first);
  await vi.waitFor(async () => {
    for (let n = 0; n < DEVICES; n += 1) expect(await readings(first, n)).toHaveLength((2 * FRAMES) / DEVICES);
  }, WAIT);
  const before = await Promise.all(Array.from({ length: DEVICES }, (_, n) => readings(first, n)));
  await publish(first, '1.1.0', 40);
  const { id } = await first.call<Replay>('POST', '/v1/replays', { typeId: TYPE });
  await vi.waitFor(async () => {
    const { applied } = await first.call<Replay>('GET', `/v1/replays/${id}`);
    expect(applied?.changed).toBeGreaterThan(0);
  }, WAIT);
  expect((await first.kill()).signal).toBe('SIGKILL');

  const second = await ronde(dataDir);
  const done = await vi.waitFor(async () => {
    const replay = await second.call<Replay>('GET', `/v1/replays/${id}`);
    expect(replay.status).toBe('applied');
    return replay;
  }, WAIT);
  expect(done.diff?.readings).toMatchObject({ changed: 2 * FRAMES, added: 0, removed: 0 });
  for (let n = 0; n < DEVICES; n += 1) {
    const after = await readings(second, n);
    const expected = before[n]!.map(({ value, quantity }) => (quantity === 'fill' ? value! - 0.1 : value! + 0.4));
    expect(after.map(({ value }) => value)).toEqual(expected.map((value) => expect.closeTo(value, 9) as unknown));
    expect(after.map(({ at, uplinkId }) => [at, uplinkId])).toEqual(
      before[n]!.map(({ at, uplinkId }) => [at, uplinkId]),
    );
    expect(
      after.every(({ flags, typeVersion }) => flags.includes('CORRECTED') && typeVersion === `${TYPE}@1.1.0`),
    ).toBe(true);
  }
  const fills = before.flat().filter(({ quantity }) => quantity === 'fill');
  const from = new Date(NOW - 2 * FRAMES * 60_000).toISOString();
  const { items: days } = await second.call<Page<RollupPoint>>(
    'GET',
    `/v1/assets/bin/readings?quantity=fill&step=1d&from=${from}`,
  );
  const sum = days.reduce((total, { mean, count }) => total + mean * count, 0);
  expect(days.reduce((total, { count }) => total + count, 0)).toBe(FRAMES);
  expect(sum).toBeCloseTo(
    fills.reduce((total, { value }) => total + value! - 0.1, 0),
    6,
  );
  const newest = fills.reduce((best, one) => (one.at > best.at ? one : best));
  const asset = await second.call<{ state: { fill: number } }>('GET', '/v1/assets/bin');
  expect(asset.state.fill).toBeCloseTo(newest.value! - 0.1, 9);
});
