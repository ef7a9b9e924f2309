import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

function opened() {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  db.exec('CREATE TABLE facts (id TEXT PRIMARY KEY, text TEXT)');
  const count = (): number => (db.prepare('SELECT count(*) AS n FROM facts').get() as { n: number }).n;
  const put = (id: string, text = '') => db.prepare('INSERT INTO facts VALUES (?, ?)').run(id, text);
  return { db, count, put, commit: createGroupCommit(db) };
}

test('calls made together share one commit', async () => {
  const { db, commit, put, count } = opened();
  const both = Promise.all([commit.run(() => put('a')), commit.run(() => put('b'))]);
  expect(db.isTransaction).toBe(true);
  await both;
  expect([db.isTransaction, count()]).toEqual([false, 2]);
});

test('a call that throws takes back its own writes alone', async () => {
  const { commit, put, count } = opened();
  const settled = await Promise.allSettled([
    commit.run(() => put('a')),
    commit.run(() => {
      put('b');
      put('a');
    }),
    commit.run(() => put('c')),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(count()).toBe(2);
});

test('a full disk refuses the call as retriable, and later calls work again', async () => {
  const { db, commit, put, count } = opened();
  await commit.run(() => put('a'));
  db.exec('PRAGMA max_page_count = 5');
  const before = commit.run(() => put('lost with the transaction'));
  const big = commit.run(() => put('b', 'x'.repeat(100_000)));
  const after = commit.run(() => put('c'));
  const settled = await Promise.allSettled([before, big, after]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(big).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', definition: { retriable: true } });
  await commit.run(() => put('d'));
  expect(count()).toBe(3);
});

test('a commit that does not come through rejects every call of its group, reads as well', async () => {
  const { db, commit, put, count } = opened();
  db.exec('CREATE TABLE owed (id TEXT REFERENCES facts (id) DEFERRABLE INITIALLY DEFERRED)');
  const write = commit.run(() => db.prepare("INSERT INTO owed VALUES ('nobody')").run());
  const read = commit.run(() => count());
  const settled = await Promise.allSettled([write, read]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await commit.run(() => put('a'));
  expect(count()).toBe(1);
});
