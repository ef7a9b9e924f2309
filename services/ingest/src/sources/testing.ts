import { expect } from 'vitest';
import type { NetworkEvent, Uplink } from '@ronde/contracts';
import { parseEnvelope } from './index.ts';
import type { Parsed, Recall } from './parsed.ts';

export const NOW = Date.UTC(2026, 0, 5, 6);

/** Gives the one uplink of a message. */
export function only(parsed: Parsed): Uplink {
  expect(parsed).toMatchObject({ kind: 'read' });
  const uplinks = parsed.kind === 'read' ? parsed.uplinks : [];
  expect(uplinks).toHaveLength(1);
  return uplinks[0]!;
}

/** Gives the events of a message that measures nothing. */
export function eventsOf(parsed: Parsed): NetworkEvent[] {
  expect(parsed).toMatchObject({ kind: 'read', uplinks: [], warnings: [] });
  return parsed.kind === 'read' ? parsed.events : [];
}

/** Gives the fields that a message is refused for, or that the catalogue does not know. */
export function faultsOf(parsed: Parsed): string[] {
  if (parsed.kind === 'ignored') return [];
  const faults = parsed.kind === 'refused' ? parsed.faults : parsed.uplinks.flatMap(({ words }) => words?.faults ?? []);
  return faults.map(({ field }) => field);
}

export const hex = ({ bytes }: Uplink): string => Buffer.from(bytes ?? []).toString('hex');
export const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));
export const familyOf = (message: unknown): string | undefined => parseEnvelope(message).family;

/** A memory that lasts as long as the test. */
export function memory(): Recall {
  const known = new Map<string, unknown>();
  return {
    get: (key) => known.get(key),
    // what is stored is JSON
    set: (key, value) => void known.set(key, JSON.parse(JSON.stringify(value)) as unknown),
  };
}
