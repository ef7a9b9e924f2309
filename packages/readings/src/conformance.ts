import { describe, onTestFinished } from 'vitest';
import { describeAppend } from './conformance-append.ts';
import { describeCorrect } from './conformance-correct.ts';
import { describeExpire } from './conformance-expire.ts';
import { testDirectory, type OpenReadings, type Opened } from './conformance-fixtures.ts';
import { describeOrder } from './conformance-order.ts';
import { describeQueries } from './conformance-queries.ts';

/** Runs the promises of the port against an adapter; `expires` when it takes old readings away. */
export function describeReadings(name: string, open: OpenReadings, { expires = false } = {}): void {
  const opened: Opened = async (directory = testDirectory()) => {
    const store = await open(directory);
    onTestFinished(() => store.close());
    return store;
  };
  describe(name, () => {
    describeAppend(open, opened);
    describeQueries(opened);
    describeOrder(opened);
    describeCorrect(open, opened);
    if (expires) describeExpire(opened);
  });
}
