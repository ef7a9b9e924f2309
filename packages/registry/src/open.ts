import { RondeError } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { Registry } from './port.ts';

export interface RegistryOptions {
  /** Directory of `registry.sqlite` when the URL names no file. */
  dataDir: string;
  log: Logger;
}
type Open = (location: string, options: RegistryOptions) => Promise<Registry>;

const ADAPTERS: Record<string, Open> = {
  sqlite: async (location, options) =>
    (await import('./adapters/sqlite/index.ts')).openSqliteRegistry(location, options),
};

/**
 * Opens the registry that a URL names: `sqlite:` (DATA_DIR/registry.sqlite), `sqlite:FILE` or `sqlite::memory:`.
 * @throws (by rejection) RondeError CONFIG_INVALID for an unknown scheme, SCHEMA_NEWER, STORE_CORRUPT or REGISTRY_UNREACHABLE
 */
export async function openRegistry(url: string, options: RegistryOptions): Promise<Registry> {
  const colon = url.indexOf(':');
  const open = colon > 0 ? ADAPTERS[url.slice(0, colon)] : undefined;
  if (open) return open(url.slice(colon + 1), options);
  // only the scheme is told: the rest may hold a password
  const scheme = colon > 0 ? `${url.slice(0, colon)}:` : url;
  const known = Object.keys(ADAPTERS)
    .map((name) => `${name}:`)
    .join(', ');
  throw new RondeError('CONFIG_INVALID', `REGISTRY_URL ${scheme}: no such registry; known: ${known}`);
}
