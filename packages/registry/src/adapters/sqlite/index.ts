import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RondeError, type DeviceRecord, type IntegrationRecord, type TokenRecord } from '@ronde/contracts';
import { openThread, type Remote } from '@ronde/kit';
import { KIND_NAMES, type Kind } from '../../kinds.ts';
import type { RegistryOptions } from '../../open.ts';
import type { Collection, Registry } from '../../port.ts';
import type { RegistryHandlers } from './worker.ts';

type Collections = Pick<Registry, Kind>;

/** Opens a registry in one SQLite file, served by one worker thread; empty location = DATA_DIR/registry.sqlite. */
export async function openSqliteRegistry(location: string, { dataDir, log }: RegistryOptions): Promise<Registry> {
  const file = location || join(dataDir, 'registry.sqlite');
  if (file !== ':memory:') makeDirectory(dirname(file));
  const thread = await openThread<RegistryHandlers>(new URL('./worker.ts', import.meta.url), { file });
  const { call } = thread;
  log.info({ file, schema_version: await call.version() }, 'registry.store.open');
  const collections = Object.fromEntries(
    KIND_NAMES.map((kind) => [kind, createCollection(kind, call)]),
  ) as unknown as Collections;
  const find = async <T>(
    kind: Kind,
    field: string,
    value: string,
  ): Promise<{ tenant: string; document: T } | undefined> => {
    const found = await call.find(kind, field, value);
    return found && { tenant: found.tenant, document: JSON.parse(found.doc) as T };
  };
  return {
    ...collections,
    async findDevice(by) {
      const [field, value] = Object.entries(by)[0] as [string, string];
      const found = await find<DeviceRecord>('devices', field, value);
      return found && { tenant: found.tenant, device: found.document };
    },
    async findIntegration(id) {
      const found = await find<IntegrationRecord>('integrations', 'id', id);
      return found && { tenant: found.tenant, integration: found.document };
    },
    async findToken(secretHash) {
      const found = await find<TokenRecord>('tokens', 'secretHash', secretHash);
      return found && { tenant: found.tenant, token: found.document };
    },
    idempotency: { find: call.findKey, remember: call.rememberKey, prune: call.pruneKeys },
    meta: { get: call.getMeta, set: call.setMeta },
    backup: call.backup,
    close: () => thread.close(),
  };
}

function createCollection<T extends { id: string }>(kind: Kind, call: Remote<RegistryHandlers>): Collection<T> {
  const parse = (docs: string[]): T[] => docs.map((doc) => JSON.parse(doc) as T);
  const entries = (documents: T[]): [string, string][] =>
    documents.map((document) => [document.id, JSON.stringify(document)]);
  return {
    async get(tenant, id) {
      const doc = await call.get(kind, tenant, id);
      return doc === undefined ? undefined : (JSON.parse(doc) as T);
    },
    async list(tenant, query) {
      const { docs, next } = await call.list(kind, tenant, query);
      return { items: parse(docs), ...(next !== undefined && { next }) };
    },
    all: async (tenant, where = {}) => parse(await call.all(kind, tenant, where)),
    count: (tenant, where = {}) => call.count(kind, tenant, where),
    insert: (tenant, document) => call.insert(kind, tenant, document.id, JSON.stringify(document)),
    put: (tenant, document) => call.put(kind, tenant, entries([document])),
    putAll: (tenant, documents) => call.put(kind, tenant, entries(documents)),
    delete: (tenant, id) => call.delete(kind, tenant, id),
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new RondeError('REGISTRY_UNREACHABLE', `registry: ${directory} cannot be made`, { cause });
  }
}
