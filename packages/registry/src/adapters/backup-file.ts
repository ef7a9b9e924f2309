import { dirname } from 'node:path';
import { silentLog, writeWhole } from '@ronde/kit';
import type { Registry } from '../port.ts';
import { openSqliteRegistry } from './sqlite/index.ts';

/** Writes everything of a registry into a new SQLite registry, which appears whole or not at all. */
export function backupTo(file: string, registry: Pick<Registry, 'dump'>): Promise<void> {
  return writeWhole(file, async (part) => {
    const copy = await openSqliteRegistry(part, { dataDir: dirname(file), log: silentLog() });
    // closing moves the log into the file and waits for the disk
    await copy.load((take) => registry.dump(take)).finally(() => copy.close());
  });
}
