import { createHash } from 'node:crypto';
import type { Logger } from '@ronde/kit';
import type { Connection } from './connection.ts';
import { newestTimes, count, ALL_TIME } from './flux-queries.ts';
import type { Decision, Journal, Totals, UplinkKey } from './journal.ts';
import { seriesKey } from './point.ts';
import { sendLines, type RefusedLine } from './send.ts';
import type { Reading } from '@ronde/contracts';

/** Brings what was decided to InfluxDB, one decision after the other. */
export interface Outbox {
  /**
   * Runs a writer when all before it are done: at most one decision is on its way.
   * @throws RondeError READINGS_UNREACHABLE when an earlier decision cannot be brought over
   */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** What an earlier try of this decision was answered, once InfluxDB has it; undefined when it was never tried. */
  earlier(digest: string, onRefused: OnRefused): Promise<unknown>;
  /** Decides and sends. */
  carry(decision: Decision, more: { uplinkKeys: UplinkKey[]; totals: Totals; onRefused: OnRefused }): Promise<void>;
  /** Brings over what an earlier process left: nobody will come back for it. */
  settleOld(): Promise<void>;
  /** Brings over what is on its way; within a turn. */
  settleRest(): Promise<void>;
  /** Resolves when nobody is at work. */
  idle(): Promise<void>;
}
export type OnRefused = (lines: RefusedLine[]) => Promise<void>;

// Callers that gave up and may come back for their answer.
const ANSWERS_KEPT = 16;

/** Creates the outbox of one journal. */
export function createOutbox(parts: { connection: Connection; journal: Journal; log: Logger }): Outbox {
  const { connection, journal, log } = parts;
  const answers = new Map<string, { answer: unknown; refused: RefusedLine[] }>();
  const learnOnce = createLearnOnce(parts);
  let old = journal.onItsWay();
  let last: Promise<unknown> = Promise.resolve();

  async function send(onRefused: OnRefused): Promise<void> {
    const decision = journal.onItsWay();
    if (!decision) return;
    for (const { measurement, tags, atMs } of decision.removals) await connection.remove(measurement, tags, atMs);
    const refused = await sendLines(connection, decision.lines);
    if (refused.length > 0) await onRefused(refused);
    const totals = journal.totals();
    await journal.settle({ ...totals, readings: totals.readings - refused.length });
  }

  /** Brings over a decision whose caller is gone, or will come back and ask. */
  async function settleAnothers(): Promise<void> {
    const decision = journal.onItsWay();
    if (!decision) return;
    let refused: RefusedLine[] = [];
    await send((lines) => {
      refused = lines;
      for (const { line, reason } of lines) log.error({ reason, point: line.slice(0, 200) }, 'readings.influx.refuse');
      return Promise.resolve();
    });
    if (decision !== old) answers.set(decision.digest, { answer: decision.answer, refused });
    old = undefined;
    for (const digest of answers.keys()) if (answers.size > ANSWERS_KEPT) answers.delete(digest);
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  return {
    inTurn: (work) =>
      queued(async () => {
        if (old) await settleAnothers();
        await learnOnce();
        return work();
      }),
    async earlier(digest, onRefused) {
      const decision = journal.onItsWay();
      if (decision?.digest === digest) {
        await send(onRefused);
        return decision.answer;
      }
      await settleAnothers();
      const kept = answers.get(digest);
      answers.delete(digest);
      if (kept && kept.refused.length > 0) await onRefused(kept.refused);
      return kept?.answer;
    },
    async carry(decision, { uplinkKeys, totals, onRefused }) {
      await journal.decide(decision, { uplinkKeys, totals });
      await send(onRefused);
    },
    settleOld: () =>
      queued(async () => {
        if (old) await settleAnothers();
        await learnOnce();
      }),
    settleRest: settleAnothers,
    idle: () => queued(() => Promise.resolve()),
  };
}

/** A journal that is new, or older than the bucket, does not know every series' newest time: it is told once. */
function createLearnOnce({ connection, journal, log }: Parameters<typeof createOutbox>[0]): () => Promise<void> {
  let isLearned = false;
  return async () => {
    if (isLearned) return;
    const rows = await connection.query<NewestRow>(newestTimes(connection.bucket));
    const marks = rows.map(({ _time, tenant, device, ...rest }): [string, number] => [
      seriesKey(tenant, { ...rest, deviceId: device }),
      Date.parse(_time),
    ]);
    const ahead = marks.filter(([key, atMs]) => atMs > journal.newestOf(key));
    const newestAtMs = marks.reduce<number | null>((newest, [, atMs]) => Math.max(newest ?? atMs, atMs), null);
    if (ahead.length > 0 || newestAtMs !== journal.totals().newestAtMs) {
      const readings = await countAll(connection);
      log.warn({ series: ahead.length, readings }, 'readings.influx.learn');
      await journal.learn(ahead, { readings, newestAtMs });
    }
    isLearned = true;
  };
}

interface NewestRow {
  _time: string;
  tenant: string;
  device: string;
  chamber?: string;
  quantity: Reading['quantity'];
}

async function countAll(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ _value: number }>(count(connection.bucket, ALL_TIME));
  return row?._value ?? 0;
}

/** Names a decision by what it would write. */
export function digestOf(...parts: unknown[]): string {
  return createHash('sha1').update(JSON.stringify(parts)).digest('base64');
}
