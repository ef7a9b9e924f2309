import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { ApiConfig, createApi } from '@ronde/api';
import { openBus } from '@ronde/bus';
import type { AssetTuple, Reading } from '@ronde/contracts';
import { createClock, createHealth, createSealer, createHttp, openMetrics, silentLog } from '@ronde/kit';
import { openReadings } from '@ronde/readings';
import { createAuthenticator, openRegistry } from '@ronde/registry';

/*
 * Spreading changes to dashboards: the live channel (state, coalescing, numbered deltas, back-pressure) beside bare ws that
 * sends the same bytes to every socket in a loop. 250 changes of 20,000 assets a batch; clients are a process
 * of their own, so that CPU is the server's alone.
 */
const CLIENTS = 200;
const ASSETS = 20_000;
const CHANGES = 250;
// longer than the channel's pause: a batch is then sent when it comes, and latency is not the pause
const PERIOD_MS = 300;
const SECONDS = 5;
const ROUNDS = 2;
const TOKEN = 'bench';

interface Spread {
  cpuMsPerS: number;
  frames: number;
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}
/** A server under test: `change` makes one batch of changes now. */
interface Server {
  url: string;
  token: string;
  change(batch: number): Promise<void> | void;
  close(): Promise<void>;
}

function idOf(batch: number, index: number): string {
  return `bin-${(batch * CHANGES + index) % ASSETS}`;
}

function fillOf(batch: number, index: number): number {
  return ((batch * 7 + index) % 90) / 100;
}

async function openOurs(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-live-'));
  const log = silentLog();
  const clock = createClock();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const readings = await openReadings('sqlite:', { dataDir, log });
  const bus = await openBus('memory:', log);
  const geometry = { type: 'Point' as const, coordinates: [4.9, 52.37] as [number, number] };
  await registry.assets.putAll(
    'default',
    Array.from({ length: ASSETS }, (_, i) => ({
      id: `bin-${i}`,
      kind: 'litter-bin' as const,
      name: `Bin ${i}`,
      geometry,
      chambers: [{ id: '1' }],
    })),
  );
  const http = await createHttp({
    authenticate: createAuthenticator({ registry, adminToken: TOKEN, tenant: 'default' }),
    version: '0',
  });
  const api = createApi(ApiConfig.parse({}), {
    http,
    registry,
    readings,
    bus,
    clock,
    log,
    sensorTypes: { list: () => [] },
    sealer: createSealer(new Uint8Array(32)),
    metrics: openMetrics(),
    health: createHealth(),
    version: '0',
    commit: '',
    roles: ['api'],
  });
  await api.start();
  const address = await http.listen({ host: '127.0.0.1', port: 0 });
  const change = async (batch: number): Promise<void> => {
    const at = clock.iso();
    const items = Array.from({ length: CHANGES }, (_, i): Reading => ({
      at,
      receivedAt: at,
      deviceId: `dev-${idOf(batch, i)}`,
      assetId: idOf(batch, i),
      chamber: '1',
      quantity: 'fill',
      value: fillOf(batch, i),
      unit: '1',
      quality: 'ok',
      flags: [],
      typeVersion: 'plain@1',
      uplinkId: `u-${batch}-${i}`,
    }));
    await bus.publish('readings.accepted', { tenant: 'default', readings: items });
  };
  const close = async (): Promise<void> => {
    await api.stop();
    await http.close();
    await readings.close();
    await registry.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: `${address.replace('http', 'ws')}/v1/live`, token: TOKEN, change, close };
}

async function openBare(): Promise<Server> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const change = (batch: number): void => {
    const atMs = Date.now();
    const u = Array.from({ length: CHANGES }, (_, i): AssetTuple => [idOf(batch, i), fillOf(batch, i), atMs, 'ok', 0]);
    const frame = Buffer.from(JSON.stringify({ type: 'delta', topic: 'assets', offset: batch, u }));
    for (const client of server.clients) client.send(frame, { binary: false });
  };
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `ws://127.0.0.1:${port}`, token: '', change, close };
}

async function startClients(server: Server, clients: number): Promise<{ child: ChildProcess; ask(): Promise<string> }> {
  const script = fileURLToPath(new URL('./_live-clients.ts', import.meta.url));
  const child = spawn(process.execPath, [script, server.url, String(clients), server.token], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => ((await lines.next()) as { value: string }).value;
  await line();
  const ask = (): Promise<string> => {
    child.stdin.write('report\n');
    return line();
  };
  return { child, ask };
}

async function measure(open: () => Promise<Server>, clients: number): Promise<Spread> {
  const server = await open();
  const { child, ask } = await startClients(server, clients);
  try {
    await server.change(0);
    await pause(1000);
    await ask();
    const before = process.cpuUsage();
    const startMs = performance.now();
    for (let batch = 1; batch <= (SECONDS * 1000) / PERIOD_MS; batch += 1) {
      await pause(Math.max(0, startMs + batch * PERIOD_MS - performance.now()));
      await server.change(batch);
    }
    await pause(500);
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startMs) / 1000;
    const seen = JSON.parse(await ask()) as Omit<Spread, 'cpuMsPerS'>;
    return { cpuMsPerS: Math.round(((user + system) / 1000 / seconds) * 10) / 10, ...seen };
  } finally {
    child.kill('SIGKILL');
    await server.close();
  }
}

/** Measures CPU of the server and the time from a change to its arrival at each of the clients, beside bare ws. */
export async function run(): Promise<object> {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      bare: await measure(openBare, CLIENTS),
      ours: await measure(openOurs, CLIENTS),
      oursOneClient: await measure(openOurs, 1),
    });
  }
  return {
    clients: CLIENTS,
    assets: ASSETS,
    changesPerBatch: CHANGES,
    batchesPerS: Math.round(10_000 / PERIOD_MS) / 10,
    rounds,
  };
}
