import type { DeviceRecord, IntegrationRecord, TokenRecord } from '@ronde/contracts';
import type { Kind } from '../kinds.ts';
import type { Collection, ListQuery, Registry, Where } from '../port.ts';

/** What an engine does with documents, which it sees as JSON text. */
export interface DocumentEngine {
  get(kind: Kind, tenant: string, id: string): Promise<string | undefined>;
  list(kind: Kind, tenant: string, query: ListQuery): Promise<{ docs: string[]; next?: string }>;
  all(kind: Kind, tenant: string, where: Where): Promise<string[]>;
  count(kind: Kind, tenant: string, where: Where): Promise<number>;
  insert(kind: Kind, tenant: string, id: string, doc: string): Promise<boolean>;
  put(kind: Kind, tenant: string, entries: [id: string, doc: string][]): Promise<void>;
  delete(kind: Kind, tenant: string, id: string): Promise<boolean>;
  find(kind: Kind, field: string, value: string): Promise<{ tenant: string; doc: string } | undefined>;
}

/** Gives one kind's documents as the port has them. */
export function createCollection<T extends { id: string }>(kind: Kind, engine: DocumentEngine): Collection<T> {
  const parse = (docs: string[]): T[] => docs.map((doc) => JSON.parse(doc) as T);
  const entries = (documents: T[]): [string, string][] =>
    documents.map((document) => [document.id, JSON.stringify(document)]);
  return {
    async get(tenant, id) {
      const doc = await engine.get(kind, tenant, id);
      return doc === undefined ? undefined : (JSON.parse(doc) as T);
    },
    async list(tenant, query) {
      const { docs, next } = await engine.list(kind, tenant, query);
      return { items: parse(docs), ...(next !== undefined && { next }) };
    },
    all: async (tenant, where = {}) => parse(await engine.all(kind, tenant, where)),
    count: (tenant, where = {}) => engine.count(kind, tenant, where),
    insert: (tenant, document) => engine.insert(kind, tenant, document.id, JSON.stringify(document)),
    put: (tenant, document) => engine.put(kind, tenant, entries([document])),
    putAll: (tenant, documents) => engine.put(kind, tenant, entries(documents)),
    delete: (tenant, id) => engine.delete(kind, tenant, id),
  };
}

/** Gives the look-ups over all tenants. */
export function createFinders(engine: DocumentEngine): Pick<Registry, 'findDevice' | 'findIntegration' | 'findToken'> {
  const find = async <T>(kind: Kind, field: string, value: string): Promise<[string, T] | undefined> => {
    const found = await engine.find(kind, field, value);
    return found && [found.tenant, JSON.parse(found.doc) as T];
  };
  return {
    async findDevice(by) {
      const [field, value] = Object.entries(by)[0] as [string, string];
      const found = await find<DeviceRecord>('devices', field, value);
      return found && { tenant: found[0], device: found[1] };
    },
    async findIntegration(id) {
      const found = await find<IntegrationRecord>('integrations', 'id', id);
      return found && { tenant: found[0], integration: found[1] };
    },
    async findToken(secretHash) {
      const found = await find<TokenRecord>('tokens', 'secretHash', secretHash);
      return found && { tenant: found[0], token: found[1] };
    },
  };
}
