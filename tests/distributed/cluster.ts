import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { readingsOf, type Verdict } from '../faults/load.ts';
import { startRonde, type RondeProcess } from '../faults/platform-process.ts';
import { findMosquitto, freePort, startMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts';
import { noOwnPostgres, startPostgres, type OwnPostgres } from '../fixtures/postgres-server.ts';
import { findRedis, startRedis, type RedisServer } from '../fixtures/redis.ts';

const mosquitto = findMosquitto();
const redis = findRedis();

/** Why these tests cannot run here; empty when they can. For their titles, so that skipping is said aloud. */
export const missing = [
  ...(mosquitto ? [] : ['Mosquitto']),
  ...(redis ? [] : ['Redis']),
  ...(noOwnPostgres === '' ? [] : ['PostgreSQL']),
].join(', ');

/** Everything of an installation on several processes, on this machine. */
export interface Cluster {
  broker: Mosquitto;
  redis: RedisServer;
  postgres: OwnPostgres;
  api: RondeProcess;
  workers: RondeProcess[];
  start(roles: string[], name: string, env?: Record<string, string>): Promise<RondeProcess>;
  /** Starts a worker again after its end, on the state it left. */
  restartWorker(index: number): Promise<void>;
  restartBroker(): Promise<void>;
  restartRedis(downMs: number): Promise<void>;
}

/** Starts an outside broker, PostgreSQL, Redis, an API process and ingest workers that share what the broker has. */
export async function startCluster(options: {
  workers: number;
  bus?: 'redis' | 'mqtt';
  /** False: one worker follows and the others stand by. */
  isDivided?: boolean;
}): Promise<Cluster> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-cluster-'));
  const brokerDir = mkdtempSync(join(tmpdir(), 'ronde-cluster-broker-'));
  const running = new Set<RondeProcess>();
  const postgres = await startPostgres();
  const brokerPort = await freePort();
  let broker = await startMosquitto(mosquitto!, { port: brokerPort, dir: brokerDir });
  let bus = await startRedis(redis!);
  onTestFinished(async () => {
    await Promise.all([...running].map((one) => one.kill()));
    await broker.kill();
    await bus.kill();
    await postgres.remove();
    for (const folder of [dir, brokerDir]) rmSync(folder, { recursive: true, force: true });
  });
  const database = await postgres.createDatabase();
  const shared = {
    SEAL_KEY: randomBytes(32).toString('hex'),
    BUS_URL: options.bus === 'mqtt' ? broker.url : bus.url,
    REGISTRY_URL: database,
    READINGS_URL: database,
    MQTT_UPSTREAM_URL: broker.url,
    ...((options.isDivided ?? true) && { MQTT_UPSTREAM_SHARE: 'ingest' }),
    LOG_LEVEL: process.env['RONDE_TEST_LOG'] ?? 'error',
  };
  const start: Cluster['start'] = async (roles, name, env = {}) => {
    const started = await startRonde({ dataDir: join(dir, name), roles, env: { ...shared, ...env } });
    running.add(started);
    void started.ended.then(({ stderr }) => {
      running.delete(started);
      if (process.env['RONDE_TEST_LOG'] && stderr) process.stderr.write(`${name}: ${stderr}\n`);
    });
    return started;
  };
  const worker = (index: number): Promise<RondeProcess> =>
    start(['ingest'], `worker-${index}`, { INGEST_WORKER: `w${index}` });
  // the first one makes the tables; after it all start side by side
  const api = await start(['api'], 'api');
  const workers = await Promise.all(Array.from({ length: options.workers }, (_, index) => worker(index)));
  const cluster: Cluster = {
    broker,
    redis: bus,
    postgres,
    api,
    workers,
    start,
    async restartWorker(index) {
      workers[index] = await worker(index);
    },
    async restartBroker() {
      await broker.stop();
      broker = await startMosquitto(mosquitto!, { port: brokerPort, dir: brokerDir });
      cluster.broker = broker;
    },
    async restartRedis(downMs) {
      await bus.kill();
      await pause(downMs);
      bus = await startRedis(redis!, { port: bus.port });
      cluster.redis = bus;
    },
  };
  return cluster;
}

/** Registers plain devices, each on an asset of its own. */
export async function addBins(api: RondeProcess, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `bin-${index}`);
  await Promise.all(
    ids.map(async (id) => {
      await api.call('POST', '/v1/assets', {
        id: `asset-${id}`,
        kind: 'litter-bin',
        name: id,
        geometry: { type: 'Point', coordinates: [5.1, 52.1] },
        chambers: [{ id: '1' }],
      });
      await api.call('POST', '/v1/devices', { id, typeId: 'plain', assetId: `asset-${id}` });
    }),
  );
  return ids;
}

/** A load of numbered messages; only what the broker acknowledged has to arrive. */
export interface NumberedLoad {
  acked: number[];
  end(): Promise<void>;
}

/** Publishes at QoS 1 at a steady pace, with and without counters; a connection that breaks is made again, nothing is sent twice. */
export function startNumberedLoad(url: () => string, ids: readonly string[], perS: number): NumberedLoad {
  const acked: number[] = [];
  let next = 0;
  let going = true;
  const lane = async (own: readonly string[]): Promise<void> => {
    let client: MqttClient | undefined;
    let gone: Promise<never> | undefined;
    for (let turn = 0; going; turn++) {
      const number = next++;
      const id = own[turn % own.length]!;
      const message = number % 2 === 0 ? { count: number } : { seq: number, count: number };
      try {
        if (!client) {
          client = await connectAsync(url(), { reconnectPeriod: 0, connectTimeout: 3_000 }, false);
          client.on('error', () => undefined);
          gone = new Promise((_, reject) => client!.once('close', () => reject(new Error('closed'))));
          gone.catch(() => undefined);
        }
        await Promise.race([client.publishAsync(`v1/default/${id}/up`, JSON.stringify(message), { qos: 1 }), gone]);
        acked.push(number);
      } catch {
        client?.end(true);
        client = undefined;
      }
      await pause((1000 * lanes.length) / perS);
    }
    client?.end(true);
  };
  const share = Math.ceil(ids.length / LANES);
  const lanes = Array.from({ length: Math.ceil(ids.length / share) }, (_, index) =>
    ids.slice(index * share, (index + 1) * share),
  );
  const running = lanes.map(lane);
  return {
    acked,
    async end() {
      going = false;
      await Promise.all(running);
    },
  };
}

/** Most connections of a load. */
const LANES = 10;
const SETTLE_MS = 90_000;

/** The common oracle over the API: what was acknowledged is in the store exactly once; waits until it is. */
export async function verdictOf(api: RondeProcess, ids: readonly string[], acked: readonly number[]): Promise<Verdict> {
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const copies = new Map<number, number>();
    for (const id of ids)
      for (const { value } of await readingsOf(api, id, 'count')) copies.set(value!, (copies.get(value!) ?? 0) + 1);
    const lost = acked.filter((number) => !copies.has(number));
    const doubled = [...copies].filter(([, count]) => count > 1).map(([number]) => number);
    if (lost.length === 0 || performance.now() > endMs) return { stored: copies.size, lost, doubled };
    await pause(500);
  }
}

/** Waits until something holds, for what real processes need some time. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, patienceMs = 60_000): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`it never happened: ${what}`);
    await pause(100);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
