import { RondeError } from '@ronde/contracts';
import type { Database, Queries } from './database.ts';

/** One numbered change of a schema, forward and back; never edited once released. */
export interface Migration {
  up: string;
  /** Takes the change back, for an older version; what only the newer one knew is lost. */
  down: string;
}
export interface MigrateOptions {
  noun: string;
  migrations: readonly Migration[];
  /** Version to bring the schema to; this version's own unless told. */
  to?: number;
  /** Changes that are not numbered, such as tables for new kinds; runs after the numbered ones, when `layout` is new. */
  afterwards?: (queries: Queries) => Promise<void>;
  /** Stands for what `afterwards` makes: the same text means that there is nothing to do. */
  layout?: string;
}

/** Long enough to build an index over millions of rows. */
const MIGRATION_MS = 3_600_000;
const MISSING_SCHEMA = "SELECT to_regclass(format('%I.schema_version', $1::text)) IS NOT NULL AS known";

interface State {
  version: number;
  layout: string;
}

/**
 * Brings a schema to a version in one transaction; many processes may start at once, one of them does the work. A
 * process killed in the middle leaves the schema as it was.
 * @returns the version before
 * @throws RondeError SCHEMA_NEWER when a newer version wrote it
 */
export async function migrate(database: Database, options: MigrateOptions): Promise<number> {
  const { migrations, noun, layout = '' } = options;
  const wanted = options.to ?? migrations.length;
  if (!Number.isSafeInteger(wanted) || wanted < 0 || wanted > migrations.length)
    throw new RondeError('INPUT_INVALID', `the ${noun} has schemas 0 to ${migrations.length}, not ${wanted}`);
  const refuseNewer = ({ version }: State): void => {
    if (version > migrations.length)
      throw new RondeError(
        'SCHEMA_NEWER',
        `the ${noun} has schema ${version}, this version knows up to ${migrations.length}`,
      );
  };
  const before = await readState(database, database.schema);
  refuseNewer(before);
  if (before.version === wanted && before.layout === layout) return before.version;
  return database.transaction(
    async (queries) => {
      await queries.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`ronde ${database.schema}`]);
      await queries.run(`CREATE SCHEMA IF NOT EXISTS "${database.schema}"`);
      await queries.run(`SET LOCAL search_path = "${database.schema}"`);
      // somebody else may have done it while we waited
      const state = await readState(queries, database.schema);
      refuseNewer(state);
      for (const statements of stepsBetween(migrations, state.version, wanted)) await queries.script(statements);
      if (wanted === migrations.length) await options.afterwards?.(queries);
      await writeState(queries, { version: wanted, layout: wanted === migrations.length ? layout : '' });
      return state.version;
    },
    { statementMs: MIGRATION_MS },
  );
}

function stepsBetween(migrations: readonly Migration[], from: number, to: number): string[] {
  if (to >= from) return migrations.slice(from, to).map(({ up }) => up);
  return migrations
    .slice(to, from)
    .reverse()
    .map(({ down }) => down);
}

async function readState(queries: Queries, schema: string): Promise<State> {
  const [found] = await queries.rows<{ known: boolean }>(MISSING_SCHEMA, [schema]);
  if (!found?.known) return { version: 0, layout: '' };
  const [state] = await queries.rows<State>(`SELECT version, layout FROM "${schema}".schema_version`);
  return state ?? { version: 0, layout: '' };
}

async function writeState(queries: Queries, { version, layout }: State): Promise<void> {
  await queries.script(`CREATE TABLE IF NOT EXISTS schema_version (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), version integer NOT NULL, layout text NOT NULL)`);
  await queries.run(
    `INSERT INTO schema_version (version, layout) VALUES ($1, $2)
     ON CONFLICT (one) DO UPDATE SET version = excluded.version, layout = excluded.layout`,
    [version, layout],
  );
}
