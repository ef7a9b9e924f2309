import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { noPostgres, openPostgres, type PostgresServer } from '../../../tests/fixtures/postgres-server.ts';
import { migrate, openDatabase, readAddress, type Database, type Migration } from './index.ts';

const OPTIONS = {
  noun: 'registry',
  unreachable: 'REGISTRY_UNREACHABLE',
  taken: 'RESOURCE_EXISTS',
  applicationName: 'test',
} as const;
const MIGRATIONS: Migration[] = [
  { up: 'CREATE TABLE first (n integer); INSERT INTO first VALUES (1)', down: 'DROP TABLE first' },
  { up: 'ALTER TABLE first ADD COLUMN more text', down: 'ALTER TABLE first DROP COLUMN more' },
];

describe.skipIf(noPostgres)(`migrations${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());

  const opened = async (url: string): Promise<Database> => {
    const database = await openDatabase(readAddress(url, { variable: 'REGISTRY_URL', schema: 'ronde' }), {
      ...OPTIONS,
      log: silentLog(),
    });
    onTestFinished(() => database.close());
    return database;
  };
  const columns = async (url: string): Promise<string[]> =>
    (
      await server.sql<{ name: string }>(
        "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'ronde' AND table_name = 'first' ORDER BY 1",
        url,
      )
    ).map(({ name }) => name);

  test('a schema goes forward, back and forward again, and keeps what both versions know', async () => {
    const url = await server.createDatabase();
    const database = await opened(url);
    expect(await migrate(database, { noun: 'registry', migrations: MIGRATIONS.slice(0, 1) })).toBe(0);
    expect(await migrate(database, { noun: 'registry', migrations: MIGRATIONS })).toBe(1);
    expect(await columns(url)).toEqual(['more', 'n']);
    expect(await migrate(database, { noun: 'registry', migrations: MIGRATIONS, to: 1 })).toBe(2);
    expect(await columns(url)).toEqual(['n']);
    // the older version starts on it
    expect(await migrate(database, { noun: 'registry', migrations: MIGRATIONS.slice(0, 1) })).toBe(1);
    await migrate(database, { noun: 'registry', migrations: MIGRATIONS });
    expect(await server.sql('SELECT * FROM ronde.first', url)).toEqual([{ n: 1, more: null }]);
    await expect(migrate(database, { noun: 'registry', migrations: MIGRATIONS, to: 3 })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  test('a schema that a newer version wrote is refused and left as it is', async () => {
    const url = await server.createDatabase();
    const database = await opened(url);
    await migrate(database, { noun: 'registry', migrations: MIGRATIONS });
    await expect(migrate(database, { noun: 'registry', migrations: MIGRATIONS.slice(0, 1) })).rejects.toMatchObject({
      code: 'SCHEMA_NEWER',
      message: 'the registry has schema 2, this version knows up to 1',
    });
    expect(await columns(url)).toEqual(['more', 'n']);
  });

  test('of ten processes that start at once one does the work, and all go on', async () => {
    const url = await server.createDatabase();
    const databases = await Promise.all(Array.from({ length: 10 }, () => opened(`${url}?connections=2`)));
    const afterwards = vi.fn(async () => undefined);
    const before = await Promise.all(
      databases.map((database) =>
        migrate(database, { noun: 'registry', migrations: MIGRATIONS, layout: 'a', afterwards }),
      ),
    );
    expect(before.filter((version) => version === 0)).toHaveLength(1);
    expect(await server.sql('SELECT count(*)::int AS n FROM ronde.first', url)).toEqual([{ n: 1 }]);
    // a new layout alone is brought in as well, and then there is nothing left to do
    await migrate(databases[0]!, { noun: 'registry', migrations: MIGRATIONS, layout: 'b', afterwards });
    const calls = afterwards.mock.calls.length;
    await migrate(databases[1]!, { noun: 'registry', migrations: MIGRATIONS, layout: 'b', afterwards });
    expect(afterwards.mock.calls.length).toBe(calls);
  });

  test('a process killed in the middle of a migration leaves the schema as it was, and the next one does it', async () => {
    const url = await server.createDatabase();
    const database = await opened(url);
    await migrate(database, { noun: 'registry', migrations: MIGRATIONS.slice(0, 1) });
    const code = `
      import { migrate, openDatabase, readAddress } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const log = { info() {}, warn() {} };
      const address = readAddress(process.argv[1], { variable: 'REGISTRY_URL', schema: 'ronde' });
      const database = await openDatabase(address, { ...${JSON.stringify(OPTIONS)}, log });
      const up = 'ALTER TABLE first ADD COLUMN half text; SELECT pg_sleep(600)';
      await migrate(database, { noun: 'registry', migrations: [...${JSON.stringify(MIGRATIONS.slice(0, 1))}, { up, down: '' }] });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, url], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    const asleep = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    await vi.waitFor(async () => expect(await server.sql(asleep, url)).toHaveLength(1), {
      timeout: 20_000,
      interval: 50,
    });
    child.kill('SIGKILL');
    await ended;
    // the server notices a client that is gone when it next speaks to it; an administrator would end it as well
    await server.sql(`SELECT pg_terminate_backend(pid) FROM (${asleep}) one`, url);
    expect(await columns(url)).toEqual(['n']);
    expect(await migrate(database, { noun: 'registry', migrations: MIGRATIONS })).toBe(1);
    expect(await columns(url)).toEqual(['more', 'n']);
  });
});
