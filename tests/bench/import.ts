import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Import } from '@ronde/contracts';
import { ADMIN_TOKEN, startRonde, type RondeProcess } from '../faults/platform-process.ts';

/*
 * A list of 10,000 devices through a whole running platform: CSV and XLSX, for the first time and again, and back. What
 * it costs others is how long the event loop was held up, beside the same figure of the platform at rest in this run.
 */
const DEVICES = 10_000;
const REST_MS = 3_000;
const POLL_MS = 100;

interface Cost {
  seconds: number;
  eventLoopMaxMs: number;
  rssMb: number;
  counts?: Pick<Import, 'created' | 'updated' | 'unchanged' | 'refused'>;
}

/** Measures imports, the dry run and the way back. */
export async function run(): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-bench-import-'));
  const ronde = await startRonde({ dataDir });
  try {
    const csv = new TextEncoder().encode(devicesCsv());
    const atRest = await watched(ronde, () => pause(REST_MS));
    const assets = await imported(ronde, 'asset-imports', new TextEncoder().encode(assetsCsv()));
    const dryRun = await imported(ronde, 'device-imports?dryRun=true', csv);
    const first = await imported(ronde, 'device-imports', csv);
    const again = await imported(ronde, 'device-imports', csv);
    const xlsx = new Uint8Array(await (await call(ronde, 'GET', 'exports/devices?format=xlsx')).arrayBuffer());
    const xlsxAgain = await imported(ronde, 'device-imports', xlsx);
    const undo = await watched(ronde, () => call(ronde, 'DELETE', `imports/${first.id}`));
    const xlsxFirst = await imported(ronde, 'device-imports', xlsx);
    const costs = { atRest, assets, dryRun, csv: first, csvAgain: again, xlsx: xlsxFirst, xlsxAgain, undo };
    return { devices: DEVICES, csvBytes: csv.length, xlsxBytes: xlsx.length, ...costs };
  } finally {
    await ronde.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function imported(ronde: RondeProcess, path: string, file: Uint8Array): Promise<Cost & { id: string }> {
  let state: Import | undefined;
  const cost = await watched(ronde, async () => {
    state = (await (await call(ronde, 'POST', path, file)).json()) as Import;
    while (state.status === 'running') {
      await pause(POLL_MS);
      state = (await (await call(ronde, 'GET', `imports/${state.id}`)).json()) as Import;
    }
  });
  const { id, created, updated, unchanged, refused } = state!;
  return { id, ...cost, counts: { created, updated, unchanged, refused } };
}

/** Runs work and gives what it cost the platform; the longest hold-up is that since the metrics were read last. */
async function watched(ronde: RondeProcess, work: () => Promise<unknown>): Promise<Cost> {
  await metricsOf(ronde);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const text = await metricsOf(ronde);
  const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  return {
    seconds: Math.round(seconds * 100) / 100,
    eventLoopMaxMs: Math.round(read('nodejs_eventloop_lag_max_seconds') * 1000),
    rssMb: Math.round(read('process_resident_memory_bytes') / 1e6),
  };
}

async function metricsOf(ronde: RondeProcess): Promise<string> {
  return (await fetch(`${ronde.url}/metrics`)).text();
}

async function call(ronde: RondeProcess, method: string, path: string, file?: Uint8Array): Promise<Response> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(file && { 'content-type': 'text/csv' }) };
  const body = file as Uint8Array<ArrayBuffer> | undefined;
  const response = await fetch(`${ronde.url}/v1/${path}`, { method, headers, ...(body && { body }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

function assetsCsv(): string {
  const rows = Array.from(
    { length: DEVICES },
    (_, n) => `bin-${n},container,${52 + n / 1e5},${5 + n / 1e5},residual,1100`,
  );
  return ['id,kind,lat,lon,fraction,volumeL', ...rows].join('\n');
}

function devicesCsv(): string {
  const head = 'id;type;devEUI;joinEui;asset;chamber;emptyDistanceM;fullDistanceM;app key;name;serial;tags';
  const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
  const rows = Array.from(
    { length: DEVICES },
    (_, n) =>
      `dev-${n};dragino-ldds75;a84041ff${hex(n, 8)};70b3d57ed0000001;bin-${n};1;1,5;0,3;${hex(n, 32)};Device ${n};SN${n};a|b`,
  );
  return [head, ...rows].join('\r\n');
}
