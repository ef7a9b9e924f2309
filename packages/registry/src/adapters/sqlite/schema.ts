import type { DatabaseSync } from 'node:sqlite';
import { RondeError } from '@ronde/contracts/errors';
import { KIND_NAMES, kindOf, type Kind } from '../../kinds.ts';
import { MIGRATIONS, type RegistryMigration } from '../../migrations.ts';

/**
 * Brings a database to a version of its schema, this one's own unless told, whole or not at all.
 * @throws RondeError SCHEMA_NEWER when a newer version wrote it
 */
export function migrate(
  db: DatabaseSync,
  { migrations = MIGRATIONS, to = migrations.length }: MigrateOptions = {},
): number {
  const { user_version: from } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (from > migrations.length)
    throw new RondeError(
      'SCHEMA_NEWER',
      `the registry has schema ${from}, this version knows up to ${migrations.length}`,
    );
  if (!Number.isSafeInteger(to) || to < 0 || to > migrations.length)
    throw new RondeError('INPUT_INVALID', `the registry has schemas 0 to ${migrations.length}, not ${to}`);
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const { sqlite } of migrations.slice(from, to)) db.exec(sqlite.up);
    for (const { sqlite } of migrations.slice(to, from).reverse()) db.exec(sqlite.down);
    if (to === migrations.length) for (const kind of KIND_NAMES) db.exec(documentTable(kind));
    db.exec(`PRAGMA user_version = ${to}; COMMIT`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  return from;
}

export interface MigrateOptions {
  migrations?: readonly Pick<RegistryMigration, 'sqlite'>[];
  to?: number;
}

/** Gives the SQL expression of an indexed field; queries must use the same text for SQLite to use the index. */
export function expressionOf(kind: Kind, field: string): string {
  const path = Object.hasOwn(kindOf(kind).fields, field) ? kindOf(kind).fields[field] : undefined;
  if (field === 'id') return 'id';
  const fallback = kindOf(kind).fallbacks?.[field];
  if (path !== undefined && fallback) {
    const { present, then, otherwise } = fallback;
    return `coalesce(doc ->> '${path}', iif(doc ->> '${present}' IS NULL, '${otherwise}', '${then}'))`;
  }
  if (path !== undefined) return `doc ->> '${path}'`;
  const known = Object.keys(kindOf(kind).fields).join(', ') || 'none';
  throw new RondeError('INPUT_INVALID', `${kind} cannot be filtered by ${field}; indexed fields: ${known}`);
}

function documentTable(kind: Kind): string {
  const { fields, unique = [], newestFirst } = kindOf(kind);
  const order = newestFirst ? 'seq' : 'id';
  const statements = [
    `CREATE TABLE IF NOT EXISTS ${kind} (
       seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL, UNIQUE (tenant, id))`,
  ];
  for (const field of unique) {
    statements.push(`CREATE UNIQUE INDEX IF NOT EXISTS ${kind}_one_${field} ON ${kind} (${expressionOf(kind, field)})`);
  }
  for (const field of Object.keys(fields).filter((name) => !unique.includes(name))) {
    // seq is the rowid, which every index carries at its end
    const columns = `tenant, ${expressionOf(kind, field)}${order === 'id' ? ', id' : ''}`;
    statements.push(`CREATE INDEX IF NOT EXISTS ${kind}_by_${field} ON ${kind} (${columns})`);
  }
  if (newestFirst) statements.push(`CREATE INDEX IF NOT EXISTS ${kind}_by_seq ON ${kind} (tenant)`);
  return statements.join(';\n');
}
