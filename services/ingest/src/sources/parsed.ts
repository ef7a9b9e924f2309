import type { z } from 'zod';
import type { Fault, Source, Uplink } from '@ronde/contracts';

/** Families that `recognise` tells apart by the message alone; `http` is the plain gateway form without a network server. */
export type Family = 'things-stack' | 'chirpstack' | 'thingpark' | 'loriot' | 'http' | 'senml' | 'native';

/** What is known about a message besides its body. */
export interface EnvelopeContext {
  topic?: string | undefined;
  /** Set when the device itself sent the message under its own credential. */
  deviceId?: string | undefined;
  /** Platform time of receipt; relative SenML times count from it. */
  receivedAtMs: number;
}

/** What a message turned out to be. `warnings` name the parts of an accepted message that could not be used. */
export type Parsed =
  | { kind: 'uplinks'; uplinks: Uplink[]; warnings: Fault[] }
  | { kind: 'ignored'; event: string }
  | { kind: 'refused'; code: 'ENVELOPE_UNKNOWN' | 'PAYLOAD_MALFORMED'; faults: Fault[] };

/** One network server's or format's reader: pure, no I/O, never throws on any JSON value. */
export interface SourceParser {
  source: Source;
  /** Tells whether a topic belongs to this source. */
  matches(topic: string): boolean;
  /** Names the family when the message alone looks like this source's; undefined otherwise. */
  recognise(message: unknown): Family | undefined;
  parse(message: unknown, context: EnvelopeContext): Parsed;
}

export function accepted(uplinks: Uplink[], warnings: Fault[] = []): Parsed {
  return { kind: 'uplinks', uplinks, warnings };
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
