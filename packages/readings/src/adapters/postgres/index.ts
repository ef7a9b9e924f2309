import { migrate, openDatabase, readAddress, type Database } from '@ronde/postgres';
import type { ReadingsOptions } from '../../open.ts';
import type { ReadingsStore } from '../../port.ts';
import { backupTo } from '../backup-file.ts';
import { createAppend } from './append.ts';
import { createCorrect } from './correct.ts';
import { createExpire } from './expire.ts';
import { createNames } from './names.ts';
import { createQueries } from './queries.ts';
import { MIGRATIONS } from './schema.ts';
import { createDump, loadReadings } from './transfer.ts';

const DEFAULT_SCHEMA = 'ronde_readings';

/** Opens a readings store in one schema of a PostgreSQL database, which many processes may share. */
export async function openPostgresReadings(url: string, { log }: ReadingsOptions): Promise<ReadingsStore> {
  const database = await openReadingsDatabase(url, log);
  try {
    const before = await migrateReadings(database);
    log.info({ schema: database.schema, schema_version_before: before }, 'readings.store.open');
  } catch (error) {
    await database.close();
    throw error;
  }
  const names = createNames(database);
  const append = createAppend(database, names);
  const store: ReadingsStore = {
    ...createQueries(database, names),
    append,
    correct: createCorrect(database, names),
    expire: createExpire(database),
    health: database.health,
    dump: createDump(database, names),
    load: (fill, options) => loadReadings(database, fill, { ...options, append, names }),
    backup: (file) => backupTo(file, store),
    close: database.close,
  };
  return store;
}

/** Opens the database of a readings store as it is, without bringing its schema up. */
export function openReadingsDatabase(url: string, log: ReadingsOptions['log']): Promise<Database> {
  const address = readAddress(url, { variable: 'READINGS_URL', schema: DEFAULT_SCHEMA });
  const names = { unreachable: 'READINGS_UNREACHABLE', noun: 'readings', taken: 'INPUT_INVALID' } as const;
  return openDatabase(address, { ...names, log, applicationName: 'ronde readings' });
}

/** Brings the schema to a version, this one's own unless told; gives the version before. */
export function migrateReadings(database: Database, to?: number): Promise<number> {
  return migrate(database, { noun: 'readings store', migrations: MIGRATIONS, ...(to !== undefined && { to }) });
}
