import { openByUrl } from '@ronde/kit';
import { MIGRATIONS } from './migrations.ts';
import type { RegistryOptions } from './open.ts';

/** Versions of a store's schema. */
export interface SchemaChange {
  before: number;
  after: number;
  /** The newest that this version knows. */
  newest: number;
}

/**
 * Brings a registry's schema to a version without opening it: back, so that an older Ronde can start on it, or forward.
 * No Ronde may run on it. What only the newer version kept is lost on the way back.
 * @throws (by rejection) RondeError INPUT_INVALID for a version that there is not, SCHEMA_NEWER, REGISTRY_UNREACHABLE
 */
export async function changeRegistrySchema(url: string, to: number, options: RegistryOptions): Promise<SchemaChange> {
  const postgres = async (): Promise<number> => {
    const { openRegistryDatabase } = await import('./adapters/postgres/index.ts');
    const { migrateRegistry } = await import('./adapters/postgres/schema.ts');
    const database = await openRegistryDatabase(url, options.log);
    return migrateRegistry(database, to).finally(() => database.close());
  };
  const sqlite = async (location: string): Promise<number> =>
    (await import('./adapters/sqlite/change-schema.ts')).changeFileSchema(location, options.dataDir, to);
  const before = await openByUrl(url, {
    variable: 'REGISTRY_URL',
    noun: 'registry',
    adapters: { sqlite, postgres, postgresql: postgres },
  });
  return { before, after: to, newest: MIGRATIONS.length };
}
