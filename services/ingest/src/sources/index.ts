import type { Fault, Source, StoredFrame } from '@ronde/contracts';
import { chirpstack } from './chirpstack.ts';
import { loriot } from './loriot.ts';
import { native } from './native.ts';
import type { EnvelopeContext, Family, Parsed, SourceParser } from './parsed.ts';
import { senml } from './senml.ts';
import { thingpark } from './thingpark.ts';
import { thingsStack } from './things-stack.ts';

/** Every reader; the more particular marks first, since `recognise` takes the first that answers. */
export const SOURCE_PARSERS: readonly SourceParser[] = [thingsStack, thingpark, loriot, chirpstack, senml, native];

/** Names the reader of a source; undefined when this version has none. */
export function parserOf(source: Source): SourceParser | undefined {
  return SOURCE_PARSERS.find((parser) => parser.source === source);
}

/** Finds the family and reader of a message, by the message alone; a topic of one source's form decides first. */
export function recognise(message: unknown, topic?: string): { family: Family; parser: SourceParser } | undefined {
  const byTopic = topic ? SOURCE_PARSERS.find((parser) => parser.matches(topic)) : undefined;
  if (byTopic) return { family: byTopic.recognise(message) ?? (byTopic.source as Family), parser: byTopic };
  for (const parser of SOURCE_PARSERS) {
    const family = parser.recognise(message);
    if (family) return { family, parser };
  }
  return undefined;
}

/** A message with the family it was recognised as; family is undefined when nothing recognised it. */
export type Envelope = Parsed & { family?: Family };

/**
 * Reads a network server's message (parsed JSON) without being told where it came from.
 * @param topic MQTT topic when known: it decides between sources and names the event
 * @param receivedAtMs what relative SenML times count from
 * @returns the uplinks, the name of an event without measurements, or every fault with field and remedy
 */
export function parseEnvelope(payload: unknown, topic?: string, receivedAtMs = 0): Envelope {
  const found = recognise(payload, topic);
  if (!found) return unknown('message', 'is of no known network server or format');
  return { ...found.parser.parse(payload, { topic, receivedAtMs }), family: found.family };
}

/** Reads a stored frame with the reader of its source; never throws. */
export function parseFrame(frame: StoredFrame): Parsed {
  const parser = parserOf(frame.source);
  if (!parser) return unknown('source', `${frame.source} cannot be read by this version yet`);
  const message = readJson(frame.payload);
  if (!message.ok) return { kind: 'refused', code: 'PAYLOAD_MALFORMED', faults: [message.fault] };
  const parsed = parser.parse(message.value, contextOf(frame));
  if (parsed.kind !== 'refused') return parsed;
  const other = recognise(message.value);
  if (!other || other.parser === parser || frame.origin.kind === 'device') return parsed;
  return unknown('source', `this is a message of ${other.parser.source}, but it came in as ${frame.source}`);
}

function contextOf(frame: StoredFrame): EnvelopeContext {
  const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
  return { topic: frame.topic, deviceId, receivedAtMs: frame.receivedAtMs };
}

function unknown(field: string, message: string): Parsed {
  const remedy = 'send one of the documented envelopes; check the topic and the source of the integration';
  return { kind: 'refused', code: 'ENVELOPE_UNKNOWN', faults: [{ field, code: 'ENVELOPE_UNKNOWN', message, remedy }] };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readJson(payload: Uint8Array): { ok: true; value: unknown } | { ok: false; fault: Fault } {
  try {
    return { ok: true, value: JSON.parse(utf8.decode(payload)) as unknown };
  } catch (error) {
    const remedy = 'send JSON in UTF-8; in ChirpStack set the MQTT integration to json=true instead of protobuf';
    return {
      ok: false,
      fault: {
        field: 'message',
        code: 'PAYLOAD_MALFORMED',
        message: `is not JSON: ${(error as Error).message}`,
        remedy,
      },
    };
  }
}
