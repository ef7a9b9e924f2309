import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { createAppend, openWriteParts, type WriteParts } from './adapters/sqlite/append.ts';
import { decodeReadings, encodeBatch, encodeCorrection } from './adapters/sqlite/columns.ts';
import { createCompaction } from './adapters/sqlite/compact.ts';
import { createCorrect } from './adapters/sqlite/correct.ts';
import { createExpire } from './adapters/sqlite/expire.ts';
import { createQueries } from './adapters/sqlite/queries.ts';
import { openForWriting } from './adapters/sqlite/schema.ts';
import { HOUR_MS, T0, testDirectory, testReading } from './conformance-fixtures.ts';

/*
 * What a process killed with -9 leaves behind are its files as they are at that moment. They are copied before every
 * statement that writes, begins or commits, and each copy is opened as the next start would.
 */
const NAME = 'readings.sqlite';
// some hundred stores are opened
const PATIENCE_MS = 180_000;
const FLOOR_MS = T0 + 30 * HOUR_MS;

interface Opened {
  directory: string;
  db: DatabaseSync;
  parts: WriteParts;
}

function opened(directory = testDirectory(), beforeStatement?: () => void): Opened {
  const db = openForWriting(join(directory, NAME));
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  if (beforeStatement) watch(db, beforeStatement);
  return { directory, db, parts: openWriteParts(db) };
}

function watch(db: DatabaseSync, beforeStatement: () => void): void {
  const exec = db.exec.bind(db);
  const prepare = db.prepare.bind(db);
  db.exec = (sql) => {
    beforeStatement();
    exec(sql);
  };
  db.prepare = (sql) => {
    const statement = prepare(sql);
    const run = statement.run.bind(statement);
    statement.run = (...values: unknown[]) => {
      beforeStatement();
      return run(...(values as SQLInputValue[]));
    };
    return statement;
  };
}

/** Appends in several batches, some of them late, as small ones and split ones come. */
function fill({ parts }: Opened): void {
  const append = createAppend(parts);
  for (let batch = 0; batch < 5; batch++) {
    const readings = Array.from({ length: batch === 2 ? 1_000 : 36 }, (_, i) =>
      testReading(batch * 720 + i * 12 - (i % 7 === 0 ? 3_000 : 0), i / 40, {
        deviceId: `d${i % 3}`,
        assetId: `a${i % 3}`,
        quantity: i % 2 ? 'fill' : 'humidity',
      }),
    );
    append(encodeBatch({ tenant: 't', readings, cursor: { name: 'sink', seq: batch + 1 } }));
  }
}

function everything(db: DatabaseSync): { series: unknown[]; hours: unknown } {
  const queries = createQueries(db);
  const all = { tenant: 't', fromMs: 0, toMs: 8e15 };
  const hours = (quantity: 'fill' | 'humidity') =>
    queries.rollup({ ...all, quantity, step: '1h' }).map((point) => ({ ...point, mean: point.mean.toFixed(12) }));
  return {
    series: decodeReadings(queries.series({ ...all, limit: 10_000 }).columns),
    hours: [hours('fill'), hours('humidity')],
    ...{
      last: decodeReadings(queries.lastValues({ tenant: 't' })),
      stats: { ...queries.stats(), bytes: 0 },
      cursor: queries.cursor('sink'),
    },
  };
}

function read(directory: string, then?: (parts: WriteParts) => void): ReturnType<typeof everything> {
  const { db, parts } = opened(directory);
  then?.(parts);
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const found = everything(db);
  db.close();
  return found;
}

/** Runs work to its end and gives what a kill before each of its statements would have left. */
function killedEverywhere(work: (parts: WriteParts) => void) {
  const copies: string[] = [];
  let armed = false;
  const directory = testDirectory();
  const store = opened(directory, () => {
    if (!armed) return;
    const copy = testDirectory();
    for (const suffix of ['', '-wal'])
      if (existsSync(join(directory, NAME + suffix)))
        copyFileSync(join(directory, NAME + suffix), join(copy, NAME + suffix));
    copies.push(copy);
  });
  fill(store);
  const before = everything(store.db);
  armed = true;
  work(store.parts);
  armed = false;
  return { before, after: everything(store.db), copies };
}

const compactAll = (parts: WriteParts): void => {
  const compact = createCompaction(parts, { settleAfterMs: 0 });
  while (compact(true).isMore);
};
const expireAll = (parts: WriteParts): void => {
  const expire = createExpire(parts);
  while (expire({ fill: FLOOR_MS }).isMore);
};

test(
  'a process killed before any statement of a compaction leaves every reading once, and the next one ends it',
  () => {
    const { before, after, copies } = killedEverywhere(compactAll);
    expect(copies.length).toBeGreaterThan(10);
    expect(after).toEqual(before);
    for (const copy of copies) {
      expect(read(copy)).toEqual(before);
      expect(read(copy, compactAll)).toEqual(before);
    }
  },
  PATIENCE_MS,
);

test(
  'a process killed before any statement of an expiry keeps hours and days, and the next one ends it',
  () => {
    const { before, after, copies } = killedEverywhere((parts) => {
      compactAll(parts);
      expireAll(parts);
    });
    expect(after.series.length).toBeLessThan(before.series.length);
    for (const copy of copies) {
      expect(read(copy).hours).toEqual(before.hours);
      expect(read(copy, expireAll)).toEqual(after);
    }
  },
  PATIENCE_MS,
);

test(
  'a process killed before any statement of a correction of packed readings has done all of it or nothing',
  () => {
    const correction = {
      tenant: 't',
      readings: [testReading(20, 0.77, { deviceId: 'd1', assetId: 'a1' }), testReading(9_999, 0.5, { deviceId: 'd1' })],
      remove: [
        { deviceId: 'd2', quantity: 'fill' as const, at: new Date(T0 + 40 * 60_000).toISOString(), uplinkId: '1' },
      ],
      cursor: { name: 'replay', seq: 9 },
    };
    const correct = (parts: WriteParts): void => void createCorrect(parts)(encodeCorrection(correction));
    const { after, copies } = killedEverywhere((parts) => {
      compactAll(parts);
      correct(parts);
    });
    for (const copy of copies) expect(read(copy, correct)).toEqual(after);
  },
  PATIENCE_MS,
);
