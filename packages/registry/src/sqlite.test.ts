import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { isRondeError } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { expressionOf } from './adapters/sqlite/schema.ts';
import { describeRegistry, testAsset, testDirectory } from './conformance.ts';
import { KIND_NAMES, kindOf } from './kinds.ts';
import { openRegistry } from './open.ts';

const log = silentLog();

describeRegistry('sqlite registry', (dataDir) => openRegistry('sqlite:', { dataDir, log }));

test('a registry in memory works and vanishes', async () => {
  const first = await openRegistry('sqlite::memory:', { dataDir: '/nowhere', log });
  onTestFinished(() => first.close());
  await first.assets.put('t', testAsset('a'));
  const second = await openRegistry('sqlite::memory:', { dataDir: '/nowhere', log });
  onTestFinished(() => second.close());
  expect([await first.assets.count('t'), await second.assets.count('t')]).toEqual([1, 0]);
});

test('an unknown scheme is refused with the known ones and without its password', async () => {
  const opening = openRegistry('mysql://root:secret@host/db', { dataDir: '/nowhere', log });
  await expect(opening).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'REGISTRY_URL mysql:: no such registry; known: sqlite:, postgres:, postgresql:',
  });
});

test('a file of a newer version is refused and left as it is', async () => {
  const dataDir = testDirectory();
  const file = join(dataDir, 'registry.sqlite');
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 999');
  newer.close();
  await expect(openRegistry('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  const after = new DatabaseSync(file);
  onTestFinished(() => after.close());
  expect(after.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).toEqual({ n: 0 });
});

test('a file that is no database is reported as damaged', async () => {
  const dataDir = testDirectory();
  writeFileSync(join(dataDir, 'registry.sqlite'), 'this is not a database, however long it may be. '.repeat(100));
  await expect(openRegistry('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

test('a directory that cannot be made is reported', async () => {
  const file = join(testDirectory(), 'plain-file');
  writeFileSync(file, '');
  await expect(openRegistry('sqlite:', { dataDir: join(file, 'below'), log })).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
  });
});

test('every where on an indexed field is answered from an index', async () => {
  const dataDir = testDirectory();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  await registry.close();
  const db = new DatabaseSync(join(dataDir, 'registry.sqlite'));
  onTestFinished(() => db.close());
  for (const kind of KIND_NAMES) {
    for (const field of Object.keys(kindOf(kind).fields)) {
      const wanted = expressionOf(kind, field);
      const plan = db
        .prepare(`EXPLAIN QUERY PLAN SELECT doc FROM ${kind} WHERE tenant = 't' AND ${wanted} = 'x'`)
        .all();
      expect(JSON.stringify(plan)).toContain('<expr>=?');
      const many = `SELECT doc FROM json_each(?) AS w CROSS JOIN ${kind} WHERE tenant = 't' AND ${wanted} = w.value`;
      expect(JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${many}`).all())).toContain('<expr>=?');
    }
  }
});

/** A registry with the asset "a", and its file opened beside it. */
async function withFileBeside() {
  const dataDir = testDirectory();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  onTestFinished(() => registry.close());
  await registry.assets.put('t', testAsset('a'));
  const db = new DatabaseSync(join(dataDir, 'registry.sqlite'), { timeout: 5_000 });
  onTestFinished(() => db.close());
  return { registry, db };
}

test('a bit that flips anywhere in a stored document is told with its id, and never read as another document', async () => {
  const { registry, db } = await withFileBeside();
  const { doc } = db.prepare("SELECT cast(doc AS BLOB) AS doc FROM assets WHERE id = 'a'").get() as { doc: Uint8Array };
  const put = db.prepare("UPDATE assets SET doc = cast(? AS TEXT) WHERE id = 'a'");
  const silent: string[] = [];
  for (let place = 0; place < doc.length; place++) {
    const flipped = doc.slice();
    flipped[place]! ^= 1 << (place % 8);
    // where it makes the text no JSON, the index over its fields does not take it
    try {
      put.run(flipped);
    } catch (thrown) {
      expect(String(thrown)).toContain('malformed JSON');
      continue;
    }
    const found = await registry.assets.get('t', 'a').catch((thrown: unknown) => thrown);
    if (!isRondeError(found, 'STORE_CORRUPT') || !found.message.includes('"a" of assets')) silent.push(`byte ${place}`);
  }
  expect(silent).toEqual([]);
  put.run(doc);
  expect(await registry.assets.get('t', 'a')).toEqual(testAsset('a'));
});

test('documents without a checksum, as v0.1.0 wrote them, are read as they are', async () => {
  const { registry, db } = await withFileBeside();
  db.prepare("UPDATE assets SET doc = ? WHERE id = 'a'").run(JSON.stringify(testAsset('a')));
  expect(await registry.assets.all('t')).toEqual([testAsset('a')]);
});

test('a document that a flipped bit made no JSON any more stops the opening as damage', async () => {
  const dataDir = testDirectory();
  const file = join(dataDir, 'registry.sqlite');
  const registry = await openRegistry('sqlite:', { dataDir, log });
  await registry.assets.put('t', testAsset('a'));
  await registry.close();
  const bytes = readFileSync(file);
  bytes[bytes.indexOf('{"id":"a"')]! ^= 1;
  writeFileSync(file, bytes);
  await expect(openRegistry('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
