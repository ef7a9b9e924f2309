import { createHash } from 'node:crypto';
import { RondeError } from '@ronde/contracts';
import { migrate, type Database, type Queries } from '@ronde/postgres';
import { KIND_NAMES, KINDS, kindOf, type Kind } from '../../kinds.ts';
import { MIGRATIONS } from '../../migrations.ts';

/**
 * Brings the schema to a version, this one's own unless told.
 * @returns the version before
 * @throws RondeError SCHEMA_NEWER when a newer version wrote it
 */
export function migrateRegistry(database: Database, to?: number): Promise<number> {
  return migrate(database, {
    noun: 'registry',
    migrations: MIGRATIONS.map(({ postgres }) => postgres),
    layout: createHash('sha256').update(JSON.stringify(KINDS)).digest('hex').slice(0, 16),
    afterwards: makeDocumentTables,
    ...(to !== undefined && { to }),
  });
}

/** Gives the column of a field that may be filtered by. @throws RondeError INPUT_INVALID for any other */
export function columnOf(kind: Kind, field: string): string {
  if (field === 'id') return 'id';
  const { fields } = kindOf(kind);
  if (Object.hasOwn(fields, field)) return `"${field}"`;
  const known = Object.keys(fields).join(', ') || 'none';
  throw new RondeError('INPUT_INVALID', `${kind} cannot be filtered by ${field}; indexed fields: ${known}`);
}

/*
 * doc is json, not jsonb: it comes back letter for letter. Fields are columns that the database itself fills, so that
 * processes of two versions may write beside each other, and that change only when the field does, so that updates of
 * a document leave its indexes alone. Every order is "C": the order of bytes, as in SQLite.
 */
async function makeDocumentTables(queries: Queries): Promise<void> {
  const rows = await queries.rows<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = current_schema`,
  );
  const known = new Set(rows.map(({ name }) => name));
  for (const kind of KIND_NAMES) {
    const statements = known.has(`${kind}.doc`) ? [] : [documentTable(kind)];
    for (const field of Object.keys(kindOf(kind).fields))
      if (!known.has(`${kind}.${field}`)) statements.push(fieldColumn(kind, field));
    await queries.script([...statements, ...indexes(kind)].join(';\n'));
  }
}

function documentTable(kind: Kind): string {
  return `CREATE TABLE "${kind}" (
    seq bigint GENERATED ALWAYS AS IDENTITY, tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
    doc json NOT NULL, PRIMARY KEY (tenant, id))`;
}

function fieldColumn(kind: Kind, field: string): string {
  const { fields, fallbacks } = kindOf(kind);
  const fallback = fallbacks?.[field];
  const plain = valueAt(fields[field]!);
  const expression = fallback
    ? `coalesce(${plain}, CASE WHEN ${valueAt(fallback.present)} IS NULL THEN '${fallback.otherwise}' ELSE '${fallback.then}' END)`
    : plain;
  return `ALTER TABLE "${kind}" ADD COLUMN "${field}" text COLLATE "C" GENERATED ALWAYS AS (${expression}) STORED`;
}

function valueAt(path: string): string {
  return `doc #>> '{${path.slice('$.'.length).replaceAll('.', ',')}}'`;
}

function indexes(kind: Kind): string[] {
  const { fields, unique = [], newestFirst } = kindOf(kind);
  const order = newestFirst ? 'seq' : 'id';
  const plain = Object.keys(fields).filter((field) => !unique.includes(field));
  return [
    ...unique.map(
      (field) => `CREATE UNIQUE INDEX IF NOT EXISTS "${kind}_one_${field}" ON "${kind}" (${columnOf(kind, field)})`,
    ),
    ...plain.map(
      (field) =>
        `CREATE INDEX IF NOT EXISTS "${kind}_by_${field}" ON "${kind}" (tenant, ${columnOf(kind, field)}, ${order})`,
    ),
    ...(newestFirst ? [`CREATE INDEX IF NOT EXISTS "${kind}_by_seq" ON "${kind}" (tenant, seq)`] : []),
  ];
}
