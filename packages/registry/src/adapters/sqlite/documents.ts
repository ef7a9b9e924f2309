import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import type { Kind } from '../../kinds.ts';
import type { ListQuery, Where } from '../../port.ts';
import { expressionOf } from './schema.ts';
import { seal, unseal } from './sealed.ts';

/** Documents cross the thread as JSON text: the worker never parses them. */
export interface DocumentPage {
  docs: string[];
  next?: string;
}
interface Row {
  seq: number;
  id: string;
  doc: string;
}

/** Gives the statements over document tables of one open database. */
export function createDocuments(db: DatabaseSync) {
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const select = (kind: Kind, tenant: string, where: Where, tail: { sql: string; values: SQLInputValue[] }): Row[] => {
    const filter = conditions(kind, where);
    const sql = `SELECT seq, id, doc FROM ${filter.lists}${kind} WHERE tenant = ?${filter.sql}${tail.sql}`;
    const rows = prepared(sql).all(...filter.listed, tenant, ...filter.values, ...tail.values) as unknown as Row[];
    for (const row of rows) row.doc = unseal({ kind, tenant, id: row.id }, row.doc);
    return rows;
  };
  return {
    get(kind: Kind, tenant: string, id: string): string | undefined {
      const row = prepared(`SELECT doc FROM ${kind} WHERE tenant = ? AND id = ?`).get(tenant, id) as Row | undefined;
      return row && unseal({ kind, tenant, id }, row.doc);
    },
    list(kind: Kind, tenant: string, query: ListQuery): DocumentPage {
      const { limit, cursor, where = {}, descending } = query;
      const rows = select(kind, tenant, where, pageTail(limit, cursor, descending));
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const docs = page.map((row) => row.doc);
      return rows.length > limit && last ? { docs, next: descending ? String(last.seq) : last.id } : { docs };
    },
    all: (kind: Kind, tenant: string, where: Where): string[] =>
      select(kind, tenant, where, { sql: ' ORDER BY id', values: [] }).map((row) => row.doc),
    count(kind: Kind, tenant: string, where: Where): number {
      const filter = conditions(kind, where);
      const found = prepared(`SELECT count(*) AS n FROM ${filter.lists}${kind} WHERE tenant = ?${filter.sql}`).get(
        ...filter.listed,
        tenant,
        ...filter.values,
      );
      return (found as { n: number }).n;
    },
    insert(kind: Kind, tenant: string, id: string, doc: string): boolean {
      const statement = prepared(`INSERT OR IGNORE INTO ${kind} (tenant, id, doc) VALUES (?, ?, ?)`);
      return statement.run(tenant, id, seal(tenant, id, doc)).changes === 1;
    },
    put(kind: Kind, tenant: string, documents: [id: string, doc: string][]): void {
      const statement = prepared(
        `INSERT INTO ${kind} (tenant, id, doc) VALUES (?, ?, ?) ON CONFLICT (tenant, id) DO UPDATE SET doc = excluded.doc`,
      );
      for (const [id, doc] of documents) statement.run(tenant, id, seal(tenant, id, doc));
    },
    delete(kind: Kind, tenant: string, id: string): boolean {
      return prepared(`DELETE FROM ${kind} WHERE tenant = ? AND id = ?`).run(tenant, id).changes === 1;
    },
    find(kind: Kind, field: string, value: string): { tenant: string; doc: string } | undefined {
      const found = prepared(`SELECT tenant, id, doc FROM ${kind} WHERE ${expressionOf(kind, field)} = ?`).get(value);
      const row = found as { tenant: string; id: string; doc: string } | undefined;
      return row && { tenant: row.tenant, doc: unseal({ kind, ...row }, row.doc) };
    },
  };
}

/** From so many values on, each is looked up by itself; SQLite would rather walk over all documents. */
const MANY = 9;

interface Conditions {
  /** Lists of wanted values, joined before the table, and what they hold. */
  lists: string;
  listed: string[];
  sql: string;
  values: string[];
}

function conditions(kind: Kind, where: Where): Conditions {
  const found: Conditions = { lists: '', listed: [], sql: '', values: [] };
  for (const [field, wanted] of Object.entries(where)) {
    if (wanted === undefined) continue;
    const expression = expressionOf(kind, field);
    if (typeof wanted === 'string') {
      found.sql += ` AND ${expression} = ?`;
      found.values.push(wanted);
    } else if (wanted.length >= MANY) {
      // CROSS JOIN keeps this order: the list outside, the index inside
      const list = `wanted${found.listed.length}`;
      found.lists += `(SELECT value FROM json_each(?)) AS ${list} CROSS JOIN `;
      found.listed.push(JSON.stringify([...new Set(wanted)]));
      found.sql += ` AND ${expression} = ${list}.value`;
    } else {
      // one parameter whatever the length, so that few statements are kept
      found.sql += ` AND ${expression} IN (SELECT value FROM json_each(?))`;
      found.values.push(JSON.stringify(wanted));
    }
  }
  return found;
}

function pageTail(
  limit: number,
  cursor: string | undefined,
  descending = false,
): { sql: string; values: SQLInputValue[] } {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RondeError('INPUT_INVALID', `limit ${limit} is not a positive whole number`);
  if (!descending) {
    const after = cursor === undefined ? [] : [cursor];
    return { sql: `${cursor === undefined ? '' : ' AND id > ?'} ORDER BY id LIMIT ?`, values: [...after, limit + 1] };
  }
  const before = cursor === undefined ? [] : [Number(cursor)];
  if (!before.every(Number.isSafeInteger)) throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return {
    sql: `${cursor === undefined ? '' : ' AND seq < ?'} ORDER BY seq DESC LIMIT ?`,
    values: [...before, limit + 1],
  };
}
