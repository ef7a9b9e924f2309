import { Aedes } from 'aedes';
import type { Logger } from '@ronde/kit';
import type { BrokerConfig } from './config.ts';
import type { Hooks } from './hooks.ts';
import type { InnerAedes } from './inside.ts';

const SYSTEM_HEARTBEAT_MS = 3_600_000;

/** What of MQTT 3.1.1 clients may use. */
export interface EngineProfile {
  /** Messages between clients: subscriptions match publishes, retained messages and sessions are kept. */
  distributes: boolean;
  /** Inbound QoS 2 messages that may wait for their PUBREL, per client. */
  maxQos2InFlight: number;
  maxTopicLevels: number;
}
/** The product's: uplinks go to the inbox and nowhere else. */
export const UPLINK_PROFILE: EngineProfile = { distributes: false, maxQos2InFlight: 1, maxTopicLevels: 8 };

/** Makes the MQTT engine, not yet listening, with our hooks and limits. */
export function createEngine(
  config: BrokerConfig,
  hooks: Hooks,
  { log, profile = UPLINK_PROFILE }: { log: Logger; profile?: EngineProfile },
): InnerAedes {
  const aedes = new Aedes({
    ...hooks,
    connectTimeout: config.MQTT_CONNECT_TIMEOUT_MS,
    keepaliveLimit: config.MQTT_KEEPALIVE_LIMIT_S,
    heartbeatInterval: SYSTEM_HEARTBEAT_MS,
    maxClientsIdLength: 128,
    maxTopicLevels: profile.maxTopicLevels,
    maxInflightInbound: profile.maxQos2InFlight,
  }) as unknown as InnerAedes;
  if (!profile.distributes) keepToTheInbox(aedes);
  // Aedes reports storage faults of its own here; unheard, the event would end the process
  aedes.on('error' as 'closed', ((error: Error) => log.error({ err: error }, 'broker.engine.break')) as () => void);
  aedes.on('clientError', (_client, error) => log.debug({ reason: error.message }, 'broker.client.close'));
  aedes.on('connectionError', (_client, error) => log.debug({ reason: error.message }, 'broker.connection.close'));
  return aedes;
}

/** Nobody may subscribe to uplinks, so what a client published needs no matching against subscriptions. */
function keepToTheInbox(aedes: InnerAedes): void {
  const distribute = aedes.publish.bind(aedes);
  aedes.publish = (packet, client, done) => {
    if (client === null || typeof client === 'function' || done === undefined) return distribute(packet, client, done);
    done(null);
  };
}
