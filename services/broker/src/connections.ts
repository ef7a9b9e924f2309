import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import type { BrokerConfig } from './config.ts';
import { createDeliveries, watchWrites } from './deliveries.ts';
import { guardFrames } from './frame-guard.ts';
import { inner, type InnerClient } from './inside.ts';
import { createAdmission } from './limits.ts';
import type { Accept } from './listeners.ts';
import type { BrokerMetrics } from './metrics.ts';
import { createPace } from './pace.ts';
import { boundWrites } from './write-guard.ts';

export interface ConnectionDeps {
  config: BrokerConfig;
  /** Largest frame that a client may send after its login. */
  frameLimit(client: InnerClient): number | undefined;
  ended(client: InnerClient): void;
  /** A client has acknowledged a message. */
  taken?(client: InnerClient): void;
  /** Frames of QoS 2 are understood; no unless told. */
  qos2?: boolean;
  metrics: BrokerMetrics;
  isStopping(): boolean;
  /** Hands a connection to the MQTT engine. */
  handle(conn: Duplex): Client;
}
export interface Connections {
  accept: Accept;
  /** The connection has logged in and counts as half-open no longer. */
  promote(conn: Duplex): void;
  count(): number;
  destroyAll(): void;
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
  const begin = (conn: Duplex): void => {
    boundWrites(conn, config.MQTT_CLIENT_BUFFER_BYTES, () => metrics.cuts.inc({ reason: 'slow' }));
    const deliveries = createDeliveries(() => deps.taken?.(client));
    watchWrites(conn, deliveries);
    const client = inner(handle(conn));
    guardFrames(client._parser, {
      limitBytes: () => deps.frameLimit(client),
      answer: (bytes) => void conn.write(bytes),
      qos2: deps.qos2 ?? false,
      answered: (answer, packetId) => deliveries.answered(answer, packetId),
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
    count: () => admission.connections,
    destroyAll() {
      pace.close();
      for (const conn of admission.all()) conn.destroy();
    },
  };
}
