import type { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { INTEGRATION_PREFIX, downlinkTopic, type BusEvents } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { observeInbox, type Inbox } from '@ronde/inbox';
import type { Clock, Health, HttpServer, Logger, Metrics, Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { PAYLOAD_LIMIT } from './access.ts';
import type { BrokerConfig } from './config.ts';
import { guardFrames } from './frame-guard.ts';
import { createHooks, keyOf, type InFlight } from './hooks.ts';
import { inner, type InnerAedes, type InnerClient } from './inside.ts';
import { createAdmission, createFlapGuard } from './limits.ts';
import { listenTcp, listenTls, routeWebSocket, type Listener } from './listeners.ts';
import { createLogin } from './login.ts';
import { brokerMetrics } from './metrics.ts';
import { createSessions } from './sessions.ts';
import { boundWrites } from './write-guard.ts';

export interface BrokerDeps {
  inbox: Inbox;
  registry: Pick<Registry, 'findDevice' | 'findIntegration'>;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  /** Serves MQTT over WebSocket at /mqtt; must not listen before the broker has started. */
  http?: HttpServer | undefined;
  /** Monotonic host milliseconds for rates and bans; platform time may run faster. */
  nowMs?: () => number;
}
export interface Downlink {
  tenant: string;
  deviceId: string;
  payload: Uint8Array;
}

/** The broker as a service. */
export interface Broker extends Service {
  /** The ports it listens on, once started. */
  ports(): { mqtt: number; mqtts?: number };
  /** Hands a downlink to the device's connection, QoS 1; false when the device is not listening now. */
  publishDownlink(downlink: Downlink): boolean;
}

// frames carry the topic and a header besides the payload
const FRAME_EXTRA_BYTES = { device: 4 * 1024, integration: 2 * 1024 } as const;
const DRAIN_MS = 5_000;
const SYSTEM_HEARTBEAT_MS = 3_600_000;

/**
 * Creates the MQTT broker: devices and integrations log in with their secret, and a message is acknowledged only after
 * the inbox has committed it.
 * @throws (by rejection of start) RondeError CONFIG_INVALID for an unreadable certificate, or the listening error
 */
export function createBroker(config: BrokerConfig, deps: BrokerDeps): Broker {
  const { log } = deps;
  const nowMs = deps.nowMs ?? (() => performance.now());
  const inFlight: InFlight = { count: 0, stopping: false };
  const sessions = createSessions();
  const login = createLogin({ registry: deps.registry, timeoutMs: config.MQTT_CONNECT_TIMEOUT_MS });
  const admission = createAdmission<Duplex>({
    maxConnections: config.MQTT_MAX_CONNECTIONS,
    maxHalfOpenPerAddress: config.MQTT_HALF_OPEN_PER_ADDRESS,
    drop: (conn) => cut(conn, 'half-open'),
  });
  const metrics = brokerMetrics(deps.metrics, () => admission.connections);
  const cut = (conn: Duplex, reason: string): void => {
    metrics.cuts.inc({ reason });
    conn.destroy();
  };
  const hooks = createHooks(
    {
      inbox: deps.inbox, login, sessions, flaps: createFlapGuard(nowMs), metrics, clock: deps.clock, log, nowMs,
      keepaliveLimitS: config.MQTT_KEEPALIVE_LIMIT_S,
      ratePerS: config.DEVICE_RATE_PER_S === 'off' ? undefined : config.DEVICE_RATE_PER_S,
      isConnected: (clientId) => aedes.clients[clientId] !== undefined,
    },
    inFlight,
  );
  const aedes = createAedes(config, hooks);
  aedes.on('error' as 'closed', ((error: Error) => log.error({ err: error }, 'broker.engine.break')) as () => void);
  aedes.on('clientError', (_client, error) => log.debug({ reason: error.message }, 'broker.client.close'));
  aedes.on('connectionError', (_client, error) => log.debug({ reason: error.message }, 'broker.connection.close'));
  aedes.on('clientReady', (client) => admission.promote(client.conn as Duplex));

  const accept = (conn: Duplex, address: string): void => {
    // without a listener a reset before Aedes takes over would end the process
    conn.on('error', () => undefined);
    if (inFlight.stopping || !admission.admit(conn, address)) return cut(conn, 'too-many');
    boundWrites(conn, config.MQTT_CLIENT_BUFFER_BYTES, () => metrics.cuts.inc({ reason: 'slow' }));
    const client = inner(aedes.handle(conn));
    guardFrames(client._parser, () => {
      const kind = sessions.of(client)?.kind;
      return kind && PAYLOAD_LIMIT[kind] + FRAME_EXTRA_BYTES[kind];
    });
    conn.once('close', () => {
      admission.release(conn);
      sessions.ended(client);
    });
  };
  const onRegistryChange = async ({ kind, id }: BusEvents['registry.changed']): Promise<void> => {
    if (kind !== 'device' && kind !== 'integration') return;
    const key = keyOf(kind === 'device' ? id : INTEGRATION_PREFIX + id);
    // without an answer nobody may stay on an old secret
    const hash = await login.refresh(kind, id).catch(() => undefined);
    for (const client of sessions.stale(key, hash)) {
      metrics.cuts.inc({ reason: 'secret-changed' });
      client.close();
    }
  };

  const listeners: { tcp?: Listener; tls?: Listener | undefined } = {};
  let endSubscription: (() => void) | undefined;
  const drained = async (): Promise<void> => {
    const untilMs = nowMs() + DRAIN_MS;
    while (inFlight.count > 0 && nowMs() < untilMs) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    async start() {
      await (aedes as unknown as Aedes).listen();
      endSubscription = deps.bus.on('registry.changed', onRegistryChange);
      if (deps.http) routeWebSocket(deps.http, accept);
      listeners.tls = await listenTls(config, accept);
      listeners.tcp = await listenTcp(config, accept);
      deps.health.add('broker', () => (inFlight.stopping ? { ok: false, detail: 'stopping' } : { ok: true }));
      observeInbox(deps.inbox, deps);
      log.info({ mqtt_port: listeners.tcp.port, mqtts_port: listeners.tls?.port }, 'broker.listener.open');
    },
    async stop() {
      if (inFlight.stopping) return;
      inFlight.stopping = true;
      const closing = [listeners.tcp?.close(), listeners.tls?.close()];
      await drained();
      endSubscription?.();
      await new Promise<void>((resolve) => (aedes as unknown as Aedes).close(resolve));
      for (const conn of admission.all()) conn.destroy();
      await Promise.all(closing);
    },
    ports: () => ({ mqtt: listeners.tcp?.port ?? 0, ...(listeners.tls && { mqtts: listeners.tls.port }) }),
    publishDownlink({ tenant, deviceId, payload }) {
      const topic = downlinkTopic(tenant, deviceId);
      const client = aedes.clients[deviceId];
      const listens = client?.subscriptions[topic] !== undefined;
      metrics.downlinks.inc({ outcome: listens ? 'sent' : 'absent' });
      if (listens) send(client!, topic, payload);
      return listens;
    },
  };
}

function createAedes(config: BrokerConfig, hooks: ReturnType<typeof createHooks>): InnerAedes {
  const aedes = new Aedes({
    ...hooks,
    connectTimeout: config.MQTT_CONNECT_TIMEOUT_MS,
    keepaliveLimit: config.MQTT_KEEPALIVE_LIMIT_S,
    heartbeatInterval: SYSTEM_HEARTBEAT_MS,
    maxClientsIdLength: 128,
    maxTopicLevels: 8,
    maxInflightInbound: 1,
  }) as unknown as InnerAedes;
  const distribute = aedes.publish.bind(aedes);
  // nobody may subscribe to uplinks, so what a client published needs no matching against subscriptions
  aedes.publish = (packet, client, done) => {
    if (client === null || typeof client === 'function' || done === undefined) return distribute(packet, client, done);
    done(null);
  };
  return aedes;
}

function send(client: InnerClient, topic: string, payload: Uint8Array): void {
  const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const;
  client.publish(packet, () => undefined);
}
