import { openByUrl, type Logger } from '@ronde/kit';
import type { ReadingsStore } from './port.ts';

export interface ReadingsOptions {
  /** Directory of `readings.sqlite` when the URL names no file. */
  dataDir: string;
  log: Logger;
}
/**
 * Opens the readings store that a URL names: `sqlite:` (DATA_DIR/readings.sqlite), `sqlite:FILE`,
 * `sqlite::memory:`, or `postgres://user:password@host:port/database`, which several processes may share.
 * @throws (by rejection) RondeError CONFIG_INVALID for an unknown scheme, SCHEMA_NEWER, STORE_CORRUPT or READINGS_UNREACHABLE
 */
export function openReadings(url: string, options: ReadingsOptions): Promise<ReadingsStore> {
  const postgres = async () => (await import('./adapters/postgres/index.ts')).openPostgresReadings(url, options);
  return openByUrl(url, {
    variable: 'READINGS_URL',
    noun: 'readings store',
    adapters: {
      sqlite: async (location) => (await import('./adapters/sqlite/index.ts')).openSqliteReadings(location, options),
      postgres,
      // the name that many servers give out
      postgresql: postgres,
    },
  });
}
