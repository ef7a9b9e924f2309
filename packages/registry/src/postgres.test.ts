import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '@ronde/kit';
import {
  noPostgres,
  openInDirectories,
  openPostgres,
  type PostgresServer,
} from '../../../tests/fixtures/postgres-server.ts';
import { columnOf } from './adapters/postgres/schema.ts';
import { changeRegistrySchema } from './change-schema.ts';
import { describeRegistry, testDevice } from './conformance.ts';
import { KIND_NAMES, kindOf, type Kind } from './kinds.ts';
import { MIGRATIONS } from './migrations.ts';
import { openRegistry } from './open.ts';

const log = silentLog();

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await openPostgres()));
  afterAll(() => server?.stop());
  const open = openInDirectories(() => server.createDatabase(), {
    file: 'registry.sqlite',
    open: (url, dataDir) => openRegistry(url, { dataDir, log }),
  });

  describeRegistry('postgres registry', open);

  test('two processes share one registry: of inserts of one id one wins, each sees what the other wrote', async () => {
    const url = await server.createDatabase();
    const both = await Promise.all([url, url].map((one) => openRegistry(one, { dataDir: '/nowhere', log })));
    onTestFinished(async () => void (await Promise.all(both.map((registry) => registry.close()))));
    const won = await Promise.all(
      Array.from({ length: 40 }, (_, n) => both[n % 2]!.devices.insert('t', testDevice(`d${n >> 1}`))),
    );
    expect(won.filter(Boolean)).toHaveLength(20);
    await both[0]!.devices.put('t', testDevice('d0', { name: 'seen' }));
    expect((await both[1]!.devices.get('t', 'd0'))?.name).toBe('seen');
  });

  test('every where on an indexed field is answered from an index', async () => {
    const url = await server.createDatabase();
    const registry = await openRegistry(url, { dataDir: '/nowhere', log });
    onTestFinished(() => registry.close());
    for (const kind of KIND_NAMES.filter((name) => Object.keys(kindOf(name).fields).length > 0)) {
      // enough documents, each with values of its own, that walking over all of them would be the slow way
      await server.sql(
        `INSERT INTO ronde_registry."${kind}" (tenant, id, doc)
         SELECT 't', 'i' || n, replace('${template(kind)}', '%', 'v' || n)::json FROM generate_series(1, 2000) n;
         ANALYZE ronde_registry."${kind}"`,
        url,
      );
      for (const field of Object.keys(kindOf(kind).fields)) {
        const sql = `EXPLAIN SELECT doc FROM ronde_registry."${kind}"
          WHERE tenant = 't' AND ${columnOf(kind, field)} = 'v7'`;
        expect(await explain(url, sql)).toMatch(new RegExp(`Index Scan (using|on) "?${kind}_(by|one)_${field}`));
      }
    }
  });

  test('a schema goes back for an older version and forward again, with its documents', async () => {
    const url = await server.createDatabase();
    const first = await openRegistry(url, { dataDir: '/nowhere', log });
    await first.devices.put('t', testDevice('d'));
    await first.close();
    const options = { dataDir: '/nowhere', log };
    expect(await changeRegistrySchema(url, 0, options)).toMatchObject({ before: MIGRATIONS.length, after: 0 });
    await expect(changeRegistrySchema(url, 99, options)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const again = await openRegistry(url, options);
    onTestFinished(() => again.close());
    expect(await again.devices.count('t')).toBe(1);
    await server.sql('UPDATE ronde_registry.schema_version SET version = 999', url);
    await expect(openRegistry(url, options)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });

  test('processes of two versions write beside each other: a field that one does not know is found by the other', async () => {
    const url = await server.createDatabase();
    const registry = await openRegistry(url, { dataDir: '/nowhere', log });
    onTestFinished(() => registry.close());
    // as an older version would, which knows no columns but these
    await server.sql(
      `INSERT INTO ronde_registry.devices (tenant, id, doc) VALUES ('t', 'old', '{"id":"old","assetId":"a"}')`,
      url,
    );
    expect((await registry.devices.all('t', { assetId: 'a', status: 'installed' })).map(({ id }) => id)).toEqual([
      'old',
    ]);
  });

  const explain = async (url: string, sql: string): Promise<string> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<{ 'QUERY PLAN': string }>(sql)).rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await client.end();
    }
  };
});

/** A document with every indexed field, "%" for each value. */
function template(kind: Kind): string {
  const doc: Record<string, unknown> = {};
  for (const path of Object.values(kindOf(kind).fields)) {
    const [first, second] = path.slice('$.'.length).split('.') as [string, string?];
    doc[first] = second === undefined ? '%' : { ...(doc[first] as object | undefined), [second]: '%' };
  }
  return JSON.stringify(doc);
}
