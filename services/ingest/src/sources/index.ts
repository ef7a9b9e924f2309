import type { Source, StoredFrame } from '@ronde/contracts';
import { crane, deposits, weighbridge } from './city.ts';
import { chirpstack } from './chirpstack.ts';
import { helium } from './helium.ts';
import { readJson, type ReadJson } from './json.ts';
import { kpn } from './kpn.ts';
import { loriot } from './loriot.ts';
import { milesightNb } from './milesight-nb.ts';
import { miotiq } from './miotiq.ts';
import { native } from './native.ts';
import type { EnvelopeContext, Family, Parsed, SourceParser } from './parsed.ts';
import { senml } from './senml.ts';
import { sigfox } from './sigfox.ts';
import { sparkplug } from './sparkplug.ts';
import { thingpark } from './thingpark.ts';
import { thingsStack } from './things-stack.ts';
import { vendorCloud } from './vendor-cloud.ts';

/** Every reader; the more particular marks first, since `recognise` takes the first that answers. */
export const SOURCE_PARSERS: readonly SourceParser[] = [
  thingsStack,
  thingpark,
  loriot,
  helium,
  chirpstack,
  miotiq,
  sigfox,
  milesightNb,
  sparkplug,
  kpn,
  senml,
  native,
  vendorCloud,
  deposits,
  crane,
  weighbridge,
];

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
 * Reads a network server's message without being told where it came from.
 * @param payload parsed JSON, or the bytes of a message that may be of any form
 * @param topic MQTT topic when known: it decides between sources and names the event
 * @param receivedAtMs what relative SenML times count from
 * @returns uplinks and events, the name of a message that carries nothing for us, or every fault with field and remedy
 */
export function parseEnvelope(payload: unknown, topic?: string, receivedAtMs = 0): Envelope {
  const context = { topic, receivedAtMs };
  const message = payload instanceof Uint8Array ? fromAnyBytes(payload, context) : payload;
  const found = recognise(message, topic);
  if (!found) return unknown('message', 'is of no known network server or format');
  return { ...found.parser.parse(message, context), family: found.family };
}

function fromAnyBytes(payload: Uint8Array, context: EnvelopeContext): unknown {
  const json = readJson(payload);
  if (json.ok) return json.value;
  for (const parser of SOURCE_PARSERS) {
    const message = parser.fromBytes?.(payload, context);
    if (message !== undefined) return message;
  }
  return undefined;
}

/** What parsing a frame needs besides the frame. */
export type FrameContext = Pick<EnvelopeContext, 'recall' | 'isReplay'>;

/** A frame whose bytes are read: what has to be recalled for it, and then what it says. */
export interface ReadFrame {
  recalls: string[];
  parse(extra?: FrameContext): Parsed;
}

/** Reads a stored frame with the reader of its source; neither half ever throws. */
export function readFrame(frame: StoredFrame): ReadFrame {
  const parser = parserOf(frame.source);
  if (!parser) return refusing(unknown('source', `${frame.source} cannot be read by this version yet`));
  const context = contextOf(frame);
  const message = readPayload(frame.payload, parser, context);
  if (!message.ok) return refusing({ kind: 'refused', code: 'PAYLOAD_MALFORMED', faults: [message.fault] });
  return {
    recalls: parser.recalls?.(message.value, context) ?? [],
    parse(extra = {}) {
      const parsed = parser.parse(message.value, { ...context, ...extra });
      if (parsed.kind !== 'refused') return parsed;
      const other = recognise(message.value);
      if (!other || other.parser === parser || frame.origin.kind === 'device') return parsed;
      return unknown('source', `this is a message of ${other.parser.source}, but it came in as ${frame.source}`);
    },
  };
}

function refusing(parsed: Parsed): ReadFrame {
  return { recalls: [], parse: () => parsed };
}

/** Reads a stored frame on its own; never throws. */
export function parseFrame(frame: StoredFrame): Parsed {
  return readFrame(frame).parse();
}

function contextOf(frame: StoredFrame): EnvelopeContext {
  const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
  return { topic: frame.topic, deviceId, receivedAtMs: frame.receivedAtMs, seq: frame.seq };
}

function unknown(field: string, message: string): Parsed {
  const remedy = 'send one of the documented envelopes; check the topic and the source of the integration';
  return { kind: 'refused', code: 'ENVELOPE_UNKNOWN', faults: [{ field, code: 'ENVELOPE_UNKNOWN', message, remedy }] };
}

function readPayload(payload: Uint8Array, parser: SourceParser, context: EnvelopeContext): ReadJson {
  const json = readJson(payload);
  if (json.ok || !parser.fromBytes) return json;
  const value = parser.fromBytes(payload, context);
  return value === undefined ? json : { ok: true, value };
}
