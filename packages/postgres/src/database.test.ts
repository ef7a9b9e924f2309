import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '@ronde/kit';
import { noOwnPostgres, startPostgres, type OwnPostgres } from '../../../tests/fixtures/postgres-server.ts';
import { openDatabase, probePostgres, readAddress, type Database } from './index.ts';

const OPTIONS = {
  noun: 'registry',
  unreachable: 'REGISTRY_UNREACHABLE',
  taken: 'RESOURCE_EXISTS',
  applicationName: 'test',
} as const;
const WAIT = { timeout: 20_000, interval: 50 };

async function opened(url: string): Promise<Database> {
  const address = readAddress(url, { variable: 'REGISTRY_URL', schema: 'ronde' });
  const database = await openDatabase(address, { ...OPTIONS, log: silentLog() });
  onTestFinished(() => database.close());
  return database;
}

/** Stands between client and server; frozen, it takes everything and passes nothing on. */
async function openProxy(port: number): Promise<{ port: number; freeze(frozen: boolean): void }> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((socket) => {
    const upstream = connect(port, '127.0.0.1');
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => (socket.destroy(), upstream.destroy()));
      if (isFrozen) one.pause();
    }
    socket.pipe(upstream).pipe(socket);
  });
  const address = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: address,
    freeze(frozen) {
      isFrozen = frozen;
      for (const socket of sockets)
        if (frozen) socket.pause();
        else socket.resume();
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test.each([
  ['not a url', 'no URL'],
  ['postgres://u:secret@h/d?schema=Bad%22', 'schema holds'],
  ['postgres://u:secret@h/d?connections=1', 'connections is'],
])('an address that makes no sense is refused without its password: %s', (text, message) => {
  const read = (): unknown => readAddress(text, { variable: 'REGISTRY_URL', schema: 'ronde' });
  expect(read).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) as string }),
  );
  expect(read).not.toThrow(/secret/);
});

test("an address gives what is ours and leaves the driver's", () => {
  const address = readAddress('postgres://u:secret@h:6/d?schema=city&connections=20&sslmode=verify-full', {
    variable: 'REGISTRY_URL',
    schema: 'ronde',
  });
  expect(address).toEqual({
    url: 'postgres://u:secret@h:6/d?sslmode=verify-full',
    schema: 'city',
    connections: 20,
    shown: 'postgres://h:6/d',
  });
});

test('a server that is not there, and one that takes the connection and says nothing, are told as unreachable', async () => {
  const silent = createServer(() => undefined);
  const port = await listening(silent);
  onTestFinished(() => void silent.close());
  const openings = [`postgres://u@127.0.0.1:1/d`, `postgres://u@127.0.0.1:${port}/d`].map((url) => opened(url));
  for (const opening of openings)
    await expect(opening).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', definition: { retriable: true } });
});

describe.skipIf(noOwnPostgres)(`a database${noOwnPostgres}`, () => {
  let server: OwnPostgres;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off', max_connections: '20', superuser_reserved_connections: '3' });
    await server.sql('CREATE ROLE site LOGIN');
    await server.sql("CREATE DATABASE site OWNER site TEMPLATE template0 ENCODING 'UTF8'");
    url = `postgres://site@127.0.0.1:${server.port}/site`;
  });
  afterAll(() => server?.remove());
  const UNREACHABLE = { code: 'REGISTRY_UNREACHABLE', definition: { retriable: true } };

  test('a server killed at once and started again: calls fail as retriable, health says so, and all goes on by itself', async () => {
    const database = await opened(url);
    await database.rows('SELECT 1');
    await server.kill();
    await expect(database.rows('SELECT 1')).rejects.toMatchObject(UNREACHABLE);
    expect(database.health()).toMatchObject({ ok: false, detail: expect.stringContaining('registry: ') as string });
    await server.start();
    // nobody calls: it asks by itself
    await vi.waitFor(() => expect(database.health()).toEqual({ ok: true }), WAIT);
    expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('an idle connection that was lost costs a read nothing', async () => {
    const database = await opened(url);
    await database.rows('SELECT 1');
    await server.stop();
    await server.start();
    expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('too many connections are waited out, not a fault of the data', async () => {
    const database = await opened(`${url}?connections=4`);
    const others = Array.from({ length: 17 }, () => server.sql('SELECT pg_sleep(2)', url).catch(() => undefined));
    await vi.waitFor(async () => {
      await expect(opened(url)).rejects.toMatchObject(UNREACHABLE);
    }, WAIT);
    await Promise.all(others);
    expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('more calls than connections wait for their turn', async () => {
    const database = await opened(`${url}?connections=2`);
    const rows = await Promise.all(
      Array.from({ length: 50 }, (_, n) => database.rows<{ n: number }>('SELECT $1::int AS n', [n])),
    );
    expect(rows.map(([row]) => row!.n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(
      await server.sql(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'test' AND datname = 'site'",
        url,
      ),
    ).toEqual([{ n: expect.toSatisfy((n: number) => n <= 2) as number }]);
  });

  test(
    'a server that hangs in the middle is given up in bounded time, and used again when it answers',
    { timeout: 60_000 },
    async () => {
      const proxy = await openProxy(server.port);
      const database = await opened(`postgres://site@127.0.0.1:${proxy.port}/site`);
      await database.rows('SELECT 1');
      proxy.freeze(true);
      const beganMs = performance.now();
      await expect(database.rows('SELECT 1')).rejects.toMatchObject(UNREACHABLE);
      expect(performance.now() - beganMs).toBeLessThan(30_000);
      expect(database.health().ok).toBe(false);
      proxy.freeze(false);
      await vi.waitFor(() => expect(database.health()).toEqual({ ok: true }), WAIT);
      await database.rows('SELECT 1');
    },
  );

  test('a server that takes no writes, as one that was failed over, drops the connection and may be tried again', async () => {
    const database = await opened(url);
    await server.sql('CREATE TABLE IF NOT EXISTS t (n int); GRANT ALL ON t TO site', url.replace('site@', 'ronde@'));
    await server.sql('ALTER DATABASE site SET default_transaction_read_only = on');
    const other = await opened(`${url}?connections=3`);
    await expect(other.run('INSERT INTO t VALUES (1)')).rejects.toMatchObject(UNREACHABLE);
    await server.sql('ALTER DATABASE site RESET default_transaction_read_only');
    expect(await other.run('INSERT INTO t VALUES (1)')).toBe(1);
    expect(await database.run('INSERT INTO t VALUES (2)')).toBe(1);
  });

  test('transactions that block each other in a circle are run again until both came through', async () => {
    const database = await opened(url);
    await database.script(
      'CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)',
    );
    const both = (first: number, second: number) =>
      database.transaction(async (queries) => {
        await queries.run('UPDATE pair SET n = n + 1 WHERE id = $1', [first]);
        await queries.run('SELECT pg_sleep(0.05)');
        await queries.run('UPDATE pair SET n = n + 1 WHERE id = $1', [second]);
      });
    await Promise.all([both(1, 2), both(2, 1), both(1, 2)]);
    expect(await database.rows('SELECT n FROM pair ORDER BY id')).toEqual([{ n: 3 }, { n: 3 }]);
  });

  test('a transaction that fails leaves nothing behind and its connection usable', async () => {
    const database = await opened(`${url}?connections=2`);
    await database.script('CREATE TABLE IF NOT EXISTS once (n int PRIMARY KEY)');
    for (let i = 0; i < 5; i++) {
      const failing = database.transaction(async (queries) => {
        await queries.run('INSERT INTO once VALUES (1)');
        await queries.run('INSERT INTO once VALUES (1)');
      });
      await expect(failing).rejects.toMatchObject({ code: 'RESOURCE_EXISTS' });
    }
    expect(await database.rows('SELECT n FROM once')).toEqual([]);
  });

  test('doctor says what a server is, and that one that does not wait for the disk keeps no promise', async () => {
    expect((await probePostgres('REGISTRY_URL', url)).trouble).toMatch(/PostgreSQL \d+.* answers, but fsync is off/);
    expect((await probePostgres('REGISTRY_URL', 'postgres://u:secret@127.0.0.1:1/d')).trouble).toMatch(/ECONNREFUSED/);
  });

  test('a default that answers before the disk has it is overruled, a stricter one stays', async () => {
    const [strict] = await (
      await opened(url)
    ).rows<{ value: string }>("SELECT current_setting('synchronous_commit') AS value");
    await server.sql('ALTER DATABASE site SET synchronous_commit = off');
    const [loose] = await (
      await opened(url)
    ).rows<{ value: string }>("SELECT current_setting('synchronous_commit') AS value");
    await server.sql('ALTER DATABASE site SET synchronous_commit = remote_apply');
    const [applied] = await (
      await opened(url)
    ).rows<{ value: string }>("SELECT current_setting('synchronous_commit') AS value");
    await server.sql('ALTER DATABASE site RESET synchronous_commit');
    expect([strict, loose, applied].map((one) => one!.value)).toEqual(['on', 'on', 'remote_apply']);
  });
});
