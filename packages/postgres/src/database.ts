import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { RondeError } from '@ronde/contracts';
import type { HealthReport, Logger } from '@ronde/kit';
import type { Address } from './address.ts';
import { isConnectionLost, isConnectionSpoiled, isLostRace, toFault, type FaultNames } from './faults.ts';

/** Waiting for a connection, new or free. */
const CONNECT_MS = 5_000;
/** The server gives up a statement after this long … */
const STATEMENT_MS = 15_000;
/** … and we stop listening a little later, for servers that hang. */
const ANSWER_MS = STATEMENT_MS + 3_000;
const LOCK_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/** A connection that stood still this long is asked nothing: firewalls forget such. */
const IDLE_MS = 60_000;
const PROBE_MS = 5_000;
const RACES = 8;

export type Value = string | number | boolean | null | readonly (string | number | null)[];
/** Runs statements; each text is prepared once a connection. */
export interface Queries {
  rows<T extends object>(sql: string, values?: Value[]): Promise<T[]>;
  /** How many rows a statement changed. */
  run(sql: string, values?: Value[]): Promise<number>;
  /** Several statements without values. */
  script(sql: string): Promise<void>;
}
export interface TransactionOptions {
  /** Statements may take this long; for migrations and copies. */
  statementMs?: number;
  /** One moment of the whole database, reading only. */
  snapshot?: boolean;
}
/** A bounded pool of connections to one schema. Every call ends in bounded time, and the pool mends itself. */
export interface Database extends Queries {
  schema: string;
  /** Runs work in one transaction, again when it lost a race (serialization, deadlock); `work` must not keep effects outside. */
  transaction<T>(work: (queries: Queries) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Whether the last call came through; asks by itself while nobody does. */
  health(): HealthReport;
  close(): Promise<void>;
}

export interface DatabaseOptions extends FaultNames {
  log: Logger;
  applicationName: string;
}

/** Opens the pool and the first connection. @throws (by rejection) the adapter's UNREACHABLE when there is no server */
export async function openDatabase(address: Address, options: DatabaseOptions): Promise<Database> {
  const { log, noun } = options;
  const pool = new Pool({
    ...POOL,
    connectionString: address.url,
    max: address.connections,
    application_name: options.applicationName,
  });
  // an idle connection that breaks is no news to anybody: the next call takes another
  pool.on('error', (error) => log.warn({ store: noun, reason: error.message }, 'postgres.connection.lost'));
  const watch = createWatch(pool, options);
  const plain = queriesOver((query) => readTwice(query.text, () => pool.query(query)));
  const database: Database = {
    schema: address.schema,
    rows: (sql, values) => watch.call(() => plain.rows(sql, values)),
    run: (sql, values) => watch.call(() => plain.run(sql, values)),
    script: (sql) => watch.call(() => plain.script(sql)),
    transaction: (work, more) => watch.call(() => untilNoRace(() => inTransaction(pool, work, more))),
    health: watch.health,
    async close() {
      watch.stop();
      await pool.end();
    },
  };
  try {
    await checkServer(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
  log.info({ server: address.shown, schema: address.schema, connections: address.connections }, 'postgres.pool.open');
  return database;
}

const POOL: PoolConfig = {
  connectionTimeoutMillis: CONNECT_MS,
  idleTimeoutMillis: IDLE_MS,
  query_timeout: ANSWER_MS,
  statement_timeout: STATEMENT_MS,
  lock_timeout: LOCK_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  // what we answered for must survive the server's power cut, whatever the server's default says
  onConnect: async (client) => {
    await client.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    );
  },
};

/** Refuses a database that cannot hold our texts, and says aloud when the server cannot keep what we promise. */
async function checkServer(database: Database, { log, noun }: DatabaseOptions): Promise<void> {
  const [row] = await database.rows<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding");
  if (row!.encoding !== 'UTF8')
    throw new RondeError(
      'CONFIG_INVALID',
      `${noun}: the database is encoded in ${row!.encoding}; make one with ENCODING 'UTF8'`,
    );
  for (const setting of await unsafeSettings(database)) log.warn({ store: noun, setting }, 'postgres.durability.off');
}

/** Names the settings without which a power cut loses what was committed. */
export async function unsafeSettings(database: Queries): Promise<string[]> {
  const sql =
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name";
  return (await database.rows<{ name: string }>(sql)).map(({ name }) => name);
}

interface Query {
  text: string;
  name?: string;
  values?: Value[];
  query_timeout?: number;
}
type Send = (query: Query) => Promise<{ rows: unknown[]; rowCount: number | null }>;

const names = new Map<string, string>();
function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known) return known;
  const name = `r${names.size}`;
  names.set(sql, name);
  return name;
}

function queriesOver(send: Send, more: Pick<Query, 'query_timeout'> = {}): Queries {
  return {
    rows: async <T extends object>(sql: string, values: Value[] = []) =>
      (await send({ text: sql, name: nameOf(sql), values, ...more })).rows as T[],
    run: async (sql, values = []) => (await send({ text: sql, name: nameOf(sql), values, ...more })).rowCount ?? 0,
    script: async (sql) => void (await send({ text: sql, ...more })),
  };
}

/** A read on a connection that proves dead is tried once more; of a write nobody knows whether it came through. */
async function readTwice<T>(text: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!text.startsWith('SELECT') || !isConnectionLost(error)) throw error;
    return call();
  }
}

async function untilNoRace<T>(attempt: () => Promise<T>): Promise<T> {
  for (let race = 1; ; race++) {
    try {
      return await attempt();
    } catch (error) {
      if (race >= RACES || !isLostRace(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** race));
    }
  }
}

async function inTransaction<T>(
  pool: Pool,
  work: (queries: Queries) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { statementMs, snapshot } = options;
  const client = await pool.connect();
  // a connection that breaks between two statements says so here; the next statement fails by itself
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let spoiled: Error | undefined;
  try {
    await client.query(snapshot ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
    if (statementMs !== undefined)
      await client.query(`SET LOCAL statement_timeout = ${statementMs}; SET LOCAL lock_timeout = ${statementMs}`);
    const more = statementMs === undefined ? {} : { query_timeout: statementMs + ANSWER_MS - STATEMENT_MS };
    const result = await work(queriesOver((query) => client.query(query), more));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    spoiled = isConnectionSpoiled(error) ? (error as Error) : await rollBack(client);
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release(spoiled);
  }
}

async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Turns errors into the platform's, and remembers whether the server answers. */
function createWatch(pool: Pool, options: DatabaseOptions) {
  let trouble: string | undefined;
  let lastMs = performance.now();
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      trouble = undefined;
      return result;
    } catch (error) {
      const fault = toFault(error, options);
      const isServers = (fault as { code?: string }).code === options.unreachable;
      trouble = isServers ? (fault as Error).message : undefined;
      throw fault;
    } finally {
      lastMs = performance.now();
    }
  };
  let isProbing = false;
  const probe = (): void => {
    const isQuiet = performance.now() - lastMs >= PROBE_MS;
    if (isProbing || (!isQuiet && trouble === undefined)) return;
    isProbing = true;
    const done = (): void => void (isProbing = false);
    call(() => pool.query('SELECT 1')).then(done, done);
  };
  const timer = setInterval(probe, PROBE_MS / 5).unref();
  return {
    call,
    health: (): HealthReport => (trouble === undefined ? { ok: true } : { ok: false, detail: trouble }),
    stop: () => clearInterval(timer),
  };
}
