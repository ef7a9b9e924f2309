import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Reading } from '@ronde/contracts';
import { createAppend, openWriteParts } from '../../packages/readings/src/adapters/sqlite/append.ts';
import { encodeBatch, type BatchColumns } from '../../packages/readings/src/adapters/sqlite/columns.ts';
import { createCompaction } from '../../packages/readings/src/adapters/sqlite/compact.ts';
import { addTotal, totalOf, type Total } from '../../packages/readings/src/adapters/sqlite/fold.ts';
import { createHourStore } from '../../packages/readings/src/adapters/sqlite/hours.ts';
import { createPlaceNumbers } from '../../packages/readings/src/adapters/sqlite/place-numbers.ts';
import { createRollupQuery } from '../../packages/readings/src/adapters/sqlite/rollup-query.ts';
import { openForWriting } from '../../packages/readings/src/adapters/sqlite/schema.ts';
import { START_MS, STEP_MS, createLevelSensors } from './_readings-load.ts';

/*
 * Hours and days added up when asked (ADR 0016) beside hours folded per batch and stored, in one thread and one run. The
 * folded ones lie as last values do, in pages of 64 series an hour, so that a batch writes 160 rows; whole hours then move
 * into compressed rows, as those of readings that are gone. What a correction would have to mend is not counted.
 */
const DEVICES = 2_500;
const BATCHES = 40;
const RUNS = 5;
const YEAR_STEPS = 35_040;
const HOUR_MS = 3_600_000;
const PAGE = 64;
const FIELDS = ['min', 'max', 'sum', 'rest', 'count'] as const;

const middleOf = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const round2 = (x: number): number => Math.round(x * 100) / 100;

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Folds batches into pages; series are numbered as their places are. */
function createFolding(db: DatabaseSync) {
  db.exec(
    'CREATE TABLE hour_pages (hour INTEGER, page INTEGER, data BLOB NOT NULL, PRIMARY KEY (hour, page)) WITHOUT ROWID',
  );
  const save = db.prepare('INSERT OR REPLACE INTO hour_pages VALUES (?, ?, ?)');
  const pages = new Map<string, Float64Array>();
  return ({ key, atMs, value }: BatchColumns): void => {
    const changed = new Set<string>();
    for (let i = 0; i < key.length; i++) {
      const name = `${Math.floor(atMs[i]! / HOUR_MS)} ${Math.floor(key[i]! / PAGE)}`;
      const page = pages.get(name) ?? new Float64Array(PAGE * FIELDS.length);
      pages.set(name, page);
      changed.add(name);
      foldInto(page, (key[i]! % PAGE) * FIELDS.length, value[i]!);
    }
    db.exec('BEGIN IMMEDIATE');
    for (const name of changed) {
      const [hour, page] = name.split(' ').map(Number);
      save.run(hour!, page!, new Uint8Array(pages.get(name)!.buffer));
    }
    db.exec('COMMIT');
    // hours that are over stay on disk only
    if (pages.size > 3 * changed.size) for (const name of pages.keys()) if (!changed.has(name)) pages.delete(name);
  };
}

function foldInto(page: Float64Array, at: number, value: number): void {
  const count = page[at + 4]!;
  const sum = page[at + 2]! + value;
  const part = sum - page[at + 2]!;
  page[at + 3]! += page[at + 2]! - (sum - part) + (value - part);
  page[at + 2] = sum;
  page[at] = count === 0 ? value : Math.min(page[at]!, value);
  page[at + 1] = count === 0 ? value : Math.max(page[at + 1]!, value);
  page[at + 4] = count + 1;
}

/** Milliseconds of one run over all batches, without and with folding. */
function appendBothWays(
  directory: string,
  run: number,
  batches: readonly BatchColumns[],
): { plain: number; folded: number } {
  const ways = ['plain', 'folded'] as const;
  const took = { plain: NaN, folded: NaN };
  // whoever comes second meets warm code
  for (const way of run % 2 === 0 ? ways : ways.toReversed()) {
    const db = openForWriting(join(directory, `${way}-${run}.sqlite`));
    const append = createAppend(openWriteParts(db));
    const fold = way === 'folded' ? createFolding(db) : undefined;
    const store = (batch: BatchColumns): void => {
      append(batch);
      fold?.(batch);
    };
    // makes the names of 10,000 series
    store(batches[0]!);
    took[way] = timed(() => batches.slice(1).forEach(store));
    db.close();
  }
  return took;
}

function hoursOf(readings: readonly Reading[]): Map<number, Total> {
  const hours = new Map<number, Total>();
  for (const { at, value } of readings) {
    const hour = Math.floor(Date.parse(at) / HOUR_MS);
    const known = hours.get(hour);
    if (known) addTotal(known, totalOf(value!));
    else hours.set(hour, totalOf(value!));
  }
  return hours;
}

/** A year of one bin: what stored hours take beside the packed readings, and how long each way answers. */
function yearBothWays(directory: string) {
  const year = createLevelSensors(1, 'year');
  const readings = Array.from({ length: YEAR_STEPS }, (_, step) => year(step)).flat();
  const db = openForWriting(join(directory, 'year.sqlite'));
  const parts = openWriteParts(db);
  createAppend(parts)({
    ...encodeBatch({ tenant: 'b', readings, cursor: { name: 'bench', seq: 1 } }, createPlaceNumbers()),
  });
  const compact = createCompaction(parts, { settleAfterMs: 0 });
  while (compact(true).isMore);
  const bytesOf = (table: string): number =>
    (db.prepare(`SELECT coalesce(sum(length(data)), 0) AS bytes FROM ${table}`).get() as { bytes: number }).bytes;
  const hourStore = createHourStore(db);
  const quantities = Map.groupBy(readings, ({ quantity }) => quantity);
  [...quantities.values()].forEach((own, mounting) => hourStore.add(mounting + 1, hoursOf(own)));
  const stored = { packed: bytesOf('blocks'), hours: bytesOf('hours') };
  const ofStored = (): void => void hourStore.load(1, START_MS, START_MS + YEAR_STEPS * STEP_MS);
  const answers = { storedYearHourlyMs: round2(middleOf(Array.from({ length: 9 }, () => timed(ofStored)))) };
  db.exec('DELETE FROM hours');
  const rollup = createRollupQuery(db, parts.storage);
  const ask = (step: '1h' | '1d'): number => {
    const query = { tenant: 'b', deviceId: readings[0]!.deviceId, quantity: 'fill' as const, step };
    const work = (): void => void rollup({ ...query, fromMs: START_MS, toMs: START_MS + YEAR_STEPS * STEP_MS });
    return round2(middleOf(Array.from({ length: 14 }, () => timed(work))));
  };
  const asked = { askedYearHourlyMs: ask('1h'), askedYearDailyMs: ask('1d') };
  db.close();
  const perReading = (bytes: number): number => round2(bytes / readings.length);
  return {
    packedBytesPerReading: perReading(stored.packed),
    storedHoursBytesPerReading: perReading(stored.hours),
    ...answers,
    ...asked,
  };
}

/** Measures both ways to keep hours and days. */
export async function run(): Promise<object> {
  const directory = mkdtempSync(join(tmpdir(), 'ronde-bench-rollups-'));
  try {
    const load = round2(loadavg()[0]!);
    const round = createLevelSensors(DEVICES);
    const places = createPlaceNumbers();
    const batches = Array.from({ length: BATCHES + 1 }, (_, i) => {
      const batch = encodeBatch({ tenant: 'b', readings: round(i), cursor: { name: 'bench', seq: i + 1 } }, places);
      places.arrived(batch.newPlaces);
      return batch;
    });
    const rows = BATCHES * batches[0]!.key.length;
    const runs = Array.from({ length: RUNS }, (_, i) => appendBothWays(directory, i, batches));
    const perS = (ms: number): number => Math.round((rows * 1_000) / ms);
    return {
      load,
      writerRowsPerS: {
        addedUpWhenAsked: perS(middleOf(runs.map(({ plain }) => plain))),
        foldedPerBatch: perS(middleOf(runs.map(({ folded }) => folded))),
        timeOfFoldedToPlain: round2(middleOf(runs.map(({ plain, folded }) => folded / plain))),
      },
      yearOfOneBin: yearBothWays(directory),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
