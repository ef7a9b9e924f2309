import { gauge, histogram, type Metrics } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';

const COMMIT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Shows in metrics how long batches of readings take to be stored and how many wait; gives the store to use. */
export function observeReadings(store: ReadingsStore, metrics: Metrics): ReadingsStore {
  const commits = histogram(
    metrics,
    'readings_commit',
    'Time from a batch of readings to its commit',
    COMMIT_BUCKETS_S,
  );
  let waiting = 0;
  gauge(metrics, 'readings_waiting_batches', 'Batches handed to the readings store and not yet stored', () => waiting);
  return {
    ...store,
    async append(batch) {
      const startedMs = performance.now();
      waiting += 1;
      try {
        const result = await store.append(batch);
        commits.observe((performance.now() - startedMs) / 1_000);
        return result;
      } finally {
        waiting -= 1;
      }
    },
  };
}
