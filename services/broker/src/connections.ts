import type { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import { PAYLOAD_LIMIT } from './access.ts';
import type { BrokerConfig } from './config.ts';
import { guardFrames } from './frame-guard.ts';
import { inner } from './inside.ts';
import { createAdmission } from './limits.ts';
import type { Accept } from './listeners.ts';
import type { BrokerMetrics } from './metrics.ts';
import type { Sessions } from './sessions.ts';
import { boundWrites } from './write-guard.ts';

export interface ConnectionDeps {
  config: BrokerConfig;
  sessions: Sessions;
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

// frames carry the topic and a header besides the payload
const FRAME_EXTRA_BYTES = { device: 4 * 1024, integration: 2 * 1024 } as const;

/** Puts every guard around a connection, whatever transport it came by, before the engine reads its first byte. */
export function createConnections({ config, sessions, metrics, isStopping, handle }: ConnectionDeps): Connections {
  const cut = (conn: Duplex, reason: string): void => {
    metrics.cuts.inc({ reason });
    conn.destroy();
  };
  const admission = createAdmission<Duplex>({
    maxConnections: config.MQTT_MAX_CONNECTIONS,
    maxHalfOpenPerAddress: config.MQTT_HALF_OPEN_PER_ADDRESS,
    drop: (conn) => cut(conn, 'half-open'),
  });
  return {
    accept(conn, address) {
      // without a listener a reset before the engine takes over would end the process
      conn.on('error', () => undefined);
      if (isStopping() || !admission.admit(conn, address)) return cut(conn, 'too-many');
      boundWrites(conn, config.MQTT_CLIENT_BUFFER_BYTES, () => metrics.cuts.inc({ reason: 'slow' }));
      const client = inner(handle(conn));
      guardFrames(client._parser, () => {
        const kind = sessions.of(client)?.kind;
        return kind && PAYLOAD_LIMIT[kind] + FRAME_EXTRA_BYTES[kind];
      });
      conn.once('close', () => {
        admission.release(conn);
        sessions.ended(client);
      });
    },
    promote: (conn) => admission.promote(conn),
    count: () => admission.connections,
    destroyAll() {
      for (const conn of admission.all()) conn.destroy();
    },
  };
}
