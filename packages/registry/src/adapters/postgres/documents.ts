import { RondeError } from '@ronde/contracts';
import { fromStoredJson, toStoredJson, toStoredText, type Queries, type Value } from '@ronde/postgres';
import type { Kind } from '../../kinds.ts';
import type { ListQuery, Where } from '../../port.ts';
import { columnOf } from './schema.ts';

/** Documents as JSON text. */
export interface DocumentPage {
  docs: string[];
  next?: string;
}
interface Row {
  seq: string;
  id: string;
  doc: string;
}

/** Gives the statements over the document tables of a schema. */
export function createDocuments(queries: Queries, schema: string) {
  const table = (kind: Kind): string => `"${schema}"."${kind}"`;
  const select = async (kind: Kind, tenant: string, where: Where, tail: Tail): Promise<Row[]> => {
    const values: Value[] = [tenant];
    const filter = conditions(kind, where, values);
    // doc as text: the driver must not parse and print it again
    const sql = `SELECT seq, id, doc::text FROM ${table(kind)} WHERE tenant = $1${filter}${tail(values)}`;
    return (await queries.rows<Row>(sql, values)).map((row) => ({ ...row, doc: fromStoredJson(row.doc) }));
  };
  return {
    async get(kind: Kind, tenant: string, id: string): Promise<string | undefined> {
      const sql = `SELECT doc::text FROM ${table(kind)} WHERE tenant = $1 AND id = $2`;
      const [row] = await queries.rows<Row>(sql, [tenant, toStoredText(id)]);
      return row && fromStoredJson(row.doc);
    },
    async list(kind: Kind, tenant: string, query: ListQuery): Promise<DocumentPage> {
      const { limit, where = {} } = query;
      const rows = await select(kind, tenant, where, pageTail(query));
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const docs = page.map((row) => row.doc);
      return rows.length > limit && last ? { docs, next: query.descending ? last.seq : last.id } : { docs };
    },
    all: async (kind: Kind, tenant: string, where: Where): Promise<string[]> =>
      (await select(kind, tenant, where, () => ' ORDER BY id')).map(({ doc }) => doc),
    async count(kind: Kind, tenant: string, where: Where): Promise<number> {
      const values: Value[] = [tenant];
      const filter = conditions(kind, where, values);
      const sql = `SELECT count(*)::int AS n FROM ${table(kind)} WHERE tenant = $1${filter}`;
      return (await queries.rows<{ n: number }>(sql, values))[0]!.n;
    },
    insert: async (kind: Kind, tenant: string, [id, doc]: Entry): Promise<boolean> =>
      (await queries.run(
        `INSERT INTO ${table(kind)} (tenant, id, doc) VALUES ($1, $2, $3::json) ON CONFLICT DO NOTHING`,
        [tenant, toStoredText(id), toStoredJson(doc)],
      )) === 1,
    async put(kind: Kind, tenant: string, entries: Entry[]): Promise<void> {
      // the last of two with one id, in the place of the first: one statement changes a row once
      const last = [...new Map(entries)];
      if (last.length === 0) return;
      await queries.run(
        `INSERT INTO ${table(kind)} (tenant, id, doc)
         SELECT $1, id, doc::json FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given (id, doc, n) ORDER BY n
         ON CONFLICT (tenant, id) DO UPDATE SET doc = excluded.doc`,
        [tenant, last.map(([id]) => toStoredText(id)), last.map(([, doc]) => toStoredJson(doc))],
      );
    },
    delete: async (kind: Kind, tenant: string, id: string): Promise<boolean> =>
      (await queries.run(`DELETE FROM ${table(kind)} WHERE tenant = $1 AND id = $2`, [tenant, toStoredText(id)])) === 1,
    async find(kind: Kind, field: string, value: string): Promise<{ tenant: string; doc: string } | undefined> {
      const sql = `SELECT tenant, doc::text FROM ${table(kind)} WHERE ${columnOf(kind, field)} = $1`;
      const [row] = await queries.rows<{ tenant: string; doc: string }>(sql, [toStoredText(value)]);
      return row && { tenant: row.tenant, doc: fromStoredJson(row.doc) };
    },
  };
}

type Entry = [id: string, doc: string];
/** Gives what stands behind the conditions, and adds its values. */
type Tail = (values: Value[]) => string;

function conditions(kind: Kind, where: Where, values: Value[]): string {
  let sql = '';
  for (const [field, wanted] of Object.entries(where)) {
    if (wanted === undefined) continue;
    const column = columnOf(kind, field);
    const isOne = typeof wanted === 'string';
    const at = values.push(isOne ? toStoredText(wanted) : wanted.map(toStoredText));
    sql += isOne ? ` AND ${column} = $${at}` : ` AND ${column} = ANY ($${at}::text[])`;
  }
  return sql;
}

function pageTail({ limit, cursor, descending = false }: ListQuery): Tail {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RondeError('INPUT_INVALID', `limit ${limit} is not a positive whole number`);
  if (descending && cursor !== undefined && !/^\d{1,18}$/.test(cursor))
    throw new RondeError('INPUT_INVALID', 'the cursor is not one of this list');
  return (values) => {
    const past = cursor === undefined ? undefined : values.push(toStoredText(cursor));
    const max = values.push(limit + 1);
    if (descending) return `${past ? ` AND seq < $${past}::bigint` : ''} ORDER BY seq DESC LIMIT $${max}`;
    return `${past ? ` AND id > $${past}` : ''} ORDER BY id LIMIT $${max}`;
  };
}
