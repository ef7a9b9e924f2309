import type { Duplex } from 'node:stream';
import type { Aedes } from 'aedes';
import type { Logger, Metrics } from '@ronde/kit';
import { BrokerConfig } from './config.ts';
import { createConnections } from './connections.ts';
import { createEngine } from './engine.ts';
import { inner, type InnerClient } from './inside.ts';
import { listenTcp } from './listeners.ts';
import { brokerMetrics } from './metrics.ts';

/** A listening broker for conformance suites. */
export interface OpenBroker {
  port: number;
  close(): Promise<void>;
}
export interface OpenBrokerOptions {
  port: number;
  log: Logger;
  metrics: Metrics;
  /** Topic filter whose SUBSCRIBE is answered 0x80. */
  refusedFilter?: string;
}
const FRAME_LIMIT_BYTES = 256 * 1024;

/**
 * Opens our engine behind all its guards (frames, writes, connections) on loopback, but with everything allowed that the
 * product denies: anonymous clients, wills, retained messages, sessions, QoS 2, messages between clients. Nothing is
 * stored. For conformance suites only: no configuration leads here.
 */
export async function openOpenBroker(options: OpenBrokerOptions): Promise<OpenBroker> {
  const config = BrokerConfig.parse({ HOST: '127.0.0.1', MQTT_PORT: options.port });
  const metrics = brokerMetrics(options.metrics, () => connections.count());
  const aedes = createEngine(
    config,
    {
      preConnect(_client, packet, callback) {
        const connect = packet as { keepalive?: number };
        connect.keepalive = Math.min(connect.keepalive || Infinity, config.MQTT_KEEPALIVE_LIMIT_S);
        callback(null, true);
      },
      authenticate(client, _username, _password, callback) {
        // the sequences expect packet ids from 1; a kept session may have those under way already
        if (client.clean) inner(client)._nextId = 1;
        callback(null, true);
      },
      authorizePublish: (_client, packet, callback) =>
        callback(packet.topic.startsWith('$SYS/') ? new Error('system topic') : null),
      authorizeSubscribe: (_client, subscription, callback) =>
        callback(null, subscription.topic === options.refusedFilter ? null : subscription),
    },
    { log: options.log, profile: { distributes: true, maxQos2InFlight: 100, maxTopicLevels: 100 } },
  );
  const connections = createConnections({
    config,
    frameLimit: () => FRAME_LIMIT_BYTES,
    ended: () => undefined,
    allowsAll: true,
    metrics,
    isStopping: () => false,
    handle: (conn) => aedes.handle(conn),
  });
  aedes.on('clientReady', (client) => connections.promote((client as unknown as InnerClient).conn as Duplex));
  await aedes.listen();
  const listener = await listenTcp(config, connections.accept);
  return {
    port: listener.port,
    async close() {
      const closing = listener.close();
      await new Promise<void>((resolve) => (aedes as unknown as Aedes).close(resolve));
      connections.destroyAll();
      await closing;
    },
  };
}
