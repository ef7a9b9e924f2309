import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import type { AssetTuple, LiveServerMessage, Page, Reading, UplinkTrace } from '@ronde/contracts';
import { connectDevice } from '../faults/load.ts';
import { ADMIN_TOKEN, startRonde, type RondeProcess } from '../faults/platform-process.ts';

/*
 * From a device's publish to what people see, at a city's rate: acknowledgement after the durable commit, reading in the
 * store, line of raw traffic and coloured bin on a dashboard. A dashboard gets at most 4 frames a second, so that half a
 * pause, 125 ms, lies in its middle by design. Beside it, in the same run, bare Aedes from publish to a subscriber: no
 * store, no decoding, no pause. Publishing and receiving share one process and one clock.
 */
const DEVICES = 100;
const RATE_PER_S = 200;
const SECONDS = 10;
const BARE_SECONDS = 5;
const PROBE_EVERY_MS = 100;
const SETTLE_MS = 600;

interface Percentiles {
  n: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}
type Publish = (device: number, number: number) => Promise<void>;

/** Measures the platform and, beside it, bare Aedes at the same rate. */
export async function run(): Promise<object> {
  return {
    devices: DEVICES,
    ratePerS: RATE_PER_S,
    seconds: SECONDS,
    dashboardFramesPerSMax: 4,
    platform: await measurePlatform(),
    bareAedes: await measureBare(),
  };
}

async function measurePlatform(): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-latency-'));
  const ronde = await startRonde({ dataDir });
  try {
    const clients = await connectFleet(ronde);
    const dashboard = await openDashboard(ronde);
    const ackMs: number[] = [];
    const cpuBeforeS = ronde.cpuS();
    const probing = probeStore(ronde, SECONDS);
    await atRate(SECONDS, async (device) => {
      // the time of measurement names the message: it comes back in the bin's tuple
      const atMs = Date.now();
      const sentMs = performance.now();
      dashboard.sent(`asset-${device}`, { atMs, sentMs });
      await clients[device]!.publishAsync(
        `v1/default/dev-${device}/up`,
        JSON.stringify({ at: new Date(atMs).toISOString(), fill: 0.42 }),
        { qos: 1 },
      );
      ackMs.push(performance.now() - sentMs);
    });
    const cpuS = ronde.cpuS() - cpuBeforeS;
    const storeMs = await probing;
    await pause(SETTLE_MS);
    dashboard.close();
    await Promise.all(clients.map((client) => client.endAsync(true)));
    return {
      publishToAck: percentiles(ackMs),
      publishToStoreByRest: percentiles(storeMs),
      publishToRawLine: percentiles(dashboard.rawMs),
      publishToDashboard: percentiles(dashboard.assetMs),
      cpuSharePercent: Math.round((cpuS / SECONDS) * 100),
      memoryMb: Math.round(ronde.rssMb()),
    };
  } finally {
    await ronde.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function connectFleet(ronde: RondeProcess): Promise<MqttClient[]> {
  const clients: MqttClient[] = [];
  for (let index = 0; index < DEVICES; index++) {
    const assetId = `asset-${index}`;
    await ronde.call('POST', '/v1/assets', {
      id: assetId,
      kind: 'litter-bin',
      name: assetId,
      geometry: { type: 'Point', coordinates: [5.1 + index / 1000, 52.09] },
    });
    const device = await ronde.call<{ id: string; secret: string }>('POST', '/v1/devices', {
      id: `dev-${index}`,
      typeId: 'plain',
      assetId,
      chamber: '1',
    });
    clients.push(await connectDevice(ronde.mqttPort, device));
  }
  return clients;
}

/** A dashboard that notes when each message's bin and raw line arrive. */
async function openDashboard(ronde: RondeProcess) {
  const socket = new WebSocket(`${ronde.url.replace('http', 'ws')}/v1/live`, { perMessageDeflate: false });
  await once(socket, 'open');
  const sent = new Map<string, number>();
  const waitingRaw = new Map<string, number[]>();
  const assetMs: number[] = [];
  const rawMs: number[] = [];
  socket.on('message', (data: Buffer) => {
    const nowMs = performance.now();
    const message = JSON.parse(String(data)) as LiveServerMessage;
    if (message.type !== 'delta') return;
    for (const [id, , atMs] of (message.u ?? []) as AssetTuple[]) {
      const sentMs = sent.get(`${id} ${atMs}`);
      if (sentMs !== undefined) assetMs.push(nowMs - sentMs);
    }
    if (message.topic !== 'raw') return;
    for (const { deviceId } of (message.items ?? []) as UplinkTrace[]) {
      // a device's messages come in the order it sent them
      const sentMs = waitingRaw.get(`${deviceId}`)?.shift();
      if (sentMs !== undefined) rawMs.push(nowMs - sentMs);
    }
  });
  for (const message of [
    { type: 'auth', token: ADMIN_TOKEN },
    { type: 'sub', topic: 'assets' },
    { type: 'sub', topic: 'raw' },
  ])
    socket.send(JSON.stringify(message));
  await pause(SETTLE_MS);
  return {
    assetMs,
    rawMs,
    sent(assetId: string, { atMs, sentMs }: { atMs: number; sentMs: number }): void {
      sent.set(`${assetId} ${atMs}`, sentMs);
      const deviceId = assetId.replace('asset', 'dev');
      waitingRaw.set(deviceId, [...(waitingRaw.get(deviceId) ?? []), sentMs]);
    },
    close: () => socket.terminate(),
  };
}

/** One more device whose every message is asked for through the API until it is there; the asking is part of the time. */
async function probeStore(ronde: RondeProcess, seconds: number): Promise<number[]> {
  const device = await ronde.call<{ id: string; secret: string }>('POST', '/v1/devices', {
    id: 'probe',
    typeId: 'plain',
  });
  const client = await connectDevice(ronde.mqttPort, device);
  const tookMs: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  for (let number = 1; performance.now() < endMs; number++) {
    const sentMs = performance.now();
    const acked = client.publishAsync('v1/default/probe/up', JSON.stringify({ count: number }), { qos: 1 });
    while ((await newestOf(ronde, 'probe')) !== number) await pause(1);
    tookMs.push(performance.now() - sentMs);
    await acked;
    await pause(Math.max(0, PROBE_EVERY_MS - (performance.now() - sentMs)));
  }
  await client.endAsync(true);
  return tookMs;
}

async function newestOf(ronde: RondeProcess, id: string): Promise<number | null | undefined> {
  const { items } = await ronde.call<Page<Reading>>(
    'GET',
    `/v1/devices/${id}/readings?quantity=count&order=desc&limit=1`,
  );
  return items[0]?.value;
}

async function measureBare(): Promise<object> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./_bare-aedes.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const url = `mqtt://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`;
    const clients = await Promise.all(Array.from({ length: DEVICES }, () => connectAsync(url)));
    const subscriber = await connectAsync(url);
    await subscriber.subscribeAsync('#', { qos: 0 });
    const arrivalMs: number[] = [];
    const ackMs: number[] = [];
    subscriber.on('message', (_topic, payload) => void arrivalMs.push(performance.now() - Number(String(payload))));
    await atRate(BARE_SECONDS, async (device) => {
      const sentMs = performance.now();
      await clients[device]!.publishAsync(`v1/default/dev-${device}/up`, String(sentMs), { qos: 1 });
      ackMs.push(performance.now() - sentMs);
    });
    await pause(SETTLE_MS);
    await Promise.all([...clients, subscriber].map((client) => client.endAsync(true)));
    return { seconds: BARE_SECONDS, publishToAck: percentiles(ackMs), publishToSubscriber: percentiles(arrivalMs) };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Publishes at the rate, whatever the answers take: an open loop hides no waiting. */
async function atRate(seconds: number, publish: Publish): Promise<void> {
  const under: Promise<void>[] = [];
  const startMs = performance.now();
  for (let number = 0; number < seconds * RATE_PER_S; number++) {
    const dueMs = startMs + (number * 1000) / RATE_PER_S;
    const early = dueMs - performance.now();
    if (early > 1) await pause(early);
    under.push(publish(number % DEVICES, number));
  }
  await Promise.all(under);
}

function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN) * 10) / 10;
  return { n: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
