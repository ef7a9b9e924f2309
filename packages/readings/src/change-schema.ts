import { RondeError } from '@ronde/contracts';
import { openByUrl } from '@ronde/kit';
import type { ReadingsOptions } from './open.ts';

/**
 * Brings the schema of a readings store to a version without opening it, so that an older Ronde can start on it.
 * No Ronde may run on it. @returns the version before
 * @throws (by rejection) RondeError INPUT_INVALID for a version that there is not, and for a readings file, whose packed
 * form has no way back: restore the backup made before, and what came since is read again from the inbox
 */
export function changeReadingsSchema(url: string, to: number, { log }: ReadingsOptions): Promise<number> {
  const postgres = async (): Promise<number> => {
    const { openReadingsDatabase, migrateReadings } = await import('./adapters/postgres/index.ts');
    const database = await openReadingsDatabase(url, log);
    return migrateReadings(database, to).finally(() => database.close());
  };
  const sqlite = async (): Promise<number> => {
    throw new RondeError('INPUT_INVALID', 'a readings file cannot go back; restore the backup made before the upgrade');
  };
  return openByUrl(url, {
    variable: 'READINGS_URL',
    noun: 'readings store',
    adapters: { sqlite, postgres, postgresql: postgres },
  });
}
