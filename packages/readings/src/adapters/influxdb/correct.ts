import type { Reading } from '@ronde/contracts';
import type { CorrectionBatch, CorrectionResult } from '../../port.ts';
import { saysTheSame } from '../../same-reading.ts';
import { checkCursor, marksOf, type WriteParts } from './append.ts';
import { newestTimes } from './flux-queries.ts';
import type { Connection } from './connection.ts';
import type { Removal } from './journal.ts';
import { findReadings, identityOf } from './lookup.ts';
import { digestOf } from './outbox.ts';
import { measurementOf, toLine, toPoint, type Point } from './point.ts';

type Outcome = CorrectionResult['outcomes'][number];

/** What a correction comes to: lines to write, points to take away first. */
interface Plan extends CorrectionResult {
  written: Point[];
  removals: Removal[];
  removedAtMs: number[];
}

/**
 * Creates the corrector. What stands in InfluxDB is read first; a point that stays of its measurement is written over,
 * one that does not is taken away before. Hours and days follow by themselves, since they are worked out when asked.
 */
export function createCorrect(parts: WriteParts): (batch: CorrectionBatch) => Promise<CorrectionResult> {
  const { connection, journal, outbox } = parts;
  return async (batch) => {
    const { tenant, readings, remove, cursor } = batch;
    checkCursor(cursor);
    const points = readings.map((reading) => toPoint(tenant, reading));
    const digest = digestOf('correct', points.map(toLine), remove, cursor);
    return outbox.inTurn(async () => {
      const earlier = await outbox.earlier(digest, nothingRefused);
      if (earlier !== undefined) return earlier as CorrectionResult;
      const { written, removals, removedAtMs, ...answer } = await plan(batch, points, connection);
      written.sort((a, b) => a.atMs - b.atMs);
      const added = answer.outcomes.filter((outcome) => outcome === 'added').length;
      const before = journal.totals();
      const marks = marksOf(written);
      const newestAtMs = marks.reduce((newest, [, atMs]) => Math.max(newest, atMs), before.newestAtMs ?? -Infinity);
      const totals = {
        readings: before.readings + added - removedAtMs.length,
        newestAtMs: newestAtMs === -Infinity ? null : newestAtMs,
      };
      const lines = written.map(toLine);
      const decision = { digest, removals, lines, marks, answer, ...(cursor && { cursor }) };
      await outbox.carry(decision, { uplinkKeys: [], totals, onRefused: nothingRefused });
      if (removedAtMs.some((atMs) => atMs >= newestAtMs))
        await journal.learn([], { ...journal.totals(), newestAtMs: await findNewest(connection) });
      return answer;
    });
  };
}

/** Corrections are of readings that were stored before, in the same form. */
const nothingRefused = (): Promise<void> => Promise.resolve();

async function plan({ tenant, remove }: CorrectionBatch, points: Point[], connection: Connection): Promise<Plan> {
  const gone = remove.map(({ at, ...key }) => ({ tenant, atMs: Date.parse(at), reading: key }));
  const stored = await findReadings(connection, [...points, ...gone]);
  const result: Plan = { outcomes: [], removed: [], written: [], removals: [], removedAtMs: [] };
  for (const point of points) {
    const identity = identityOf(tenant, point.reading, point.atMs);
    const before = stored.get(identity);
    const { outcome, after } = correctOne(point, before);
    result.outcomes.push(outcome);
    if (!after) continue;
    result.written.push(after);
    if (before && measurementOf(toPoint(tenant, before)) !== measurementOf(after))
      result.removals.push(removalOf(toPoint(tenant, before)));
    stored.set(identity, after.reading);
  }
  for (const { reading, atMs } of gone) {
    const before = stored.get(identityOf(tenant, reading, atMs));
    const isTheirs = before?.uplinkId === reading.uplinkId;
    result.removed.push(isTheirs);
    if (!isTheirs) continue;
    result.removals.push(removalOf(toPoint(tenant, before)));
    result.removedAtMs.push(atMs);
    stored.delete(identityOf(tenant, reading, atMs));
  }
  return result;
}

function correctOne(point: Point, before: Reading | undefined): { outcome: Outcome; after?: Point } {
  if (!before) return { outcome: 'added', after: point };
  const { reading, tenant, value } = point;
  if (saysTheSame(before, { ...reading, value }) || before.uplinkId !== reading.uplinkId) return { outcome: 'same' };
  const { quality, typeVersion } = reading;
  const flags = [...new Set([...reading.flags, 'CORRECTED' as const])];
  return { outcome: 'changed', after: toPoint(tenant, { ...before, value, quality, typeVersion, flags }) };
}

function removalOf(point: Point): Removal {
  const { reading, tenant, atMs } = point;
  const { assetId, chamber, deviceId, quantity } = reading;
  const tags = {
    tenant,
    device: deviceId,
    quantity,
    ...(assetId !== null && { asset: assetId }),
    ...(chamber !== undefined && { chamber }),
  };
  return { measurement: measurementOf(point), tags, atMs };
}

async function findNewest(connection: Connection): Promise<number | null> {
  const rows = await connection.query<{ _time: string }>(newestTimes(connection.bucket));
  return rows.reduce<number | null>((newest, { _time }) => Math.max(newest ?? 0, Date.parse(_time)), null);
}
