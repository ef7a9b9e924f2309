import { Aedes } from 'aedes';
import type { Logger } from '@ronde/kit';
import type { BrokerConfig } from './config.ts';
import type { Hooks } from './hooks.ts';
import type { InnerAedes } from './inside.ts';

const SYSTEM_HEARTBEAT_MS = 3_600_000;

/** Makes the MQTT engine, not yet listening, with our hooks and limits. */
export function createEngine(config: BrokerConfig, hooks: Hooks, log: Logger): InnerAedes {
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
  // Aedes reports storage faults of its own here; unheard, the event would end the process
  aedes.on('error' as 'closed', ((error: Error) => log.error({ err: error }, 'broker.engine.break')) as () => void);
  aedes.on('clientError', (_client, error) => log.debug({ reason: error.message }, 'broker.client.close'));
  aedes.on('connectionError', (_client, error) => log.debug({ reason: error.message }, 'broker.connection.close'));
  return aedes;
}
