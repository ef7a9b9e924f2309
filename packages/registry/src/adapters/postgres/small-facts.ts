import type { StoredAnswer } from '@ronde/kit';
import { fromStoredText, toStoredText, type Queries } from '@ronde/postgres';
import type { Registry } from '../../port.ts';

const COLUMNS = 'key, method, path, "bodyHash", status, body, "atMs"::float8 AS "atMs"';

/** Gives the answers kept for idempotency keys. */
export function createIdempotency(queries: Queries, schema: string): Registry['idempotency'] {
  const table = `"${schema}".idempotency`;
  const find = async (tenant: string, key: string): Promise<StoredAnswer | undefined> => {
    const sql = `SELECT ${COLUMNS} FROM ${table} WHERE tenant = $1 AND key = $2`;
    const [row] = await queries.rows<StoredAnswer>(sql, [tenant, toStoredText(key)]);
    return (
      row && { ...row, key: fromStoredText(row.key), path: fromStoredText(row.path), body: fromStoredText(row.body) }
    );
  };
  return {
    find,
    async remember(tenant, { key, method, path, bodyHash, status, body, atMs }) {
      const values = [toStoredText(key), method, toStoredText(path), bodyHash, status, toStoredText(body), atMs];
      const sql = `INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`;
      const isFresh = (await queries.run(sql, [tenant, ...values])) === 1;
      return isFresh ? undefined : find(tenant, key);
    },
    prune: async (beforeMs) =>
      void (await queries.run(`DELETE FROM ${table} WHERE "atMs" < $1`, [Math.ceil(beforeMs)])),
  };
}

/** Gives the small facts of the platform itself. */
export function createMeta(queries: Queries, schema: string): Registry['meta'] {
  const table = `"${schema}".meta`;
  return {
    async get(key) {
      const [row] = await queries.rows<{ value: string }>(`SELECT value FROM ${table} WHERE key = $1`, [key]);
      return row && fromStoredText(row.value);
    },
    async set(key, value) {
      const sql = `INSERT INTO ${table} VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
      await queries.run(sql, [key, toStoredText(value)]);
    },
  };
}
