import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { serveThread } from '@ronde/kit/thread';
import { MIGRATIONS } from '../../migrations.ts';
import { KIND_NAMES, type Kind } from '../../kinds.ts';
import type { StoredAnswer } from '@ronde/kit';
import type { ListQuery, RegistryPart, Where } from '../../port.ts';
import { createDocuments } from './documents.ts';
import { toFault, toOpenFault } from './faults.ts';
import { createGroupCommit } from './group-commit.ts';
import { migrate } from './schema.ts';
import { seal, unseal } from './sealed.ts';

export type RegistryHandlers = ReturnType<typeof openHandlers>;

const BUSY_TIMEOUT_MS = 5_000;

function openDatabase(file: string): { db: DatabaseSync; version: number } {
  try {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    // what was deleted must not live on in pages that nobody uses
    db.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    migrate(db);
    checkIndexes(db);
    return { db, version: MIGRATIONS.length };
  } catch (error) {
    throw toOpenFault(error, file);
  }
}

/** A flipped bit in an index would hide a document; 60 ms for 22,000 documents. */
function checkIndexes(db: DatabaseSync): void {
  const { integrity_check: found } = db.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string };
  if (found !== 'ok') throw new RondeError('STORE_CORRUPT', `registry: ${found}; restore the last backup`);
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
    ...transferHandlers(db, commit),
    backup(target: string): void {
      commit.flush();
      backup(db, target);
    },
    scrub(): void {
      commit.flush();
      // the log holds pages as they were before
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
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

const PAGE = 1_000;

function transferHandlers(db: DatabaseSync, commit: ReturnType<typeof createGroupCommit>) {
  const tables = [...KIND_NAMES, 'idempotency', 'meta'];
  const page = (kind: Kind, after: number): { parts: RegistryPart[]; next?: number } => {
    const sql = `SELECT seq, tenant, id, doc FROM ${kind} WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`;
    const rows = db.prepare(sql).all(after) as { seq: number; tenant: string; id: string; doc: string }[];
    const parts = [...Map.groupBy(rows, (row) => row.tenant)].map(([tenant, mine]): RegistryPart => ({
      kind,
      tenant,
      documents: mine.map(({ id, doc }) => [id, unseal({ kind, tenant, id }, doc)]),
    }));
    return rows.length < PAGE ? { parts } : { parts, next: rows.at(-1)!.seq };
  };
  const loadPart = (part: RegistryPart): void => {
    if ('documents' in part) {
      const insert = db.prepare(`INSERT INTO ${part.kind} (tenant, id, doc) VALUES (?, ?, ?)`);
      for (const [id, doc] of part.documents) insert.run(part.tenant, id, seal(part.tenant, id, doc));
    } else if ('meta' in part) {
      const insert = db.prepare('INSERT INTO meta VALUES (?, ?)');
      for (const [key, value] of part.meta) insert.run(key, value);
    } else {
      const insert = db.prepare('INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
      for (const r of part.answers) insert.run(r.tenant, r.key, r.method, r.path, r.bodyHash, r.status, r.body, r.atMs);
    }
  };
  const makeEmpty = (replace: boolean): void => {
    const isFull = tables.some((table) => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get());
    if (isFull && !replace) throw new RondeError('RESOURCE_EXISTS', 'the registry already holds something');
    for (const table of tables) db.exec(`DELETE FROM ${table}`);
  };
  return {
    page: (kind: Kind, after: number) => commit.run(() => page(kind, after)),
    allKeys: () =>
      commit.run(
        () => db.prepare('SELECT * FROM idempotency').all() as unknown as (StoredAnswer & { tenant: string })[],
      ),
    allMeta: () =>
      commit.run(() =>
        (db.prepare('SELECT key, value FROM meta').all() as { key: string; value: string }[]).map(
          ({ key, value }): [string, string] => [key, value],
        ),
      ),
    makeEmpty: (replace: boolean) => commit.run(() => makeEmpty(replace)),
    loadPart: (part: RegistryPart) => commit.run(() => loadPart(part)),
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
