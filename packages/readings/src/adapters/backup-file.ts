import { existsSync, rmSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import type { ReadingsStore } from '../port.ts';
import { openSqliteReadings } from './sqlite/index.ts';

/** Writes everything of a store into a new SQLite store, which appears whole or not at all. */
export async function backupTo(file: string, store: Pick<ReadingsStore, 'dump'>): Promise<void> {
  const part = `${file}.part`;
  if (existsSync(file)) throw new RondeError('RESOURCE_EXISTS', `backup: ${file} is already there`);
  const giveUp = (): void => {
    for (const path of [part, `${part}-wal`, `${part}-shm`]) rmSync(path, { force: true });
  };
  giveUp();
  try {
    const copy = await openSqliteReadings(part, { dataDir: dirname(file), log: silentLog() });
    try {
      await copy.load((take) => store.dump(take));
    } finally {
      // closing moves the log into the file and waits for the disk
      await copy.close();
    }
    await link(part, file);
  } finally {
    giveUp();
  }
}
