import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRng } from '@ronde/kit';
import type { Reading } from '@ronde/contracts';
import { testDirectory, testReading } from '../../conformance-fixtures.ts';
import { createAppend, openWriteParts } from './append.ts';
import { decodeReadings, encodeBatch } from './columns.ts';
import { createCompaction } from './compact.ts';
import { createQueries } from './queries.ts';
import { openForWriting } from './schema.ts';
import { createStorage, type Piece } from './storage.ts';

const DAY_MINUTES = 1_440;

function openStore() {
  const db = openForWriting(join(testDirectory(), 'readings.sqlite'));
  onTestFinished(() => db.close());
  const parts = openWriteParts(db);
  const append = createAppend(parts);
  const compact = createCompaction(parts, { settleAfterMs: 0 });
  const storage = createStorage(db);
  return {
    append: (readings: Reading[]) => append(encodeBatch({ tenant: 't', readings })),
    compactAll() {
      while (compact(true).isMore);
    },
    settle() {
      while (compact().isMore);
    },
    all: () => decodeReadings(createQueries(db).series({ tenant: 't', fromMs: 0, toMs: 8e15, limit: 1e6 }).columns),
    blocks: (): Piece[] => storage.blocks(1, -Infinity, Infinity),
    segments: () => [-1, 0].flatMap(storage.segments),
  };
}

test('blocks of a device never overlap, stay bounded, and hold what came in any order of days once', () => {
  const rng = createRng(5);
  const { append, compactAll, all, blocks } = openStore();
  const stored = new Map<string, Reading>();
  for (let batch = 0; batch < 60; batch++) {
    // mostly the days in order, some of them years away, some filled up later
    const day = rng.next() < 0.7 ? batch : rng.int(90) - 20 + (rng.next() < 0.1 ? 3_000 : 0);
    const count = rng.pick([1, 5, 60, 1_300]);
    const readings = Array.from({ length: count }, () => {
      const reading = testReading(day * DAY_MINUTES + rng.int(DAY_MINUTES * 1.2), rng.int(100) / 100, {
        quantity: rng.pick(['fill', 'humidity'] as const),
      });
      return reading;
    });
    const flags = append(readings);
    readings.forEach((reading, i) => {
      const key = `${reading.at} ${reading.quantity}`;
      expect(flags[i] === 1).toBe(!stored.has(key));
      if (!stored.has(key)) stored.set(key, reading);
    });
    compactAll();
  }
  const textOf = (reading: Reading): string => JSON.stringify(reading);
  expect(all().map(textOf).sort()).toEqual([...stored.values()].map(textOf).sort());
  const found = blocks();
  expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(stored.size);
  found.slice(1).forEach((block, i) => expect(block.firstMs).toBeGreaterThan(found[i]!.lastMs));
  // two times 3,000 readings and a day
  for (const { count } of found) expect(count).toBeLessThan(6_000 + 2 * 2 * DAY_MINUTES);
  expect(found.length).toBeGreaterThan(5);
});

test('what is not settled stays in segments, of which a bucket never has many', () => {
  const { append, settle, blocks, segments } = openStore();
  for (let minute = 0; minute < 3_000; minute += 5) {
    append([testReading(minute, 0.5)]);
    settle();
    expect(segments().length).toBeLessThan(60);
  }
  // the second midnight has passed: two days are packed, the third is not
  expect(blocks().reduce((sum, { count }) => sum + count, 0)).toBe((18 * 60 + DAY_MINUTES) / 5);
  expect(segments().reduce((sum, { count }) => sum + count, 0)).toBe((3_000 - 18 * 60 - DAY_MINUTES) / 5);
});
