import {
  SOURCE_DOWN_FILTERS,
  SOURCE_TOPICS,
  downlinkTopic,
  doorFaults,
  isCityInput,
  parseUplinkTopic,
  uplinkTopic,
  type Source,
} from '@ronde/contracts';

/** Who a connection belongs to, as the registry knows it. */
export type Session =
  | {
      kind: 'device';
      id: string;
      tenant: string;
      source: 'native';
      secretHash: string;
      upTopic: string;
      downTopic: string;
    }
  | { kind: 'integration'; id: string; tenant: string; source: Source; secretHash: string };

/** Largest payloads, bytes. */
export const PAYLOAD_LIMIT = { device: 4 * 1024, integration: 64 * 1024 } as const;

export type Denial =
  | 'system-topic'
  | 'retain'
  | 'qos-2'
  | 'topic-characters'
  | 'topic-foreign'
  | 'payload-size'
  | 'personal-data'
  | 'rate'
  | 'no-session'
  | 'stopping';

export function deviceSession(tenant: string, id: string, secretHash: string): Session {
  return {
    kind: 'device',
    id,
    tenant,
    source: 'native',
    secretHash,
    upTopic: uplinkTopic(tenant, id),
    downTopic: downlinkTopic(tenant, id),
  };
}

/** Tells why a message may not be published; undefined when it may. */
export function denyPublish(
  session: Session,
  packet: { topic: string; retain?: boolean; qos: number; payload: Uint8Array },
): Denial | undefined {
  // our own hook replaces Aedes's guard of $SYS: a publish to $SYS/x/new/clients would close other clients
  if (packet.topic.startsWith('$')) return 'system-topic';
  if (packet.retain) return 'retain';
  if (packet.qos > 1) return 'qos-2';
  if (packet.payload.length > PAYLOAD_LIMIT[session.kind]) return 'payload-size';
  if (session.kind === 'device') return packet.topic === session.upTopic ? undefined : 'topic-foreign';
  // eslint-disable-next-line no-control-regex -- exactly those are meant
  if (/[+#\u0000-\u001f\u007f-\u009f]/.test(packet.topic)) return 'topic-characters';
  if (!isTopicOf(session, packet.topic)) return 'topic-foreign';
  // counts and weights only: what could name a person is not stored, so it is not acknowledged
  return isCityInput(session.source) && doorFaults(session.source, packet.payload).length > 0
    ? 'personal-data'
    : undefined;
}

function isTopicOf(session: { source: Source; tenant: string }, topic: string): boolean {
  if (session.source === 'native') return parseUplinkTopic(topic)?.tenant === session.tenant;
  return SOURCE_TOPICS[session.source]?.test(topic) ?? false;
}

/** A message that the broker is to publish when the connection breaks. */
export interface Will {
  topic: string;
  retain?: boolean;
  qos: number;
  payload: Uint8Array;
}

/**
 * Tells whether a will may be left: a Sparkplug edge node has to (its NDEATH), and publishes it itself all the same. Nobody
 * else: a device that is gone has nothing to measure.
 */
export function mayLeave(session: Session, will: Will): boolean {
  return session.source === 'sparkplug' && /\/NDEATH\//.test(will.topic) && denyPublish(session, will) === undefined;
}

/** Tells whether a topic filter may be subscribed: a device's own downlinks, or those of a network server's source. */
export function maySubscribe(session: Session, filter: string): boolean {
  if (session.kind === 'device') return filter === session.downTopic;
  return SOURCE_DOWN_FILTERS[session.source]?.test(filter) ?? false;
}
