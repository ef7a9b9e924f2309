import { openByUrl, type Logger } from '@ronde/kit';
import type { Registry } from './port.ts';

export interface RegistryOptions {
  /** Directory of `registry.sqlite` when the URL names no file. */
  dataDir: string;
  log: Logger;
}
/**
 * Opens the registry that a URL names: `sqlite:` (DATA_DIR/registry.sqlite), `sqlite:FILE`, `sqlite::memory:`, or
 * `postgres://user:password@host:port/database`, which several processes may share.
 * @throws (by rejection) RondeError CONFIG_INVALID for an unknown scheme, SCHEMA_NEWER, STORE_CORRUPT or REGISTRY_UNREACHABLE
 */
export function openRegistry(url: string, options: RegistryOptions): Promise<Registry> {
  const postgres = async () => (await import('./adapters/postgres/index.ts')).openPostgresRegistry(url, options);
  return openByUrl(url, {
    variable: 'REGISTRY_URL',
    noun: 'registry',
    adapters: {
      sqlite: async (location) => (await import('./adapters/sqlite/index.ts')).openSqliteRegistry(location, options),
      postgres,
      // the name that many servers give out
      postgresql: postgres,
    },
  });
}
