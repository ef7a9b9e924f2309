import {
  SOURCES,
  SOURCE_TOPICS,
  doorFaults,
  isCityInput,
  parseUplinkTopic,
  type Frame,
  type Source,
} from '@ronde/contracts';
import { PAYLOAD_LIMIT_BYTES } from './framing.ts';
import type { UpstreamMessage } from './session.ts';

/** Topic of a frame whose payload was too long to be kept: `too-large/{bytes}/{topic}`. */
export const TOO_LARGE_TOPIC = 'too-large/';
const MOST_TOPIC_LENGTH = 1_024;
const KEPT_BYTES = 4 * 1024;

/** Whose messages a follower takes: an integration's, or everybody's (`source` undefined). */
export interface Following {
  id: string;
  tenant: string;
  source?: Source | undefined;
}

/** Why a message is acknowledged and not kept. */
export type Skip = 'retained' | 'system-topic' | 'topic' | 'personal-data';

/** Makes a message into what the inbox keeps, or tells why it is not kept. */
export function routeMessage(message: UpstreamMessage, following: Following, receivedAtMs: number): Frame | Skip {
  const { topic, payload, retain } = message;
  if (topic.startsWith('$')) return 'system-topic';
  // an old copy that the broker hands to every new subscriber; MQTT 5 followers ask not to get any
  if (retain) return 'retained';
  // eslint-disable-next-line no-control-regex -- exactly those are meant
  if (topic === '' || topic.length > MOST_TOPIC_LENGTH || /[\u0000-\u001f\u007f-\u009f]/.test(topic)) return 'topic';
  const own = parseUplinkTopic(topic);
  const source = following.source ?? (own ? 'native' : sourceOf(topic));
  if (source === undefined) return 'topic';
  const isTooLarge = message.payloadBytes > PAYLOAD_LIMIT_BYTES;
  if (!isTooLarge && isCityInput(source) && doorFaults(source, payload).length > 0) return 'personal-data';
  return {
    // an own device's topic names its tenant, and identifying holds it against the registry
    tenant: source === 'native' && own ? own.tenant : following.tenant,
    source,
    topic: isTooLarge ? `${TOO_LARGE_TOPIC}${message.payloadBytes}/${topic}` : topic,
    receivedAtMs,
    // the outside broker has let this device in under its own name, as ours would
    origin:
      source === 'native' && own ? { kind: 'device', id: own.deviceId } : { kind: 'integration', id: following.id },
    payload: isTooLarge ? payload.subarray(0, KEPT_BYTES) : payload,
    packetId: message.messageId,
    dup: message.dup,
  };
}

function sourceOf(topic: string): Source | undefined {
  return SOURCES.find((source) => SOURCE_TOPICS[source]?.test(topic));
}

/** Gives the topics to follow where nobody names any. */
export function defaultTopics(source: Source, user: string | undefined, tenant: string): string[] {
  switch (source) {
    case 'native':
      return [`v1/${tenant}/+/up`];
    case 'things-stack': {
      // the user name of The Things Stack's MQTT server is the application with its tenant, as in its topics
      const application = user ?? '+';
      return ['up', 'join', 'down/+', 'location/solved', 'service/data'].map(
        (kind) => `v3/${application}/devices/+/${kind}`,
      );
    }
    case 'chirpstack':
      return ['application/+/device/+/event/+'];
    case 'sparkplug':
      return ['spBv1.0/#'];
    case 'senml':
      return ['senml/+/up'];
    case 'thingpark':
      return ['mqtt/things/+/+', 'thingpark/#'];
    default:
      return [`${source}/#`];
  }
}
