import { openDatabase, readAddress, type Database } from '@ronde/postgres';
import { KIND_NAMES, type Kind } from '../../kinds.ts';
import type { RegistryOptions } from '../../open.ts';
import type { Registry } from '../../port.ts';
import { backupTo } from '../backup-file.ts';
import { createCollection, createFinders, type DocumentEngine } from '../collection.ts';
import { createDocuments } from './documents.ts';
import { createOrder } from './order.ts';
import { migrateRegistry } from './schema.ts';
import { createIdempotency, createMeta } from './small-facts.ts';
import { dumpRegistry, loadRegistry } from './transfer.ts';

type Collections = Pick<Registry, Kind>;

const DEFAULT_SCHEMA = 'ronde_registry';

/** Opens a registry in one schema of a PostgreSQL database, which many processes may share. */
export async function openPostgresRegistry(url: string, { log }: RegistryOptions): Promise<Registry> {
  const database = await openRegistryDatabase(url, log);
  try {
    const before = await migrateRegistry(database);
    log.info({ schema: database.schema, schema_version_before: before }, 'registry.store.open');
  } catch (error) {
    await database.close();
    throw error;
  }
  const engine = createEngine(database);
  const collections = Object.fromEntries(
    KIND_NAMES.map((kind) => [kind, createCollection(kind, engine)]),
  ) as unknown as Collections;
  const registry: Registry = {
    ...collections,
    ...createFinders(engine),
    idempotency: createIdempotency(database, database.schema),
    meta: createMeta(database, database.schema),
    health: database.health,
    dump: (take) => dumpRegistry(database, take),
    load: (fill, options) => loadRegistry(database, fill, options),
    backup: (file) => backupTo(file, registry),
    close: database.close,
  };
  return registry;
}

/** Opens the database of a registry as it is, without bringing its schema up. */
export function openRegistryDatabase(url: string, log: RegistryOptions['log']): Promise<Database> {
  const address = readAddress(url, { variable: 'REGISTRY_URL', schema: DEFAULT_SCHEMA });
  const names = { unreachable: 'REGISTRY_UNREACHABLE', noun: 'registry', taken: 'RESOURCE_EXISTS' } as const;
  return openDatabase(address, { ...names, log, applicationName: 'ronde registry' });
}

/** Documents over a pool, with calls on one document in the order in which they were made. */
function createEngine(database: Database): DocumentEngine {
  const documents = createDocuments(database, database.schema);
  const order = createOrder();
  const keyOf = (kind: Kind, tenant: string, id: string): string => `${kind}\n${tenant}\n${id}`;
  return {
    ...documents,
    get: (kind, tenant, id) => order.run([keyOf(kind, tenant, id)], () => documents.get(kind, tenant, id)),
    insert: (kind, tenant, id, doc) =>
      order.run([keyOf(kind, tenant, id)], () => documents.insert(kind, tenant, [id, doc])),
    put: (kind, tenant, entries) =>
      order.run(
        entries.map(([id]) => keyOf(kind, tenant, id)),
        () => documents.put(kind, tenant, entries),
      ),
    delete: (kind, tenant, id) => order.run([keyOf(kind, tenant, id)], () => documents.delete(kind, tenant, id)),
  };
}
