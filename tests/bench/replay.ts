import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Principal, Replay, SensorTypeFiles } from '@ronde/contracts';
import { openBus } from '@ronde/bus';
import { openInbox } from '@ronde/inbox';
import { IngestConfig, createIngest } from '@ronde/ingest';
import { createClock, createHealth, createHttp, createSealer, openMetrics, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { hashSecret, openRegistry } from '@ronde/registry';
import { openSensorTypes } from '@ronde/sensor-types';

const TENANT = 'default';
const TYPE = 'bench-lid';
const DEVICES = 300;
const FRAMES = 12_000;
const LIVE_FRAMES = 6_000;
const START_MS = Date.now() - 40 * 86_400_000;
const INTERVAL_MS = 900_000;
const POLL_MS = 10;
const ADMIN: Principal = { tenant: TENANT, role: 'admin', tokenId: 'bench' };

/**
 * Measures frames per second of a dry run (readings, incidents and figures compared) and of an applied replay in which
 * every reading changes, beside the live pipeline's rate over the same frames in the same run; and how fast live frames
 * still go while a replay runs without a limit.
 */
export async function run(): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-replay-'));
  const world = await openWorld(dataDir);
  try {
    await world.publish('1.0.0', 0);
    await Promise.all(Array.from({ length: FRAMES }, (_, n) => world.inbox.append(frameOf(n))));
    const live = await timed(FRAMES, () => world.handled(FRAMES));
    await world.publish('1.1.0', 40);
    const body = { typeId: TYPE };
    const dryRun = await timed(FRAMES, () => world.replay({ ...body, dryRun: true }));
    const { applied, ...both } = await world.measureApply(body);
    const beside = await world.liveBeside({ ...body, version: '1.0.0' });
    return {
      frames: FRAMES,
      readingsChanged: applied,
      livePipeline: live,
      dryRun,
      ...both,
      liveWhileReplaying: beside,
      share: { dryRun: ratio(dryRun, live), apply: ratio(both.apply, live), liveBeside: ratio(beside, live) },
    };
  } finally {
    await world.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Rate {
  seconds: number;
  framesPerS: number;
}
const rateOf = (frames: number, seconds: number): Rate => {
  return { seconds: Number(seconds.toFixed(3)), framesPerS: Math.round(frames / seconds) };
};
const ratio = (a: Rate, b: Rate): number => Number((a.framesPerS / b.framesPerS).toFixed(2));

async function timed(frames: number, work: () => Promise<unknown>): Promise<Rate> {
  const startedAt = performance.now();
  await work();
  return rateOf(frames, (performance.now() - startedAt) / 1000);
}

async function openWorld(dataDir: string) {
  const log = silentLog();
  const bus = await openBus('memory:', log);
  const inbox = await openInbox({ dir: dataDir });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const sensorTypes = await openSensorTypes();
  const http = await createHttp({ authenticate: async () => ADMIN, version: '0.0.0' });
  for (let n = 0; n < DEVICES; n += 1) await registry.devices.put(TENANT, deviceOf(n));
  const ingest = createIngest(IngestConfig.parse({ REPLAY_FRAMES_PER_S: 1_000_000 }), {
    inbox,
    readings,
    registry,
    bus,
    sensorTypes,
    clock: createClock(),
    log,
    metrics: openMetrics(),
    health: createHealth(),
    http,
    sealer: createSealer(new Uint8Array(32)),
  });
  await ingest.start();
  const call = async <T>(method: 'GET' | 'POST', url: string, payload?: object): Promise<T> => {
    const answer = await http.inject({
      method,
      url,
      headers: { authorization: 'Bearer x' },
      ...(payload && { payload }),
    });
    if (answer.statusCode >= 400) throw new Error(answer.body);
    return answer.json();
  };
  const handled = async (seq: number): Promise<void> => {
    while ((await readings.cursor('ingest')) < seq) await pause();
  };
  const until = async (id: string, wanted: (replay: Replay) => boolean): Promise<Replay> => {
    for (;;) {
      const replay = await call<Replay>('GET', `/v1/replays/${id}`);
      if (replay.status === 'failed') throw new Error(replay.fault);
      if (wanted(replay)) return replay;
      await pause();
    }
  };
  const isEnd = ({ status }: Replay): boolean => status === 'compared' || status === 'applied';
  return {
    inbox,
    handled,
    async publish(version: string, offset: number) {
      const path = `/v1/sensor-types/${TYPE}/versions`;
      await call('POST', path, { version, files: filesOf(version, offset) });
      await call('POST', `${path}/${version}/promote`);
    },
    replay: async (body: object) => until((await call<Replay>('POST', '/v1/replays', body)).id, isEnd),
    async measureApply(body: object) {
      const { id } = await call<Replay>('POST', '/v1/replays', body);
      await until(id, ({ status }) => status === 'applying' || status === 'applied');
      const startedAt = performance.now();
      const done = await until(id, isEnd);
      return { apply: rateOf(FRAMES, (performance.now() - startedAt) / 1000), applied: done.applied?.changed };
    },
    /** Live frames handled while a replay is being applied without a limit. */
    async liveBeside(body: object): Promise<Rate> {
      const { id } = await call<Replay>('POST', '/v1/replays', body);
      await until(id, ({ status }) => status === 'applying' || status === 'applied');
      await Promise.all(Array.from({ length: LIVE_FRAMES }, (_, n) => inbox.append(frameOf(FRAMES + n))));
      const rate = await timed(LIVE_FRAMES, () => handled(FRAMES + LIVE_FRAMES));
      await until(id, isEnd);
      return rate;
    },
    async close() {
      await ingest.stop();
      await http.close();
      await Promise.all([inbox.close(), readings.close(), registry.close(), bus.close(), sensorTypes.close()]);
    },
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

function filesOf(version: string, offset: number): SensorTypeFiles {
  return {
    sensorYaml: `id: ${TYPE}\nversion: ${version}\nvendor: Bench\nmodel: Lid\ndescription: Two bytes.\ncodec: codec.js\nmeasurements: { distance: { from: mm, unit: mm, offset: ${offset} }, battery: { from: battery, unit: '%' } }\nsource: made up\nlicence: EUPL-1.2\n`,
    codecJs:
      'function decodeUplink(input) { return { data: { mm: input.bytes[0] * 256 + input.bytes[1], battery: 90 } }; }',
    examplesYaml:
      "- { description: one, input: { fPort: 1, hex: '03e8' }, output: { data: { mm: 1000, battery: 90 } } }",
  };
}

function deviceOf(n: number) {
  return {
    id: `bench-${n}`,
    typeId: TYPE,
    externalIds: { devEui: euiOf(n) },
    assetId: `asset-${n}`,
    chamber: '1',
    mounting: { emptyDistanceM: 3, fullDistanceM: 0.2 },
    createdAt: new Date(START_MS).toISOString(),
    secretHash: hashSecret(`${n}`),
  };
}

function euiOf(n: number): string {
  return `70b3d5e7${n.toString(16).padStart(8, '0')}`;
}

function frameOf(n: number): Frame {
  const round = Math.floor(n / DEVICES);
  const receivedAtMs = START_MS + round * INTERVAL_MS + (n % DEVICES) * 100;
  const received_at = new Date(receivedAtMs).toISOString();
  const mm = 400 + ((round * 97 + n * 31) % 2_200);
  const envelope = {
    end_device_ids: {
      device_id: `lid-${n % DEVICES}`,
      dev_eui: euiOf(n % DEVICES).toUpperCase(),
      dev_addr: '27000020',
    },
    received_at,
    uplink_message: {
      session_key_id: 'AYfqmb0pc/1uRZv9xUydgQ==',
      f_port: 1,
      f_cnt: round,
      frm_payload: Buffer.from([mm >> 8, mm & 255]).toString('base64'),
      received_at,
      rx_metadata: [{ gateway_ids: { gateway_id: 'gw' }, time: received_at, rssi: -97, snr: 5.5 }],
    },
  };
  return {
    tenant: TENANT,
    source: 'things-stack',
    topic: 'v3/app@ttn/devices/lid/up',
    receivedAtMs,
    origin: { kind: 'integration', id: 'tts' },
    payload: new TextEncoder().encode(JSON.stringify(envelope)),
  };
}
