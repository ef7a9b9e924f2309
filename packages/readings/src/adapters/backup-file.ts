import { dirname } from 'node:path';
import { silentLog, writeWhole } from '@ronde/kit';
import type { ReadingsStore } from '../port.ts';
import { openSqliteReadings } from './sqlite/index.ts';

/** Writes everything of a store into a new SQLite store, which appears whole or not at all. */
export function backupTo(file: string, store: Pick<ReadingsStore, 'dump'>): Promise<void> {
  return writeWhole(file, async (part) => {
    const copy = await openSqliteReadings(part, { dataDir: dirname(file), log: silentLog() });
    // closing moves the log into the file and waits for the disk
    await copy.load((take) => store.dump(take)).finally(() => copy.close());
  });
}
