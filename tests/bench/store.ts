import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Reading } from '@ronde/contracts';
import { silentLog } from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';
import { START_MS, STEP_MS, createLevelSensors, realFills } from './_readings-load.ts';

/*
 * Readings store beside one plain SQLite table in the same run: same rows, same batches, same journal settings. The
 * plain table does what a first version would: one row a reading with its texts and an index by asset and time; no
 * deduplication, last values or rollups. Wall times suffer from whatever else the machine does; the processor time a
 * row does not.
 */
const BATCH_DEVICES = 2_500;
const ROUNDS = 40;
const WARM_UP = 5;
/** Each a second or less: one alone says more of what else the machine did than of the store. */
const APPEND_RUNS = 5;
const WEEK_DEVICES = 100;
const WEEK_ROUNDS = 4 * 672;
const LAST_ASSETS = 10_000;
const YEAR_STEPS = 35_040;
const DAY_MS = 86_400_000;

interface Timed<T> {
  ms: number;
  cpuMs: number;
  value: T;
}

async function timed<T>(work: () => T | Promise<T>): Promise<Timed<T>> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const used = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (used.user + used.system) / 1_000, value };
}

interface Median {
  ms: number;
  /** Processor time of all threads. */
  cpuMs: number;
}

/** Median of a few runs, so that one hiccup of the machine does not decide. */
async function median(work: () => unknown, runs = 9): Promise<Median> {
  const times: Timed<unknown>[] = [];
  for (let i = 0; i < WARM_UP; i++) await work();
  for (let i = 0; i < runs; i++) times.push(await timed(work));
  const middle = (of: 'ms' | 'cpuMs'): number => round1(middleOf(times.map((one) => one[of])));
  return { ms: middle('ms'), cpuMs: middle('cpuMs') };
}

const middleOf = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const round1 = (x: number): number => Math.round(x * 10) / 10;
const perS = (rows: number, ms: number): number => Math.round((rows * 1_000) / ms);

function appendAll(store: ReadingsStore, batches: readonly Reading[][]): Promise<unknown> {
  let seq = 0;
  return Promise.all(
    batches.map((readings) => store.append({ tenant: 'b', readings, cursor: { name: 'bench', seq: ++seq } })),
  );
}

function openPlain(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE readings (at TEXT, receivedAt TEXT, deviceId TEXT, assetId TEXT, chamber TEXT, quantity TEXT, value REAL, unit TEXT,
      quality TEXT, flags TEXT, typeVersion TEXT, uplinkId TEXT);
    CREATE INDEX by_asset ON readings (assetId, quantity, at)`);
  const insert = db.prepare('INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const append = (readings: readonly Reading[]): void => {
    db.exec('BEGIN');
    for (const r of readings) {
      const texts = [r.unit, r.quality, r.flags.join(), r.typeVersion, r.uplinkId] as const;
      insert.run(r.at, r.receivedAt, r.deviceId, r.assetId, r.chamber ?? null, r.quantity, r.value, ...texts);
    }
    db.exec('COMMIT');
  };
  const span = db.prepare(
    'SELECT * FROM readings WHERE assetId = ? AND quantity = ? AND at >= ? AND at < ? ORDER BY at',
  );
  const last = db.prepare('SELECT assetId, max(at), value FROM readings WHERE quantity = ? GROUP BY assetId');
  return { db, append, span, last };
}

interface Stores {
  directory: string;
  open(name: string): Promise<ReadingsStore>;
  plain: ReturnType<typeof openPlain>;
}

/** Batches of 10,000 readings of 10,000 series, and the same again as duplicates; each run beside the plain table. */
async function measureAppends({ open, plain }: Stores) {
  const round = createLevelSensors(BATCH_DEVICES);
  const batches = Array.from({ length: ROUNDS + WARM_UP }, (_, i) => round(i));
  // the first batch makes the names of 10,000 series
  const names = batches.splice(0, WARM_UP);
  const rows = batches.reduce((sum, { length }) => sum + length, 0);
  const runs: { first: Timed<unknown>; again: Timed<unknown>; beside: Timed<unknown> }[] = [];
  for (let i = 0; i < APPEND_RUNS; i++) {
    const store = await open(`append-${i}`);
    await appendAll(store, names);
    const first = await timed(() => appendAll(store, batches));
    const again = await timed(() => appendAll(store, batches.slice(0, 5)));
    await store.close();
    const beside = await timed(() => batches.slice(0, ROUNDS / APPEND_RUNS).forEach(plain.append));
    runs.push({ first, again, beside });
  }
  const middle = (of: (run: (typeof runs)[number]) => number): number => middleOf(runs.map(of));
  return {
    rows,
    appendPerS: perS(
      rows,
      middle(({ first }) => first.ms),
    ),
    appendPerSEachRun: runs.map(({ first }) => perS(rows, first.ms)),
    appendCpuUsPerRow: round1(middle(({ first }) => first.cpuMs * 1_000) / rows),
    duplicatesPerS: perS(
      5 * batches[0]!.length,
      middle(({ again }) => again.ms),
    ),
    plainAppendPerS: perS(
      rows / APPEND_RUNS,
      middle(({ beside }) => beside.ms),
    ),
    plainCpuUsPerRow: round1(middle(({ beside }) => beside.cpuMs * 1_000) / (rows / APPEND_RUNS)),
    plainLast2500: await median(() => plain.last.all('fill'), 3),
  };
}

/** Bytes a reading after compaction: the packed blocks alone, and the whole file with names and last values. */
async function sizeOf({ directory, open }: Stores, name: string, batches: readonly Reading[][]) {
  const store = await open(name);
  const rows = batches.reduce((sum, { length }) => sum + length, 0);
  await appendAll(store, batches);
  const { ms, cpuMs } = await timed(() => store.compact!());
  const file = join(directory, `${name}-backup.sqlite`);
  await store.backup(file);
  const db = new DatabaseSync(file, { readOnly: true });
  const { packed } = db.prepare('SELECT sum(length(data)) AS packed FROM blocks').get() as { packed: number };
  db.close();
  const sizes = {
    readings: rows,
    packedBytesPerReading: Math.round((packed / rows) * 100) / 100,
    fileBytesPerReading: Math.round((statSync(file).size / rows) * 100) / 100,
    compactedPerS: perS(rows, ms),
    compactCpuUsPerRow: round1((cpuMs * 1_000) / rows),
  };
  return { store, sizes };
}

async function measureQueries(stores: Stores) {
  const year = createLevelSensors(1, 'year');
  const readings = Array.from({ length: YEAR_STEPS }, (_, step) => year(step)[0]!);
  const { store } = await sizeOf(stores, 'queries', [readings]);
  await appendAll(store, [createLevelSensors(LAST_ASSETS, 'last')(0)]);
  await store.compact!();
  stores.plain.append(readings);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const span = (days: number) => ({ fromMs: START_MS, toMs: START_MS + days * DAY_MS });
  const series = (days: number) => () =>
    store.series({
      tenant: 'b',
      assetId: 'bin-10000',
      deviceId: 'year-10000',
      quantity: 'fill',
      ...span(days),
      limit: 40_000,
    });
  const plain = (days: number) => () =>
    stores.plain.span.all('bin-10000', 'fill', iso(START_MS), iso(START_MS + days * DAY_MS));
  const rollup = (step: '1h' | '1d') => () =>
    store.rollup({ tenant: 'b', deviceId: 'year-10000', quantity: 'fill', ...span(366), step });
  const lastAssets = Array.from({ length: LAST_ASSETS }, (_, i) => `bin-${10_000 + i}`);
  const figures = {
    weekSeries: await median(series(7)),
    yearSeries: await median(series(366)),
    yearDaily: await median(rollup('1d')),
    yearHourly: await median(rollup('1h')),
    lastValues10k: await median(() => store.lastValues({ tenant: 'b', quantity: 'fill' })),
    lastValuesByIds10k: await median(() => store.lastValues({ tenant: 'b', quantity: 'fill', assetIds: lastAssets })),
    plainWeek: await median(plain(7)),
    plainYear: await median(plain(366)),
  };
  await store.close();
  return figures;
}

/** How long appends of 400 readings take while a backup is written, beside how long they take without. */
async function measureBackup({ directory }: Stores, store: ReadingsStore) {
  const round = createLevelSensors(WEEK_DEVICES);
  let step = WEEK_ROUNDS;
  const append = () => store.append({ tenant: 'b', readings: round(step++), cursor: { name: 'bench', seq: step } });
  const alone = await median(append, 25);
  let isDone = false;
  const backup = timed(() => store.backup(join(directory, 'backup.sqlite'))).finally(() => (isDone = true));
  const times: number[] = [];
  while (!isDone) times.push((await timed(append)).ms);
  const { ms } = await backup;
  times.sort((a, b) => a - b);
  return {
    backupMs: Math.round(ms),
    appendAloneMs: alone.ms,
    appendMeanwhileMs: round1(times[Math.floor(times.length / 2)] ?? NaN),
    appendMeanwhileWorstMs: round1(times.at(-1) ?? NaN),
  };
}

/** Measures appends, size, queries and backup; each bar with what was measured. */
export async function run(): Promise<object> {
  const directory = mkdtempSync(join(tmpdir(), 'ronde-bench-store-'));
  const opened: ReadingsStore[] = [];
  const stores: Stores = {
    directory,
    async open(name) {
      const store = await openReadings(`sqlite:${join(directory, `${name}.sqlite`)}`, {
        dataDir: directory,
        log: silentLog(),
      });
      opened.push(store);
      return store;
    },
    plain: openPlain(join(directory, 'plain.sqlite')),
  };
  try {
    const loadBefore = round1(loadavg()[0]!);
    // first, while little is in memory: a million readings kept by the load slow every collection of garbage
    const queries = await measureQueries(stores);
    const appends = await measureAppends(stores);
    const round = createLevelSensors(WEEK_DEVICES);
    const weeks = Array.from({ length: WEEK_ROUNDS }, (_, i) => round(i));
    const { store, sizes } = await sizeOf(stores, 'simulated', weeks);
    const backup = await measureBackup(stores, store);
    await store.close();
    const real = realFills();
    const realSizes =
      real && (await sizeOf(stores, 'real', [real]).then(({ store: one, sizes: two }) => one.close().then(() => two)));
    const bar = (measured: number | undefined, limit: number, isMet: boolean) => ({ measured, limit, isMet });
    return {
      loadBefore,
      bars: {
        appendPerS: bar(appends.appendPerS, 250_000, appends.appendPerS >= 250_000),
        bytesPerReading: bar(sizes.fileBytesPerReading, 3, sizes.fileBytesPerReading <= 3),
        weekOfOneSeriesMs: bar(queries.weekSeries.ms, 5, queries.weekSeries.ms < 5),
        lastValues10kMs: bar(queries.lastValues10k.ms, 20, queries.lastValues10k.ms < 20),
        yearOfOneBinMs: bar(queries.yearSeries.ms, 50, queries.yearSeries.ms < 50),
      },
      appends,
      simulated: { intervalMinutes: STEP_MS / 60_000, ...sizes },
      realFills: realSizes ?? 'skipped: the data set is absent',
      queries,
      backup,
    };
  } finally {
    for (const store of opened) await store.close().catch(() => undefined);
    stores.plain.db.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
