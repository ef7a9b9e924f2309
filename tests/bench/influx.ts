import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantityOf, type Quantity, type Reading } from '@ronde/contracts';
import { createRng, silentLog } from '@ronde/kit';
import { openReadings, type ReadingsStore } from '@ronde/readings';
import { givenInflux, makeBucket, noInflux } from '../fixtures/influx-server.ts';

/*
 * The store in InfluxDB beside the embedded one in the same run, over the same batches. It needs a real server
 * (INFLUX_URL, INFLUX_TOKEN): a double would measure itself.
 */
const BATCH = 5_000;
const ROUNDS = 12;
const QUANTITIES: readonly Quantity[] = ['fill', 'distance', 'temperature', 'battery'];
const STEP_MS = 900_000;
const LOOKS = 7;

function roundOf(round: number, startMs: number, rng: () => number): Reading[] {
  return Array.from({ length: BATCH }, (_, i) => {
    const device = Math.floor(i / QUANTITIES.length);
    const quantity = QUANTITIES[i % QUANTITIES.length]!;
    const at = new Date(startMs + round * STEP_MS + device * 97).toISOString();
    const ids = {
      deviceId: `dev-${device}`,
      assetId: `bin-${device}`,
      chamber: '1',
      uplinkId: String(round * BATCH + device),
    };
    const value = Math.round(rng() * 1000) / 1000;
    return {
      at,
      receivedAt: at,
      ...ids,
      quantity,
      value,
      unit: quantityOf(quantity).unit,
      quality: 'ok',
      flags: [],
      typeVersion: 'milesight-em310-udl@1.0.0',
    };
  });
}

async function timesOf(store: ReadingsStore, batches: Reading[][], startMs: number): Promise<object> {
  const began = performance.now();
  let seq = 0;
  for (const readings of batches) await store.append({ tenant: 'b', readings, cursor: { name: 'bench', seq: ++seq } });
  const appendPerS = Math.round((batches.length * BATCH * 1_000) / (performance.now() - began));
  const span = {
    tenant: 'b',
    assetId: 'bin-7',
    quantity: 'fill' as const,
    fromMs: startMs,
    toMs: startMs + 7 * 86_400_000,
  };
  return {
    appendPerS,
    repeatMs: await medianMs(() => store.append({ tenant: 'b', readings: batches[0]! })),
    lastValuesMs: await medianMs(() => store.lastValues({ tenant: 'b', quantity: 'fill' })),
    weekMs: await medianMs(() => store.series({ ...span, limit: 5_000 })),
    hoursMs: await medianMs(() => store.rollup({ ...span, step: '1h' })),
  };
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < LOOKS; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return Math.round(times.sort((a, b) => a - b)[Math.floor(LOOKS / 2)]! * 10) / 10;
}

/** Measures appends in order of a cursor, a repeated batch, last values, a week of a bin and its hours. */
export async function run(): Promise<object> {
  if (noInflux) return { skipped: noInflux.trim() };
  const rng = createRng(1);
  const startMs = Date.now() - 7 * 86_400_000;
  const batches = Array.from({ length: ROUNDS }, (_, i) => roundOf(i, startMs, () => rng.next()));
  const directory = mkdtempSync(join(tmpdir(), 'ronde-bench-influx-'));
  const { url, token, org } = givenInflux();
  const bucket = `bench-${Date.now()}`;
  const removeBucket = await makeBucket({ url, token, org }, bucket);
  const log = silentLog();
  const embedded = await openReadings('sqlite:', { dataDir: directory, log });
  const influx = await openReadings(`influxdb+${url}`, { dataDir: directory, log, influx: { token, org, bucket } });
  try {
    return {
      readings: ROUNDS * BATCH,
      batch: BATCH,
      influxdb: await timesOf(influx, batches, startMs),
      embedded: await timesOf(embedded, batches, startMs),
    };
  } finally {
    await Promise.all([influx.close(), embedded.close()]);
    await removeBucket();
    rmSync(directory, { recursive: true, force: true });
  }
}
