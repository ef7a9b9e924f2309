import type { RollupStep } from '@ronde/contracts';
import type { Connection } from './connection.ts';
import { keptSteps, type Span, type Tags } from './flux-queries.ts';

/** Hours and days whose readings are older than the bucket of readings keeps them: tasks wrote them down before. */
export interface KeptSteps {
  find(tags: Tags, span: Span & { step: RollupStep }): Promise<KeptStep[]>;
  /** From here on steps are worked out from readings. */
  endMs(step: RollupStep): number;
}
export interface KeptStep {
  atMs: number;
  min: number;
  max: number;
  sum: number;
  count: number;
}

const DAY_MS = 86_400_000;

/** Names the buckets that `ronde influx setup` makes beside one of readings. */
export function rollupBuckets(bucket: string): Record<RollupStep, string> {
  return { '1h': `${bucket}-hourly`, '1d': `${bucket}-daily` };
}

/**
 * Creates the steps of a bucket that keeps readings for some days; 0 = for ever, and then none are kept.
 * @param nowMs host time, since retention is InfluxDB's
 */
export function createKeptSteps(connection: Connection, retentionDays: number, nowMs = () => Date.now()): KeptSteps {
  const buckets = rollupBuckets(connection.bucket);
  // the first day that is whole in the bucket of readings
  const endMs = (): number =>
    retentionDays === 0 ? -Infinity : Math.ceil((nowMs() - retentionDays * DAY_MS) / DAY_MS) * DAY_MS;
  return {
    endMs,
    async find(tags, { fromMs, toMs, step }) {
      const span = { fromMs, toMs: Math.min(toMs, endMs()) };
      if (span.fromMs >= span.toMs) return [];
      const rows = await connection.query<Omit<KeptStep, 'atMs'> & { _time: string }>(
        keptSteps(buckets[step], tags, span),
      );
      return rows.map(({ _time, min, max, sum, count }) => ({ atMs: Date.parse(_time), min, max, sum, count }));
    },
  };
}
