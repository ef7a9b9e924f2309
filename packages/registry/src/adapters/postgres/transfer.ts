import { RondeError } from '@ronde/contracts';
import type { StoredAnswer } from '@ronde/kit';
import {
  fromStoredJson,
  fromStoredText,
  toStoredJson,
  toStoredText,
  type Database,
  type Queries,
} from '@ronde/postgres';
import { KIND_NAMES } from '../../kinds.ts';
import type { LoadOptions, RegistryPart, TakePart } from '../../port.ts';

const PAGE = 1_000;
/** Copies of whole registries take their time. */
const COPY_MS = 3_600_000;

type Documents = Omit<Extract<RegistryPart, { documents: unknown }>, 'kind'>;
interface Row {
  seq: string;
  tenant: string;
  id: string;
  doc: string;
}

/** Reads everything as of one moment, in order of insertion. */
export function dumpRegistry(database: Database, take: TakePart): Promise<void> {
  let isTaken = false;
  return database.transaction(
    async (queries) => {
      if (isTaken) throw new RondeError('REGISTRY_UNREACHABLE', 'the registry was lost while it was being copied');
      isTaken = true;
      for (const kind of KIND_NAMES)
        await dumpDocuments(queries, `"${database.schema}"."${kind}"`, (part) => take({ kind, ...part }));
      await take({ answers: await answersOf(queries, database.schema) });
      await take({ meta: await metaOf(queries, database.schema) });
    },
    { snapshot: true, statementMs: COPY_MS },
  );
}

async function dumpDocuments(queries: Queries, table: string, take: (part: Documents) => Promise<void>): Promise<void> {
  const sql = `SELECT seq, tenant, id, doc::text FROM ${table} WHERE seq > $1::bigint ORDER BY seq LIMIT ${PAGE}`;
  for (let after = '0'; ;) {
    const rows = await queries.rows<Row>(sql, [after]);
    for (const [tenant, mine] of Map.groupBy(rows, (row) => row.tenant))
      await take({ tenant, documents: mine.map(({ id, doc }) => [fromStoredText(id), fromStoredJson(doc)]) });
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.seq;
  }
}

async function answersOf(queries: Queries, schema: string): Promise<(StoredAnswer & { tenant: string })[]> {
  const rows = await queries.rows<StoredAnswer & { tenant: string }>(
    `SELECT tenant, key, method, path, "bodyHash", status, body, "atMs"::float8 AS "atMs" FROM "${schema}".idempotency`,
  );
  return rows.map((row) => ({
    ...row,
    key: fromStoredText(row.key),
    path: fromStoredText(row.path),
    body: fromStoredText(row.body),
  }));
}

async function metaOf(queries: Queries, schema: string): Promise<[string, string][]> {
  const rows = await queries.rows<{ key: string; value: string }>(`SELECT key, value FROM "${schema}".meta`);
  return rows.map(({ key, value }) => [key, fromStoredText(value)]);
}

/** Fills the registry with what `dump` gave, whole or not at all. */
export async function loadRegistry(
  database: Database,
  fill: (take: TakePart) => Promise<void>,
  { replace = false }: LoadOptions = {},
): Promise<void> {
  const tables = [...KIND_NAMES, 'idempotency', 'meta'].map((name) => `"${database.schema}"."${name}"`);
  let isTaken = false;
  await database.transaction(
    async (queries) => {
      // what is given can be given once
      if (isTaken)
        throw new RondeError('REGISTRY_UNREACHABLE', 'the registry was written to while it was being filled');
      if (replace) await queries.script(`TRUNCATE ${tables.join(', ')}`);
      else await refuseFull(queries, tables);
      isTaken = true;
      await fill((part) => loadPart(queries, database.schema, part));
    },
    { statementMs: COPY_MS },
  );
}

async function refuseFull(queries: Queries, tables: string[]): Promise<void> {
  await queries.script(`LOCK TABLE ${tables.join(', ')} IN EXCLUSIVE MODE`);
  const any = tables.map((table) => `EXISTS (SELECT 1 FROM ${table})`).join(' OR ');
  const [row] = await queries.rows<{ full: boolean }>(`SELECT ${any} AS full`);
  if (row!.full) throw new RondeError('RESOURCE_EXISTS', 'the registry already holds something');
}

async function loadPart(queries: Queries, schema: string, part: RegistryPart): Promise<void> {
  if ('documents' in part) {
    await queries.run(
      `INSERT INTO "${schema}"."${part.kind}" (tenant, id, doc)
       SELECT $1, id, doc::json FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS given (id, doc, n) ORDER BY n`,
      [part.tenant, part.documents.map(([id]) => toStoredText(id)), part.documents.map(([, doc]) => toStoredJson(doc))],
    );
    return;
  }
  for (const [key, value] of 'meta' in part ? part.meta : [])
    await queries.run(`INSERT INTO "${schema}".meta VALUES ($1, $2)`, [key, toStoredText(value)]);
  for (const { tenant, key, method, path, bodyHash, status, body, atMs } of 'answers' in part ? part.answers : [])
    await queries.run(`INSERT INTO "${schema}".idempotency VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, [
      tenant,
      toStoredText(key),
      method,
      toStoredText(path),
      bodyHash,
      status,
      toStoredText(body),
      atMs,
    ]);
}
