import { counter, gauge, histogram, type Metrics } from '@ronde/kit';
import type { Committed } from './pipeline.ts';

/** Numbers the ingest service tells of itself. */
export interface IngestMetrics {
  batch(committed: Committed, seconds: number): void;
  retried(): void;
}

/** Defines the metrics; `lag` gives the frames not yet handled. */
export function observeIngest(metrics: Metrics, lag: () => number): IngestMetrics {
  gauge(metrics, 'ingest_lag_frames', 'Frames in the inbox that are not handled yet.', lag);
  const frames = counter(metrics, 'ingest_frames_total', 'Frames handled.');
  const uplinks = counter(metrics, 'ingest_uplinks_total', 'Uplinks by what became of them.', ['outcome']);
  const readings = counter(metrics, 'ingest_readings_total', 'Readings stored for the first time, by quality.', [
    'quality',
  ]);
  const known = counter(metrics, 'ingest_known_readings_total', 'Readings that were in the store already.');
  const letters = counter(metrics, 'ingest_dead_letters_total', 'Dead letters written, by code.', ['code']);
  const retries = counter(metrics, 'ingest_store_retries_total', 'Times a store could not take or give data.');
  const seconds = histogram(
    metrics,
    'ingest_batch',
    'Time from reading a batch to its commit.',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  );
  return {
    batch(committed, tookS) {
      frames.inc(committed.frames);
      seconds.observe(tookS);
      known.inc(committed.known);
      for (const [outcome, of] of Map.groupBy(committed.traces, (trace) => trace.outcome))
        uplinks.inc({ outcome }, of.length);
      for (const [quality, of] of Map.groupBy(committed.accepted, (reading) => reading.quality))
        readings.inc({ quality }, of.length);
      for (const { code } of committed.deadLetters) letters.inc({ code });
    },
    retried: () => retries.inc(),
  };
}
