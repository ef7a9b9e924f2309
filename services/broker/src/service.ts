import type { Duplex } from 'node:stream';
import type { Aedes } from 'aedes';
import { INTEGRATION_PREFIX, downlinkTopic, matchesFilter, type BusEvents } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { observeInbox, type Inbox } from '@ronde/inbox';
import { gauge, type Clock, type Health, type HttpServer, type Logger, type Metrics, type Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { PAYLOAD_LIMIT } from './access.ts';
import type { BrokerConfig } from './config.ts';
import { createConnections, type Connections } from './connections.ts';
import { createEngine, UPLINK_PROFILE } from './engine.ts';
import { createHooks, keyOf } from './hooks.ts';
import type { InnerAedes, InnerClient } from './inside.ts';
import { createFlapGuard } from './limits.ts';
import { listenTcp, listenTls, routeWebSocket, type Listener } from './listeners.ts';
import { createLogin, type Login } from './login.ts';
import { brokerMetrics, type BrokerMetrics } from './metrics.ts';
import { REASON } from './mqtt5.ts';
import { createPublishing, type InFlight } from './publishing.ts';
import { createSessions, type Sessions } from './sessions.ts';

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
  /** Reads renewed certificate files now; a timer does so every minute. */
  checkCertificate(): void;
  /** Hands a downlink to the device's connection, QoS 1; false when the device is not listening now. */
  publishDownlink(downlink: Downlink): boolean;
  /** Hands a message to a network server's own connection that waits on its topic, QoS 1; false when none does. */
  publishToNetwork(message: { integrationId: string; topic: string; payload: Uint8Array }): boolean;
}

const DRAIN_MS = 5_000;
// frames carry the topic and a header besides the payload
const FRAME_EXTRA_BYTES = { device: 4 * 1024, integration: 2 * 1024 } as const;

/**
 * Creates the MQTT broker: devices and integrations log in with their secret, and a message is acknowledged only after
 * the inbox has committed it.
 * @throws (by rejection of start) RondeError CONFIG_INVALID for an unreadable certificate, or the listening error
 */
export function createBroker(config: BrokerConfig, deps: BrokerDeps): Broker {
  const parts = assemble(config, deps);
  const { aedes, connections, inFlight, metrics, nowMs } = parts;
  const listeners: { tcp?: Listener; tls?: Listener | undefined } = {};
  let endSubscription: (() => void) | undefined;
  const drained = async (): Promise<void> => {
    const untilMs = nowMs() + DRAIN_MS;
    while (inFlight.count > 0 && nowMs() < untilMs) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    async start() {
      await aedes.listen();
      endSubscription = deps.bus.on('registry.changed', (change) => endStale(parts, change));
      tellListeners(parts, deps.bus);
      if (deps.http) routeWebSocket(deps.http, connections.accept);
      listeners.tls = await listenTls(config, { ...deps, nowMs: Date.now, accept: connections.accept });
      listeners.tcp = await listenTcp(config, connections.accept);
      deps.health.add('broker', () => (inFlight.stopping ? { ok: false, detail: 'stopping' } : { ok: true }));
      observeInbox(deps.inbox, deps);
      deps.log.info({ mqtt_port: listeners.tcp.port, mqtts_port: listeners.tls?.port }, 'broker.listener.open');
    },
    async stop() {
      if (inFlight.stopping) return;
      inFlight.stopping = true;
      const closing = [listeners.tcp, listeners.tls].map(async (listener) => listener?.close());
      await drained();
      endSubscription?.();
      for (const client of Object.values(aedes.clients)) connections.farewell(client, REASON.stopping);
      await new Promise<void>((resolve) => (aedes as unknown as Aedes).close(resolve));
      connections.destroyAll();
      await Promise.all(closing);
    },
    checkCertificate: () => listeners.tls?.checkCertificate?.(),
    ports: () => ({ mqtt: listeners.tcp?.port ?? 0, ...(listeners.tls && { mqtts: listeners.tls.port }) }),
    publishDownlink({ tenant, deviceId, payload }) {
      const topic = downlinkTopic(tenant, deviceId);
      const client = aedes.clients[deviceId];
      const listens = client?.subscriptions[topic] !== undefined && connections.hasRoom(client);
      metrics.downlinks.inc({ outcome: listens ? 'sent' : 'absent' });
      if (listens) send(client!, topic, payload);
      return listens;
    },
    publishToNetwork({ integrationId, topic, payload }) {
      const client = parts.sessions
        .connections(INTEGRATION_PREFIX + integrationId)
        .find(
          (one) =>
            connections.hasRoom(one) && Object.keys(one.subscriptions).some((filter) => matchesFilter(topic, filter)),
        );
      metrics.downlinks.inc({ outcome: client ? 'sent' : 'absent' });
      if (client) send(client, topic, payload);
      return client !== undefined;
    },
  };
}

interface Parts {
  aedes: InnerAedes;
  connections: Connections;
  sessions: Sessions;
  login: Login;
  metrics: BrokerMetrics;
  inFlight: InFlight;
  nowMs: () => number;
}

function assemble(config: BrokerConfig, deps: BrokerDeps): Parts {
  const nowMs = deps.nowMs ?? (() => performance.now());
  const inFlight: InFlight = { count: 0, stopping: false };
  const sessions = createSessions();
  const login = createLogin({ registry: deps.registry, timeoutMs: config.MQTT_CONNECT_TIMEOUT_MS });
  const metrics = brokerMetrics(deps.metrics, () => connections.count());
  gauge(deps.metrics, 'mqtt_publishes_waiting', 'PUBLISH packets that wait for their commit', () => inFlight.count);
  const ratePerS = config.DEVICE_RATE_PER_S === 'off' ? undefined : config.DEVICE_RATE_PER_S;
  const publishing = createPublishing({ ...deps, metrics, nowMs, ratePerS }, inFlight);
  const hooks = createHooks(
    {
      inbox: deps.inbox,
      login,
      publishing,
      sessions,
      flaps: createFlapGuard(nowMs),
      metrics,
      log: deps.log,
      keepaliveLimitS: config.MQTT_KEEPALIVE_LIMIT_S,
      isConnected: (clientId) => aedes.clients[clientId] !== undefined,
      tellTakenOver: (clientId) => connections.farewell(aedes.clients[clientId]!, REASON.takenOver),
    },
    inFlight,
  );
  const aedes = createEngine(config, hooks, { log: deps.log });
  const connections = createConnections({
    config,
    frameLimit(client) {
      const kind = sessions.of(client)?.kind;
      return kind && PAYLOAD_LIMIT[kind] + FRAME_EXTRA_BYTES[kind];
    },
    ended: (client) => sessions.ended(client),
    lane: { publishing, session: sessions.of, maxTopicLevels: UPLINK_PROFILE.maxTopicLevels },
    taken(client) {
      const device = deviceOf(sessions, client);
      if (device) void deps.bus.publish('downlink.taken', device);
    },
    metrics,
    isStopping: () => inFlight.stopping,
    handle: (conn) => aedes.handle(conn),
  });
  aedes.on('clientReady', (client) => connections.promote(client.conn as Duplex));
  return { aedes, connections, sessions, login, metrics, inFlight, nowMs };
}

/** Ends the connections of a credential whose secret is no longer the one they logged in with. */
async function endStale(
  { login, sessions, connections, metrics }: Parts,
  { kind, id }: BusEvents['registry.changed'],
): Promise<void> {
  if (kind !== 'device' && kind !== 'integration') return;
  login.forget(kind, id);
  const key = keyOf(kind === 'device' ? id : INTEGRATION_PREFIX + id);
  if (!sessions.has(key)) return;
  // without an answer nobody may stay on an old secret
  const hash = await login.presentHash(kind, id).catch(() => undefined);
  for (const client of sessions.stale(key, hash)) {
    metrics.cuts.inc({ reason: 'secret-changed' });
    connections.farewell(client, REASON.notAuthorised);
    client.close();
  }
}

/** Names the device of a connection; undefined for any other. */
function deviceOf(sessions: Sessions, client: InnerClient): { tenant: string; deviceId: string } | undefined {
  const session = sessions.of(client);
  return session?.kind === 'device' ? { tenant: session.tenant, deviceId: session.id } : undefined;
}

/** Tells when a device starts to listen for its downlinks. */
function tellListeners({ aedes, sessions }: Parts, bus: Bus): void {
  aedes.on('subscribe', (subscriptions, client) => {
    const device = deviceOf(sessions, client as unknown as InnerClient);
    const topic = device && downlinkTopic(device.tenant, device.deviceId);
    if (device && subscriptions.some((one) => one.topic === topic && one.qos < 128))
      void bus.publish('device.listening', device);
  });
}

function send(client: InnerClient, topic: string, payload: Uint8Array): void {
  const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const;
  client.publish(packet, () => undefined);
}
