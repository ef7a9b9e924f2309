import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { openBus, type Bus } from '@ronde/bus';
import type { Source, StoredFrame } from '@ronde/contracts';
import { openInbox, type Inbox } from '@ronde/inbox';
import { createClock, createHealth, createHttp, openMetrics, silentLog, type Health, type Metrics } from '@ronde/kit';
import { hashSecret, openRegistry, type Registry } from '@ronde/registry';
import { onTestFinished } from 'vitest';
import { BrokerConfig } from './config.ts';
import { createBroker, type Broker, type BrokerDeps } from './service.ts';

export const SECRET = 'a-secret-of-the-tests';
const AT = '2026-01-05T06:00:00Z';

/** A broker with a real inbox, registry and bus, on free ports. */
export interface Rig {
  broker: Broker;
  inbox: Inbox;
  registry: Registry;
  bus: Bus;
  metrics: Metrics;
  health: Health;
  port: number;
  addDevice(id: string, tenant?: string, secret?: string): Promise<void>;
  addIntegration(id: string, source: Source): Promise<void>;
  frames(): Promise<StoredFrame[]>;
  /** One metric's value for given labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
}
export interface RigOptions {
  config?: Partial<Record<keyof BrokerConfig, unknown>>;
  deps?: Partial<BrokerDeps>;
  wrapInbox?: (inbox: Inbox) => Inbox;
  wrapRegistry?: (registry: Registry) => BrokerDeps['registry'];
  webSocket?: boolean;
}

export async function startRig(options: RigOptions = {}): Promise<Rig & { httpPort: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-broker-'));
  const log = silentLog();
  const inbox = await openInbox({ dir });
  const registry = await openRegistry('sqlite::memory:', { dataDir: dir, log });
  const bus = await openBus('memory:', log);
  const metrics = openMetrics();
  const health = createHealth();
  const http = options.webSocket
    ? await createHttp({ authenticate: () => Promise.resolve(undefined), version: '0' })
    : undefined;
  const config = BrokerConfig.parse({ MQTT_PORT: 0, ...options.config });
  const broker = createBroker(config, {
    inbox: options.wrapInbox?.(inbox) ?? inbox,
    registry: options.wrapRegistry?.(registry) ?? registry,
    bus,
    clock: createClock(),
    log,
    metrics,
    health,
    http,
    ...options.deps,
  });
  onTestFinished(async () => {
    await broker.stop();
    await http?.close();
    await inbox.close();
    await registry.close();
    await bus.close();
    rmSync(dir, { recursive: true, force: true });
  });
  await broker.start();
  await http?.listen({ port: 0, host: '127.0.0.1' });
  return {
    broker,
    inbox,
    registry,
    bus,
    metrics,
    health,
    port: broker.ports().mqtt,
    httpPort: (http?.server.address() as { port: number } | undefined)?.port ?? 0,
    async addDevice(id, tenant = 'default', secret = SECRET) {
      await registry.devices.put(tenant, { id, typeId: 'plain', createdAt: AT, secretHash: hashSecret(secret) });
    },
    async addIntegration(id, source) {
      await registry.integrations.put('default', { id, source, createdAt: AT, secretHash: hashSecret(SECRET) });
    },
    frames: () => inbox.read(0, 100_000),
    async metric(name, labels = {}) {
      const { values } = await metrics.getSingleMetric(`ronde_${name}`)!.get();
      const fitting = values.filter((value) =>
        Object.entries(labels).every(([key, label]) => value.labels[key] === label),
      );
      return fitting.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** Logs a device in with the real client, without reconnecting. */
export async function login(rig: { port: number }, id: string, over: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(
    `mqtt://127.0.0.1:${rig.port}`,
    {
      clientId: id,
      username: id,
      password: SECRET,
      reconnectPeriod: 0,
      ...over,
    },
    false,
  );
  onTestFinished(() => void client.end(true));
  client.on('error', () => undefined);
  return client;
}

/** A client of bytes: what a real library refuses to send can be sent with it. */
export interface RawClient {
  socket: Socket;
  send(...bytes: Buffer[]): void;
  /** Resolves with everything received once `count` bytes are there or the connection has closed. */
  received(count: number): Promise<Buffer>;
  closed: Promise<void>;
}
export function rawClient(port: number): RawClient {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  let got = Buffer.alloc(0);
  let wake = (): void => undefined;
  socket.on('data', (data) => {
    got = Buffer.concat([got, data]);
    wake();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    wake();
  });
  return {
    socket,
    closed,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    async received(count) {
      while (got.length < count && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
      return got;
    },
  };
}

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
function frame(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** Packets as bytes, MQTT 3.1.1. */
export const bytes = {
  connect(
    id: string,
    over: {
      clean?: boolean;
      will?: string;
      willQos?: number;
      user?: string | Buffer;
      password?: string;
      keepaliveS?: number;
      level?: number;
    } = {},
  ): Buffer {
    const flags = 0xc0 | (over.clean === false ? 0 : 2) | (over.will ? 4 : 0) | ((over.willQos ?? 0) << 3);
    const keepaliveS = over.keepaliveS ?? 60;
    const will = over.will ? [text(over.will), text('gone')] : [];
    return frame(
      0x10,
      Buffer.concat([
        text('MQTT'),
        Buffer.from([over.level ?? 4, flags, keepaliveS >> 8, keepaliveS & 0xff]),
        text(id),
        ...will,
        text(over.user ?? id),
        text(over.password ?? SECRET),
      ]),
    );
  },
  /** CONNECT of MQTT 5, without properties. */
  connect5: (id: string): Buffer =>
    frame(0x10, Buffer.concat([text('MQTT'), Buffer.from([5, 0xc2, 0, 60, 0]), text(id), text(id), text(SECRET)])),
  publish(
    topic: string | Buffer,
    payload: string | Buffer,
    over: { qos?: number; retain?: boolean; dup?: boolean; packetId?: number } = {},
  ): Buffer {
    const { qos = 1, packetId = 1 } = over;
    const first = 0x30 | (over.dup ? 8 : 0) | (qos << 1) | (over.retain ? 1 : 0);
    const id = qos > 0 ? Buffer.from([packetId >> 8, packetId & 0xff]) : Buffer.alloc(0);
    return frame(first, Buffer.concat([text(topic), id, Buffer.from(payload)]));
  },
  subscribe: (filter: string, qos = 1, packetId = 2): Buffer =>
    frame(0x82, Buffer.concat([Buffer.from([0, packetId]), text(filter), Buffer.from([qos])])),
  unsubscribe: (filter: string, packetId = 3): Buffer =>
    frame(0xa2, Buffer.concat([Buffer.from([0, packetId]), text(filter)])),
  frame,
};

/** Logs in with bytes and gives the CONNACK return code, or undefined when the connection closed without one. */
export async function rawLogin(
  port: number,
  connectBytes: Buffer,
): Promise<{ code: number | undefined; client: RawClient }> {
  const client = rawClient(port);
  client.send(connectBytes);
  const answer = await client.received(4);
  return { code: answer.length >= 4 && answer[0] === 0x20 ? answer[3] : undefined, client };
}
