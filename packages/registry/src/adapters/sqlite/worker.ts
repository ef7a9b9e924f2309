import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts';
import { serveThread } from '@ronde/kit/thread';
import type { Kind } from '../../kinds.ts';
import type { StoredAnswer } from '@ronde/kit';
import type { ListQuery, Where } from '../../port.ts';
import { createDocuments } from './documents.ts';
import { toFault } from './faults.ts';
import { createGroupCommit } from './group-commit.ts';
import { migrate } from './schema.ts';

export type RegistryHandlers = ReturnType<typeof openHandlers>;

const BUSY_TIMEOUT_MS = 5_000;

function openDatabase(file: string): { db: DatabaseSync; version: number } {
  try {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    return { db, version: migrate(db) };
  } catch (error) {
    throw toFault(error);
  }
}

function openHandlers({ file }: { file: string }) {
  const { db, version } = openDatabase(file);
  const documents = createDocuments(db);
  const commit = createGroupCommit(db);
  return {
    version: () => version,
    get: (kind: Kind, tenant: string, id: string) => commit.run(() => documents.get(kind, tenant, id)),
    list: (kind: Kind, tenant: string, query: ListQuery) => commit.run(() => documents.list(kind, tenant, query)),
    all: (kind: Kind, tenant: string, where: Where) => commit.run(() => documents.all(kind, tenant, where)),
    count: (kind: Kind, tenant: string, where: Where) => commit.run(() => documents.count(kind, tenant, where)),
    insert: (kind: Kind, tenant: string, id: string, doc: string) =>
      commit.run(() => documents.insert(kind, tenant, id, doc)),
    put: (kind: Kind, tenant: string, entries: [string, string][]) =>
      commit.run(() => documents.put(kind, tenant, entries)),
    delete: (kind: Kind, tenant: string, id: string) => commit.run(() => documents.delete(kind, tenant, id)),
    find: (kind: Kind, field: string, value: string) => commit.run(() => documents.find(kind, field, value)),
    ...idempotencyHandlers(db, commit),
    ...metaHandlers(db, commit),
    backup(target: string): void {
      commit.flush();
      backup(db, target);
    },
    close(): void {
      commit.flush();
      db.close();
    },
  };
}

function idempotencyHandlers(db: DatabaseSync, commit: ReturnType<typeof createGroupCommit>) {
  const select = db.prepare(
    'SELECT key, method, path, bodyHash, status, body, atMs FROM idempotency WHERE tenant = ? AND key = ?',
  );
  const insert = db.prepare('INSERT OR IGNORE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const prune = db.prepare('DELETE FROM idempotency WHERE atMs < ?');
  const find = (tenant: string, key: string) => select.get(tenant, key) as StoredAnswer | undefined;
  return {
    findKey: (tenant: string, key: string) => commit.run(() => find(tenant, key)),
    rememberKey: (tenant: string, r: StoredAnswer) =>
      commit.run(() => {
        const fresh = insert.run(tenant, r.key, r.method, r.path, r.bodyHash, r.status, r.body, r.atMs).changes === 1;
        return fresh ? undefined : find(tenant, r.key);
      }),
    pruneKeys: (beforeMs: number) => commit.run(() => void prune.run(beforeMs)),
  };
}

function metaHandlers(db: DatabaseSync, commit: ReturnType<typeof createGroupCommit>) {
  const select = db.prepare('SELECT value FROM meta WHERE key = ?');
  const upsert = db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  return {
    getMeta: (key: string) => commit.run(() => (select.get(key) as { value: string } | undefined)?.value),
    setMeta: (key: string, value: string) => commit.run(() => void upsert.run(key, value)),
  };
}

function backup(db: DatabaseSync, target: string): void {
  if (existsSync(target)) throw new RondeError('RESOURCE_EXISTS', `backup: ${target} is already there`);
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    throw toFault(error);
  }
  // VACUUM INTO does not wait for the disk
  const copy = openSync(target, 'r+');
  fsyncSync(copy);
  closeSync(copy);
}

serveThread(openHandlers);
