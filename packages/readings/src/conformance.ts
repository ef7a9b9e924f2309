import { describe, onTestFinished } from 'vitest';
import { describeAppend, describeBackup } from './conformance-append.ts';
import { describeCorrect } from './conformance-correct.ts';
import { testDirectory, type OpenReadings, type Opened } from './conformance-fixtures.ts';
import { describeOrder } from './conformance-order.ts';
import { describeQueries } from './conformance-queries.ts';

/** Where adapters may differ. */
export interface ReadingsTraits {
  /** Readings live in a server with tools of its own; `backup` holds what lies beside it only. */
  isBackedUpElsewhere?: boolean;
}

/** Runs the promises of the port against an adapter. */
export function describeReadings(name: string, open: OpenReadings, traits: ReadingsTraits = {}): void {
  const opened: Opened = async (directory = testDirectory()) => {
    const store = await open(directory);
    onTestFinished(() => store.close());
    return store;
  };
  describe(name, () => {
    describeAppend(open, opened);
    if (!traits.isBackedUpElsewhere) describeBackup(opened);
    describeQueries(opened);
    describeOrder(opened);
    describeCorrect(open, opened);
  });
}
