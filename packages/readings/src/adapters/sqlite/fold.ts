import type { DatabaseSync } from 'node:sqlite';

export const HOUR_MS = 3_600_000;

/** Adds values to the hourly rollups, one write for each run of values of the same mounting and hour. */
export interface Fold {
  add(mounting: number, atMs: number, value: number): void;
  flush(): void;
}

/*
 * Sums are kept as two numbers, the second holding what rounding took from the first (Knuth, The Art of Computer
 * Programming 2, 4.2.2, theorem B): late data and other batches then give the same mean as data in order.
 */
const ROUNDED = '(sum + excluded.sum)';
const LOST = `((sum - (${ROUNDED} - (${ROUNDED} - sum))) + (excluded.sum - (${ROUNDED} - sum)))`;

/** Creates the fold of one writing connection. */
export function createFold(db: DatabaseSync): Fold {
  const upsert = db.prepare(
    `INSERT INTO hourly VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mounting, hour) DO UPDATE SET
       min = min(min, excluded.min), max = max(max, excluded.max), sum = ${ROUNDED},
       sum_rest = sum_rest + excluded.sum_rest + ${LOST}, count = count + excluded.count`,
  );
  let mounting = 0;
  let hour = 0;
  let min = 0;
  let max = 0;
  let sum = 0;
  let rest = 0;
  let count = 0;
  const flush = (): void => {
    if (count > 0) upsert.run(mounting, hour, min, max, sum, rest, count);
    count = 0;
  };
  return {
    flush,
    add(nextMounting, atMs, value) {
      const nextHour = Math.floor(atMs / HOUR_MS);
      if (count === 0 || nextMounting !== mounting || nextHour !== hour) {
        flush();
        mounting = nextMounting;
        hour = nextHour;
        min = max = sum = value;
        rest = 0;
        count = 1;
        return;
      }
      const rounded = sum + value;
      const part = rounded - sum;
      rest += sum - (rounded - part) + (value - part);
      sum = rounded;
      min = Math.min(min, value);
      max = Math.max(max, value);
      count += 1;
    },
  };
}
