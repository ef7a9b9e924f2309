import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { BrokerConfig } from './config.ts';
import { createDeliveries } from './deliveries.ts';
import type { Session } from './access.ts';
import { openFastLane } from './fast-lane.ts';
import { guardFrames } from './frame-guard.ts';
import { inner, type InnerClient } from './inside.ts';
import { createAdmission } from './limits.ts';
import type { Accept } from './listeners.ts';
import type { BrokerMetrics } from './metrics.ts';
import { createMqtt5, REASON } from './mqtt5.ts';
import { guardWrites } from './outgoing.ts';
import type { Publishing } from './publishing.ts';
import { createPace } from './pace.ts';
import { boundWrites } from './write-guard.ts';

export interface ConnectionDeps {
  config: BrokerConfig;
  /** Largest frame that a client may send after its login. */
  frameLimit(client: InnerClient): number | undefined;
  ended(client: InnerClient): void;
  /** A client has acknowledged a message. */
  taken?(client: InnerClient): void;
  /** What takes uplinks past the engine; all go through it when absent. */
  lane?: { publishing: Publishing; session(client: InnerClient): Session | undefined; maxTopicLevels: number };
  /** QoS 2 and retained messages are understood; no unless told. */
  allowsAll?: boolean;
  metrics: BrokerMetrics;
  isStopping(): boolean;
  /** Hands a connection to the MQTT engine. */
  handle(conn: Duplex): Client;
}
export interface Connections {
  accept: Accept;
  /** The connection has logged in and counts as half-open no longer. */
  promote(conn: Duplex): void;
  /** Whether one more message of QoS 1 may be sent: the client still has to acknowledge those before it. */
  hasRoom(client: InnerClient): boolean;
  /** Tells a client of MQTT 5 why its connection ends. */
  farewell(client: InnerClient, reasonCode: number): void;
  count(): number;
  destroyAll(): void;
}

/** Messages of QoS 1 that may be on their way to one client. */
const MOST_UNACKNOWLEDGED = 1_000;

/** Our own errors carry their reason; the rest is what mqtt-packet and Aedes find malformed. */
function reasonOf(error: Error & { reasonCode?: number }): number {
  return error.reasonCode ?? (error.message === 'keep alive timeout' ? REASON.silent : REASON.malformed);
}

/** Puts every guard around a connection, whatever transport it came by, before the engine reads its first byte. */
export function createConnections(deps: ConnectionDeps): Connections {
  const { config, metrics, isStopping, handle } = deps;
  const cut = (conn: Duplex, reason: string): void => {
    metrics.cuts.inc({ reason });
    conn.destroy();
  };
  const admission = createAdmission<Duplex>({
    maxConnections: config.MQTT_MAX_CONNECTIONS,
    maxHalfOpenPerAddress: config.MQTT_HALF_OPEN_PER_ADDRESS,
    drop: (conn) => cut(conn, 'half-open'),
  });
  const ends = new WeakMap<InnerClient, { farewell(reasonCode: number): void; hasRoom(): boolean }>();
  const begin = (conn: Duplex): void => {
    boundWrites(conn, config.MQTT_CLIENT_BUFFER_BYTES, () => metrics.cuts.inc({ reason: 'slow' }));
    const deliveries = createDeliveries(() => deps.taken?.(client));
    const limitBytes = (): number | undefined => deps.frameLimit(client);
    const allowsAll = deps.allowsAll ?? false;
    const mqtt5 = createMqtt5({
      qos2: allowsAll,
      retain: allowsAll,
      keepaliveLimitS: config.MQTT_KEEPALIVE_LIMIT_S,
      limitBytes,
      isSubscribed: (filter) => client.subscriptions[filter] !== undefined,
    });
    const say = guardWrites(conn, deliveries, mqtt5);
    const client = inner(handle(conn));
    const answered = (answer: string, packetId: number): boolean => deliveries.answered(answer, packetId);
    guardFrames(client._parser, { limitBytes, answer: say, qos2: allowsAll, mqtt5, answered });
    if (deps.lane) {
      const { session, ...lane } = deps.lane;
      const whose = (): Session | undefined => (mqtt5.isSpoken() ? undefined : session(client));
      openFastLane(client, { ...lane, limitBytes, say, session: whose });
    }
    const farewell = (reasonCode: number): void => {
      const bytes = mqtt5.farewell(reasonCode);
      if (bytes) say(bytes);
    };
    // before the engine's own listener, which destroys the connection
    client.prependListener('error', (error: Error) => farewell(reasonOf(error)));
    ends.set(client, {
      farewell,
      hasRoom: () => deliveries.waiting < Math.min(MOST_UNACKNOWLEDGED, mqtt5.receiveMaximum()),
    });
    conn.once('close', () => deps.ended(client));
  };
  const pace = createPace<Duplex>({ perS: config.MQTT_CONNECTS_PER_S, nowMs: () => performance.now(), begin });
  return {
    accept(conn, address) {
      // without a listener a reset before the engine takes over would end the process
      conn.on('error', () => undefined);
      if (isStopping() || !admission.admit(conn, address)) return cut(conn, 'too-many');
      conn.once('close', () => {
        admission.release(conn);
        pace.release(conn);
      });
      pace.admit(conn, address);
    },
    promote: (conn) => admission.promote(conn),
    hasRoom: (client) => ends.get(client)?.hasRoom() ?? true,
    farewell: (client, reasonCode) => ends.get(client)?.farewell(reasonCode),
    count: () => admission.connections,
    destroyAll() {
      pace.close();
      for (const conn of admission.all()) conn.destroy();
    },
  };
}
