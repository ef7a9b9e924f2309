import type { z } from 'zod';
import type { Fault, NetworkEvent, Source, Uplink } from '@ronde/contracts';

/** Families that `recognise` tells apart by the message alone; `http` is the plain gateway form without a network server. */
export type Family = Exclude<Source, 'vendor-cloud' | 'deposits' | 'crane' | 'weighbridge'> | 'http';

/** What earlier messages left behind for a reader; `set` takes effect for the following messages of the batch at once. */
export interface Recall {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** What is known about a message besides its body. */
export interface EnvelopeContext {
  topic?: string | undefined;
  /** Set when the device itself sent the message under its own credential. */
  deviceId?: string | undefined;
  /** Platform time of receipt; relative SenML times count from it. */
  receivedAtMs: number;
  /** Place in the inbox, which orders messages of one millisecond. */
  seq?: number | undefined;
  /** Holds at least the keys that `recalls` named; absent where a message is read on its own. */
  recall?: Recall | undefined;
  /** The message is read again: what was told later may explain it. */
  isReplay?: boolean | undefined;
}

/**
 * What a message turned out to be. `warnings` name the parts of an accepted message that could not be used; `ignored`
 * names a kind of message that carries nothing for us.
 */
export type Parsed =
  | { kind: 'read'; uplinks: Uplink[]; events: NetworkEvent[]; warnings: Fault[] }
  | { kind: 'ignored'; event: string }
  | { kind: 'refused'; code: 'ENVELOPE_UNKNOWN' | 'PAYLOAD_MALFORMED'; faults: Fault[] };

/** One network server's or format's reader: no I/O, never throws on any JSON value or bytes. */
export interface SourceParser {
  source: Source;
  /** Tells whether a topic belongs to this source. */
  matches(topic: string): boolean;
  /** Names the family when the message alone looks like this source's; undefined otherwise. */
  recognise(message: unknown): Family | undefined;
  /** Reads a message that is not JSON into the form `parse` takes; undefined when the bytes are of another form. */
  fromBytes?(payload: Uint8Array, context: EnvelopeContext): unknown;
  /** Names the keys of what must be recalled to parse a message. */
  recalls?(message: unknown, context: EnvelopeContext): string[];
  parse(message: unknown, context: EnvelopeContext): Parsed;
}

export function accepted(uplinks: Uplink[], warnings: Fault[] = [], events: NetworkEvent[] = []): Parsed {
  return { kind: 'read', uplinks, events, warnings };
}

/** A message that tells something of a device and measures nothing. */
export function told(...events: NetworkEvent[]): Parsed {
  return { kind: 'read', uplinks: [], events, warnings: [] };
}

export function malformed(faults: Fault[]): Parsed {
  return { kind: 'refused', code: 'PAYLOAD_MALFORMED', faults };
}

export function fault(field: string, message: string, remedy: string): Fault {
  return { field, code: 'PAYLOAD_MALFORMED', message, remedy };
}

/** Turns every zod issue into a fault that names the field; `remedy` says what to do about any of them. */
export function faultsOf(error: z.ZodError, remedy: string): Fault[] {
  return error.issues.map((issue) => fault(issue.path.join('.') || 'message', issue.message, remedy));
}

/** Tells whether a value is a JSON object, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
