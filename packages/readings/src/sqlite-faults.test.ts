import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '@ronde/kit';
import { createAppend, openWriteParts } from './adapters/sqlite/append.ts';
import { encodeBatch } from './adapters/sqlite/columns.ts';
import { createCompaction } from './adapters/sqlite/compact.ts';
import { createQueries } from './adapters/sqlite/queries.ts';
import { openForWriting } from './adapters/sqlite/schema.ts';
import { allPages, testDirectory, testReading } from './conformance-fixtures.ts';
import { openReadings } from './open.ts';

test('a full disk refuses the batch whole, and takes it when there is room again', () => {
  const db = openForWriting(join(testDirectory(), 'readings.sqlite'));
  onTestFinished(() => db.close());
  const append = createAppend(openWriteParts(db));
  const batch = (seq: number, count: number) => {
    const readings = Array.from({ length: count }, (_, i) => testReading(seq * 100_000 + i, 0.5));
    return encodeBatch({ tenant: 't', readings, cursor: { name: 'sink', seq } });
  };
  append(batch(1, 10));
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${pages + 2}`);
  expect(() => append(batch(2, 5_000))).toThrow(expect.objectContaining({ code: 'READINGS_UNREACHABLE' }));
  const queries = createQueries(db);
  expect([queries.cursor('sink'), queries.stats().readings]).toEqual([1, 10]);
  db.exec('PRAGMA max_page_count = 1000000');
  expect(append(batch(2, 5_000)).every((flag) => flag === 1)).toBe(true);
  expect([queries.cursor('sink'), queries.stats().readings]).toEqual([2, 5_010]);
});

const APPENDING = `
  import { openReadings } from ${JSON.stringify(new URL('./open.ts', import.meta.url).href)};
  const store = await openReadings('sqlite:', { dataDir: process.argv[2], log: { info() {} } });
  const reading = ${JSON.stringify(testReading(0, 0.5))};
  for (let seq = 1; ; seq++) {
    const readings = Array.from({ length: 20 }, (_, i) => ({ ...reading, at: new Date((seq * 20 + i) * 1000).toISOString() }));
    await store.append({ tenant: 't', readings, cursor: { name: 'sink', seq } });
    process.stdout.write(seq + '\\n');
  }`;

test('a process killed while it appends leaves readings and cursor of the same batches', async () => {
  const directory = testDirectory();
  const script = join(directory, 'appending.mjs');
  writeFileSync(script, APPENDING);
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    if (told === 25) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const store = await openReadings('sqlite:', { dataDir: directory, log: silentLog() });
  onTestFinished(() => store.close());
  const seq = await store.cursor('sink');
  expect(seq).toBeGreaterThanOrEqual(told);
  expect(told).toBeGreaterThanOrEqual(25);
  expect(await allPages(store, {})).toHaveLength(seq * 20);
  expect((await store.stats()).readings).toBe(seq * 20);
});

test('a bit that flipped in what is packed is told, and never read as another value', () => {
  const file = join(testDirectory(), 'readings.sqlite');
  const db = openForWriting(file);
  onTestFinished(() => db.close());
  const parts = openWriteParts(db);
  const readings = Array.from({ length: 50 }, (_, i) => testReading(i, i / 50));
  createAppend(parts)(encodeBatch({ tenant: 't', readings }));
  const { series, lastValues } = createQueries(db);
  const all = () => series({ tenant: 't', fromMs: 0, toMs: 8e15, limit: 100 });
  const flipIn = (table: string) => {
    const { data } = db.prepare(`SELECT data FROM ${table}`).get() as { data: Uint8Array };
    for (const place of [0, Math.floor(data.length / 2), data.length - 1]) {
      const flipped = data.slice();
      flipped[place]! ^= 4;
      db.prepare(`UPDATE ${table} SET data = ?`).run(flipped);
      expect(() => (table === 'last_pages' ? lastValues({ tenant: 't' }) : all())).toThrow(
        expect.objectContaining({ code: 'STORE_CORRUPT' }),
      );
    }
    db.prepare(`UPDATE ${table} SET data = ?`).run(data);
  };
  flipIn('segments');
  flipIn('last_pages');
  const compact = createCompaction(parts, { settleAfterMs: 0 });
  while (compact(true).isMore);
  flipIn('blocks');
  expect(all().columns.value).toHaveLength(50);
});

test('a bit that flipped in a name is told when the store is opened, and gives no reading to another device', () => {
  const file = join(testDirectory(), 'readings.sqlite');
  const db = openForWriting(file);
  const name = 'unmistakable';
  createAppend(openWriteParts(db))(encodeBatch({ tenant: 't', readings: [testReading(0, 0.5, { deviceId: name })] }));
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const bytes = readFileSync(file);
  // once in the table and once in its index, of series and of channels
  const places: number[] = [];
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) places.push(at);
  expect(places.length).toBeGreaterThan(1);
  for (const at of places) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1;
    writeFileSync(file, damaged);
    expect(() => openForWriting(file)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  }
});
