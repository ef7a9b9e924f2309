import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { openThread } from '@ronde/kit';
import type { JournalHandlers, JournalThreadData } from './journal-thread.ts';

export interface Totals {
  readings: number;
  newestAtMs: number | null;
}
export interface UplinkKey {
  key: string;
  receivedAtMs: number;
}
export interface Removal {
  measurement: string;
  tags: Record<string, string>;
  atMs: number;
}

/** A batch or correction as it was decided: done again, it has the same effect. */
export interface Decision {
  /** Tells the same batch when its caller tries again. */
  digest: string;
  removals: Removal[];
  /** In order of time. */
  lines: string[];
  /** Newest time of each series that this moves forward. */
  marks: [string, number][];
  cursor?: { name: string; seq: number };
  /** What the caller is told. */
  answer: unknown;
}
export interface JournalState {
  totals: Totals;
  marks: [string, number][];
  cursors: [string, number][];
  onItsWay?: Decision;
}

/**
 * What is decided before it is sent. `decide` makes a decision lasting, with its cursor and keys; from then on the batch
 * counts as stored, and whoever opens the journal next sends it again until InfluxDB has it. At most one is on its way.
 */
export interface Journal {
  decide(decision: Decision, more: { uplinkKeys: UplinkKey[]; totals: Totals }): Promise<void>;
  /** Forgets the decision on its way: InfluxDB has it, but for what the totals leave out. */
  settle(totals: Totals): Promise<void>;
  onItsWay(): Decision | undefined;
  /** Newest known time of a series; -Infinity for one that is new. */
  newestOf(key: string): number;
  /** Takes in what InfluxDB holds beyond the journal. */
  learn(marks: [string, number][], totals: Totals): Promise<void>;
  totals(): Totals;
  cursor(name: string): number;
  cursors(): [string, number][];
  /** Tenants with their devices. */
  owners(): [tenant: string, deviceId: string][];
  uplinkKeys(): Promise<UplinkKey[]>;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** Folds the log into the file, so that what was forgotten is in neither. */
  scrub(): Promise<void>;
  uplinkKeysSince(sinceMs: number): Promise<string[]>;
  knownUplinkKeys(keys: string[]): Promise<string[]>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the journal, or begins one.
 * @throws RondeError SCHEMA_NEWER, STORE_CORRUPT or READINGS_UNREACHABLE
 */
export async function openJournal(file: string): Promise<Journal> {
  makeDirectory(dirname(file));
  const data: JournalThreadData = { file };
  const thread = await openThread<JournalHandlers>(new URL('./journal-thread.ts', import.meta.url), data);
  const { call } = thread;
  const state = await call.state();
  const marks = new Map(state.marks);
  const cursors = new Map(state.cursors);
  let { totals, onItsWay } = state;
  const raise = (pairs: [string, number][]): void => {
    for (const [key, atMs] of pairs) if (atMs > (marks.get(key) ?? -Infinity)) marks.set(key, atMs);
  };
  return {
    async decide(decision, { uplinkKeys, totals: next }) {
      await call.decide(decision, uplinkKeys, next);
      totals = next;
      raise(decision.marks);
      if (decision.cursor) cursors.set(decision.cursor.name, decision.cursor.seq);
      if (decision.lines.length + decision.removals.length > 0) onItsWay = decision;
    },
    async settle(next) {
      await call.settle(next);
      totals = next;
      onItsWay = undefined;
    },
    async learn(pairs, next) {
      await call.learn(pairs, next);
      totals = next;
      raise(pairs);
    },
    onItsWay: () => onItsWay,
    newestOf: (key) => marks.get(key) ?? -Infinity,
    totals: () => totals,
    cursor: (name) => cursors.get(name) ?? 0,
    cursors: () => [...cursors],
    owners() {
      const owners = new Set([...marks.keys()].map((key) => key.split('\n', 2).join('\n')));
      return [...owners].map((owner) => owner.split('\n') as [string, string]);
    },
    uplinkKeys: call.uplinkKeys,
    async clear() {
      await call.clear();
      marks.clear();
      cursors.clear();
      totals = { readings: 0, newestAtMs: null };
      onItsWay = undefined;
    },
    scrub: call.scrub,
    uplinkKeysSince: call.uplinkKeysSince,
    knownUplinkKeys: call.knownUplinkKeys,
    bytes: call.bytes,
    close: thread.close,
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new RondeError('READINGS_UNREACHABLE', `readings: ${directory} cannot be made`, { cause });
  }
}
