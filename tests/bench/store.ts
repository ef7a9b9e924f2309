import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { quantityOf, type Quantity, type Reading } from '@ronde/contracts';
import { createRng, silentLog } from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';

/*
 * Readings store beside one plain SQLite table in the same run: same rows, same batches, same journal settings. The
 * plain table does what a first version would: one row a reading with its texts and an index by asset and time; no
 * deduplication, last values or rollups.
 */
const BATCH = 10_000;
const DEVICES = 2_500;
const QUANTITIES: readonly Quantity[] = ['fill', 'distance', 'temperature', 'battery'];
const ROUNDS = 40;
const LAST_ASSETS = 10_000;
const STEP_MS = 900_000;
const YEAR_STEPS = 35_040;
const START_MS = Date.UTC(2025, 0, 1);

/** Makes one round of readings: every device once, every quantity, as sensors send them. */
function roundOf(round: number, rng: () => number, devices = DEVICES, quantities = QUANTITIES): Reading[] {
  return Array.from({ length: devices * quantities.length }, (_, i) => {
    const device = Math.floor(i / quantities.length);
    const quantity = quantities[i % quantities.length]!;
    const atMs = START_MS + round * STEP_MS + device * 97;
    return {
      at: new Date(atMs).toISOString(),
      receivedAt: new Date(atMs + 850).toISOString(),
      deviceId: `dev-${10_000 + device}`,
      assetId: `bin-${10_000 + device}`,
      chamber: '1',
      quantity,
      value: Math.round(rng() * 1000) / 1000,
      unit: quantityOf(quantity).unit,
      quality: 'ok',
      flags: [],
      typeVersion: 'milesight-em310-udl@1.0.0',
      uplinkId: String(round * devices + device),
    };
  });
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

/** Median of a few runs, so that one hiccup of the machine does not decide. */
async function medianMs(work: () => unknown, runs = 7): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push((await timed(work)).ms);
  return round1(times.sort((a, b) => a - b)[Math.floor(runs / 2)]!);
}

const round1 = (x: number): number => Math.round(x * 10) / 10;
const fileBytes = (file: string): number => statSync(file).size;

async function appendRate(store: ReadingsStore, batches: Reading[][]): Promise<number> {
  let seq = 0;
  const { ms } = await timed(() =>
    Promise.all(
      batches.map((readings) => store.append({ tenant: 'b', readings, cursor: { name: 'bench', seq: ++seq } })),
    ),
  );
  return Math.round((batches.length * BATCH * 1000) / ms);
}

function openPlain(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE readings (at TEXT, receivedAt TEXT, deviceId TEXT, assetId TEXT, chamber TEXT, quantity TEXT, value REAL, unit TEXT,
      quality TEXT, flags TEXT, typeVersion TEXT, uplinkId TEXT);
    CREATE INDEX by_asset ON readings (assetId, quantity, at)`);
  const insert = db.prepare('INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const append = (readings: Reading[]): void => {
    db.exec('BEGIN');
    for (const r of readings) {
      const texts = [r.unit, r.quality, r.flags.join(), r.typeVersion, r.uplinkId] as const;
      insert.run(r.at, r.receivedAt, r.deviceId, r.assetId, r.chamber ?? null, r.quantity, r.value, ...texts);
    }
    db.exec('COMMIT');
  };
  const year = db.prepare(
    'SELECT * FROM readings WHERE assetId = ? AND quantity = ? AND at >= ? AND at < ? ORDER BY at',
  );
  const last = db.prepare('SELECT assetId, max(at), value FROM readings WHERE quantity = ? GROUP BY assetId');
  return { db, append, year, last };
}

function yearOfOneBin(rng: () => number): Reading[] {
  return Array.from({ length: YEAR_STEPS }, (_, step) => roundOf(step, rng, 1, ['fill'])[0]!).map((r) => ({
    ...r,
    assetId: 'one-year',
    deviceId: 'year',
  }));
}

/** Measures appends, last values, a year of one bin and bytes a reading. */
export async function run(): Promise<object> {
  const directory = mkdtempSync(join(tmpdir(), 'ronde-bench-store-'));
  const rng = createRng(1);
  const batches = Array.from({ length: ROUNDS }, (_, i) => roundOf(i, () => rng.next()));
  const year = yearOfOneBin(() => rng.next());
  const store = await openReadings('sqlite:', { dataDir: directory, log: silentLog() });
  const plain = openPlain(join(directory, 'plain.sqlite'));
  try {
    const appendPerS = await appendRate(store, batches);
    const { readings, bytes } = await store.stats();
    const again = await appendRate(store, batches.slice(0, 5));
    const plainAppend = await timed(() => batches.forEach(plain.append));
    plain.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const plainBytes = fileBytes(join(directory, 'plain.sqlite'));
    await store.append({ tenant: 'b', readings: year });
    plain.append(year);
    await store.append({
      tenant: 'last',
      readings: roundOf(0, () => rng.next(), LAST_ASSETS, ['fill']).map((r) => ({ ...r, deviceId: `x${r.deviceId}` })),
    });
    const range = { fromMs: START_MS, toMs: START_MS + 366 * 86_400_000 };
    const oneYear = { tenant: 'b', assetId: 'one-year', quantity: 'fill' as const, ...range };
    return {
      rows: readings,
      batch: BATCH,
      series: DEVICES * QUANTITIES.length,
      ronde: {
        appendPerS,
        duplicatesPerS: again,
        bytesPerReading: round1(bytes / readings),
        lastValues10kMs: await medianMs(() => store.lastValues({ tenant: 'last', quantity: 'fill' })),
        yearSeriesMs: await medianMs(() => store.series({ ...oneYear, limit: 40_000 })),
        yearDailyMs: await medianMs(() => store.rollup({ ...oneYear, step: '1d' })),
        yearHourlyMs: await medianMs(() => store.rollup({ ...oneYear, step: '1h' })),
      },
      plainTable: {
        appendPerS: Math.round((ROUNDS * BATCH * 1000) / plainAppend.ms),
        bytesPerReading: round1(plainBytes / (ROUNDS * BATCH)),
        lastValues2500Ms: await medianMs(() => plain.last.all('fill'), 3),
        yearSeriesMs: await medianMs(() => plain.year.all('one-year', 'fill', '2025-01-01', '2026-01-02')),
      },
    };
  } finally {
    await store.close();
    plain.db.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
