import { RondeError } from '@ronde/contracts';
import type { AppendResult, ReadingBatch, Refusal } from '../../port.ts';
import type { Connection } from './connection.ts';
import type { Journal } from './journal.ts';
import { findIdentities, identityOf } from './lookup.ts';
import { digestOf, type OnRefused, type Outbox } from './outbox.ts';
import { seriesKey, toLine, toPoint, type Point } from './point.ts';

export interface WriteParts {
  connection: Connection;
  journal: Journal;
  outbox: Outbox;
  /** Other workers, with journals of their own, write to the bucket. */
  isShared: boolean;
}

/**
 * Creates the appender. Which readings are new is decided here, before anything is sent: what is newer than all of its
 * series is new, what is not is asked of InfluxDB. Then the decision lasts, and only then it is sent.
 */
export function createAppend(parts: WriteParts): (batch: ReadingBatch) => Promise<AppendResult> {
  const { journal, outbox } = parts;
  return async (batch) => {
    const { tenant, readings, uplinkKeys = [], cursor } = batch;
    checkCursor(cursor);
    const points = readings.map((reading) => toPoint(tenant, reading));
    const lines = points.map(toLine);
    const digest = digestOf('append', lines, cursor, uplinkKeys.length);
    return outbox.inTurn(async () => {
      const refusals = collectRefusals(batch, lines);
      const earlier = await outbox.earlier(digest, refusals.take);
      if (earlier !== undefined) return refusals.end(earlier as boolean[]);
      const stored = await findNew(points, parts);
      const fresh = points.flatMap((point, index) => (stored[index] ? [{ point, line: lines[index]! }] : []));
      fresh.sort((a, b) => a.point.atMs - b.point.atMs);
      const marks = marksOf(fresh.map(({ point }) => point));
      const newestAtMs = marks.reduce((newest, [, atMs]) => Math.max(newest, atMs), -Infinity);
      const before = journal.totals();
      const totals = {
        readings: before.readings + fresh.length,
        newestAtMs: fresh.length === 0 ? before.newestAtMs : Math.max(before.newestAtMs ?? -Infinity, newestAtMs),
      };
      const decision = { digest, removals: [], lines: fresh.map(({ line }) => line), marks, answer: stored };
      await outbox.carry({ ...decision, ...(cursor && { cursor }) }, { uplinkKeys, totals, onRefused: refusals.take });
      return refusals.end(stored);
    });
  };
}

/** A cursor that is no number would stop a sink for ever. */
export function checkCursor(cursor: { seq: number } | undefined): void {
  if (cursor && !Number.isSafeInteger(cursor.seq))
    throw new RondeError('INPUT_INVALID', `${cursor.seq} is no place in the inbox`);
}

async function findNew(points: readonly Point[], { connection, journal, isShared }: WriteParts): Promise<boolean[]> {
  const keys = points.map(({ tenant, reading }) => seriesKey(tenant, reading));
  // what another worker wrote stands in no journal of ours
  const late = isShared ? points : points.filter(({ atMs }, index) => atMs <= journal.newestOf(keys[index]!));
  const seen = late.length > 0 ? await findIdentities(connection, late) : new Set<string>();
  return points.map(({ tenant, reading, atMs }) => {
    const identity = identityOf(tenant, reading, atMs);
    if (seen.has(identity)) return false;
    // of two in one batch the first wins
    seen.add(identity);
    return true;
  });
}

/** Newest time of each series among points. */
export function marksOf(points: readonly Point[]): [string, number][] {
  const marks = new Map<string, number>();
  for (const { tenant, reading, atMs } of points) {
    const key = seriesKey(tenant, reading);
    marks.set(key, Math.max(atMs, marks.get(key) ?? -Infinity));
  }
  return [...marks];
}

/** Gathers what InfluxDB refuses, and tells whoever wants to know before the decision is forgotten. */
function collectRefusals(
  { readings, refused: tell }: ReadingBatch,
  lines: readonly string[],
): { take: OnRefused; end: (stored: boolean[]) => AppendResult } {
  const refusals: (Refusal & { index: number })[] = [];
  return {
    async take(refused) {
      // lines go out in order of time, and only new ones: the text finds the reading again
      const indexOf = new Map<string, number>();
      lines.forEach((line, index) => indexOf.has(line) || indexOf.set(line, index));
      for (const { line, reason } of refused) {
        const index = indexOf.get(line);
        if (index !== undefined) refusals.push({ reading: readings[index]!, reason, index });
      }
      await tell?.(refusals.map(({ reading, reason }) => ({ reading, reason })));
    },
    end(stored) {
      if (refusals.length === 0) return { stored };
      if (!tell) throw new RondeError('INPUT_INVALID', `${refusals.length} reading(s) refused: ${refusals[0]!.reason}`);
      const refusedAt = new Set(refusals.map(({ index }) => index));
      return { stored: stored.map((was, index) => was && !refusedAt.has(index)) };
    },
  };
}
