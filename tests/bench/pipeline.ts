import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Reading } from '@ronde/contracts';
import { openBus } from '@ronde/bus';
import { openInbox } from '@ronde/inbox';
import { IngestConfig, createIngest } from '@ronde/ingest';
import { createClock, createHealth, createSealer, createHttp, openMetrics, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { hashSecret, openRegistry } from '@ronde/registry';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';

const TENANT = 'default';
const DEVICES = 600;
const FRAMES = { plain: 20_000, rated: 20_000, vendor: 6_000 };
const BATCH = 500;
const START_MS = Date.UTC(2026, 0, 5);

type Kind = keyof typeof FRAMES;
interface Measured {
  frames: number;
  readings: number;
  seconds: number;
  framesPerS: number;
  readingsPerS: number;
}

/**
 * Measures frames per second from a filled inbox to stored readings, for native plain values, for native frames with the 11
 * bytes of a Decentlab DL-MBX (the rated load) and for vendor bytes in a network's envelope, and beside each the bare append
 * of the very same readings in the same batches.
 */
export async function run(): Promise<object> {
  const types = await openSensorTypes();
  try {
    return {
      plain: await measure('plain', types),
      rated: await measure('rated', types),
      vendor: await measure('vendor', types),
    };
  } finally {
    await types.close();
  }
}

async function measure(kind: Kind, types: SensorTypes): Promise<object> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-pipeline-'));
  try {
    const { pipeline, batches } = await runPipeline(kind, types, dir);
    const limit = await runAppend(batches, join(dir, 'bare'));
    return { pipeline, bareAppend: limit, share: round(pipeline.readingsPerS / limit.readingsPerS, 3) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function runPipeline(
  kind: Kind,
  types: SensorTypes,
  dataDir: string,
): Promise<{ pipeline: Measured; batches: Reading[][] }> {
  const log = silentLog();
  const bus = await openBus('memory:', log);
  const inbox = await openInbox({ dir: dataDir });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const http = await createHttp({ authenticate: async () => undefined, version: '0.0.0' });
  const clock = createClock();
  for (let n = 0; n < DEVICES; n += 1) await registry.devices.put(TENANT, deviceOf(kind, n));
  await Promise.all(Array.from({ length: FRAMES[kind] }, (_, n) => inbox.append(frameOf(kind, n))));
  const config = IngestConfig.parse({ INGEST_BATCH_FRAMES: BATCH });
  const ingest = createIngest(config, {
    sealer: createSealer(new Uint8Array(32)),
    inbox,
    readings,
    registry,
    bus,
    sensorTypes: types,
    clock,
    log,
    metrics: openMetrics(),
    health: createHealth(),
    http,
  });
  const batches: Reading[][] = [];
  let handled = 0;
  const done = new Promise<void>((resolve) => {
    bus.on('readings.accepted', (event) => void batches.push(event.readings));
    bus.on('uplink.handled', ({ items }) => {
      handled += items.length;
      if (handled >= FRAMES[kind]) resolve();
    });
  });
  const startedAt = performance.now();
  await ingest.start();
  await done;
  const seconds = (performance.now() - startedAt) / 1000;
  await ingest.stop();
  await http.close();
  await Promise.all([inbox.close(), readings.close(), registry.close(), bus.close()]);
  return { pipeline: measured(FRAMES[kind], batches, seconds), batches };
}

async function runAppend(batches: Reading[][], dataDir: string): Promise<Measured> {
  const store = await openReadings('sqlite:', { dataDir, log: silentLog() });
  const startedAt = performance.now();
  for (const [index, readings] of batches.entries()) {
    const uplinkKeys = readings.map((_, n) => ({ key: `k${index}-${n}`, receivedAtMs: START_MS })).slice(0, BATCH);
    await store.append({ tenant: TENANT, readings, uplinkKeys, cursor: { name: 'bench', seq: index + 1 } });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await store.close();
  return measured(batches.length * BATCH, batches, seconds);
}

function measured(frames: number, batches: Reading[][], seconds: number): Measured {
  const readings = batches.reduce((sum, batch) => sum + batch.length, 0);
  return {
    frames,
    readings,
    seconds: round(seconds, 3),
    framesPerS: Math.round(frames / seconds),
    readingsPerS: Math.round(readings / seconds),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function euiOf(n: number): string {
  return `24e12471${n.toString(16).padStart(8, '0')}`;
}

function deviceOf(kind: Kind, n: number) {
  const base = { id: `bench-${n}`, createdAt: new Date(START_MS).toISOString(), secretHash: hashSecret(`${n}`) };
  if (kind === 'plain') return { ...base, typeId: 'plain' };
  if (kind === 'rated') return { ...base, typeId: 'decentlab-dl-mbx' };
  const mounting = { emptyDistanceM: 3, fullDistanceM: 0.2 };
  return {
    ...base,
    typeId: 'milesight-em400-tld',
    externalIds: { devEui: euiOf(n) },
    assetId: `asset-${n}`,
    chamber: '1',
    mounting,
  };
}

function frameOf(kind: Kind, n: number): Frame {
  const device = n % DEVICES;
  const receivedAtMs = START_MS + n * 100;
  const payload = new TextEncoder().encode(JSON.stringify(messageOf(kind, n)));
  if (kind !== 'vendor')
    return {
      tenant: TENANT,
      source: 'native',
      topic: `v1/${TENANT}/bench-${device}/up`,
      receivedAtMs,
      origin: { kind: 'device', id: `bench-${device}` },
      payload,
    };
  return {
    tenant: TENANT,
    source: 'things-stack',
    topic: `v3/app@ttn/devices/${device}/up`,
    receivedAtMs,
    origin: { kind: 'integration', id: 'tts' },
    payload,
  };
}

function messageOf(kind: Kind, n: number): object {
  const seq = Math.floor(n / DEVICES);
  if (kind === 'plain') return { seq, fill: (n % 1000) / 1000 };
  if (kind === 'vendor') return envelopeOf(n % DEVICES, seq, START_MS + n * 100);
  const bytes = Buffer.from('02012f000304d2000f0bb1', 'hex');
  bytes.writeUInt16BE(300 + ((n * 37) % 2000), 5);
  return { fPort: 1, data: bytes.toString('base64'), fCnt: seq };
}

function envelopeOf(device: number, fCnt: number, atMs: number): object {
  const bytes = Buffer.from('0175640367010104820008050000', 'hex');
  bytes.writeUInt16LE(500 + ((fCnt * 37) % 2000), 9);
  const received_at = new Date(atMs).toISOString();
  return {
    end_device_ids: { device_id: `eui-${euiOf(device)}`, dev_eui: euiOf(device).toUpperCase(), dev_addr: '27000020' },
    received_at,
    uplink_message: {
      session_key_id: 'AYfqmb0pc/1uRZv9xUydgQ==',
      f_port: 85,
      f_cnt: fCnt,
      frm_payload: bytes.toString('base64'),
      received_at,
      rx_metadata: [{ gateway_ids: { gateway_id: 'gw' }, time: received_at, rssi: -97, snr: 5.5 }],
    },
  };
}
