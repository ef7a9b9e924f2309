import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '@ronde/kit';
import { migrate } from './adapters/sqlite/schema.ts';
import { changeRegistrySchema } from './change-schema.ts';
import { testAsset, testDirectory } from './conformance.ts';
import { MIGRATIONS } from './migrations.ts';
import { openRegistry } from './open.ts';

const log = silentLog();
const NEXT = { sqlite: { up: 'CREATE TABLE later (n INTEGER)', down: 'DROP TABLE later' } };

test('a file goes back for an older version and forward again, and keeps what both know', async () => {
  const dataDir = testDirectory();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  await registry.assets.put('t', testAsset('a'));
  await registry.close();
  const db = new DatabaseSync(join(dataDir, 'registry.sqlite'));
  migrate(db, { migrations: [...MIGRATIONS, NEXT] });
  db.close();
  // what this version refuses, as an older one would …
  await expect(openRegistry('sqlite:', { dataDir, log })).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  const again = new DatabaseSync(join(dataDir, 'registry.sqlite'));
  migrate(again, { migrations: [...MIGRATIONS, NEXT], to: MIGRATIONS.length });
  again.close();
  // … it takes once the newer one has brought it back
  const back = await openRegistry('sqlite:', { dataDir, log });
  onTestFinished(() => back.close());
  expect(await back.assets.all('t')).toEqual([testAsset('a')]);
});

test('ronde schema brings a file to a number and refuses one that there is not', async () => {
  const dataDir = testDirectory();
  await (await openRegistry('sqlite:', { dataDir, log })).close();
  expect(await changeRegistrySchema('sqlite:', 0, { dataDir, log })).toEqual({
    before: MIGRATIONS.length,
    after: 0,
    newest: MIGRATIONS.length,
  });
  expect(await changeRegistrySchema('sqlite:', 1, { dataDir, log })).toMatchObject({ before: 0, after: 1 });
  await expect(changeRegistrySchema('sqlite:', 99, { dataDir, log })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(changeRegistrySchema('sqlite:', 0, { dataDir: testDirectory(), log })).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
  });
});

test('a process killed in the middle of a migration of a file leaves it as it was', async () => {
  const dataDir = testDirectory();
  await (await openRegistry('sqlite:', { dataDir, log })).close();
  const file = join(dataDir, 'registry.sqlite');
  // the second statement never ends: the first has been made by then
  const forever = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
  const code = `
    import { DatabaseSync } from 'node:sqlite';
    import { migrate } from ${JSON.stringify(new URL('./adapters/sqlite/schema.ts', import.meta.url).href)};
    const db = new DatabaseSync(process.argv[1]);
    const made = { sqlite: { up: 'CREATE TABLE half (n INTEGER); INSERT INTO half VALUES (1); SELECT tell(); ${forever}', down: '' } };
    db.function('tell', () => { process.stdout.write('made'); return 1; });
    migrate(db, { migrations: [...${JSON.stringify(MIGRATIONS)}, made] });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const registry = await openRegistry('sqlite:', { dataDir, log });
  await registry.close();
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  expect(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'half'").get()).toEqual({ n: 0 });
});
