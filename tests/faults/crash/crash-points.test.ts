import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '@ronde/kit';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { createDiskModel, type Files, type Stop } from './disk-model.ts';
import { areSame, layOut } from './lay-out.ts';
import { canTrace, record } from './record.ts';
import { recover, type Recovered } from './recover.ts';
import type { DiskOp } from './trace.ts';

/*
 * Crash points enumerated: a short scripted load on a new directory is recorded once, with every write, truncation,
 * sync, name and acknowledgement in order. What the disk holds at each of these boundaries is built from the recording,
 * and the stores are started on it. FAULTS_ALL=1 takes every boundary, else every STRIDE-th, from another one each day.
 */
const isAll = process.env['FAULTS_ALL'] === '1';
const STRIDE = isAll ? 1 : 48;
const SEED = 4;
const STOPS: Stop[] = ['kill', 'power, all unsynced lost', 'power, some unsynced kept'];
/** Changes at syncs only, so that every boundary is cheap. */
const SYNCED_ONLY = STOPS[1]!;
const LONG_MS = 3_600_000;
/** The bar is 5 s on a machine of its own; only a start that hangs fails here. */
const HANGING_MS = 60_000;

let scratch: string;
let types: SensorTypes;
let recording: { dataDir: string; ops: DiskOp[] };

const saidOf = (lines: string[]) => ({
  devices: lines.filter((line) => line.startsWith('device ')).map((line) => line.split(' ')[1]!),
  acked: lines.filter((line) => line.startsWith('acked ')).map((line) => Number(line.split(' ')[2])),
});

/** Empty when all that was promised is kept, once. */
function faultsOf(found: Recovered, lines: string[]): string[] {
  const { devices, acked } = saidOf(lines);
  return [
    ...devices.filter((id) => !found.devices.includes(id)).map((id) => `device ${id} is gone`),
    ...acked.filter((number) => !found.copies.has(number)).map((number) => `message ${number} is lost`),
    ...[...found.copies].filter(([, count]) => count > 1).map(([number]) => `message ${number} is there twice`),
    ...(found.isReady ? [] : ['not ready']),
    ...(found.corruptFrames > 0 ? [`${found.corruptFrames} damaged frames`] : []),
    ...(found.tookMs > HANGING_MS ? [`took ${found.tookMs} ms`] : []),
  ];
}

async function recoverOn(files: Files, index: number): Promise<Recovered | Error> {
  const dir = join(scratch, `point-${index}`);
  layOut(files, recording.dataDir, dir);
  const found = await recover(dir, types).catch((thrown: Error) => thrown);
  rmSync(dir, { recursive: true, force: true });
  return found;
}

describe.skipIf(!canTrace())('at every boundary of a short load (skipped without strace)', () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'ronde-crash-'));
    types = await openSensorTypes();
    recording = record(scratch);
  });
  afterAll(async () => {
    await types.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  test('the recording is whole: it builds the files that the process left, byte for byte', () => {
    const model = createDiskModel();
    for (const op of recording.ops) model.apply(op);
    const built = model.after('kill', createRng(SEED));
    expect([...built.keys()].map((path) => path.slice(recording.dataDir.length + 1)).sort()).toEqual([
      'admin-token',
      'inbox/inbox.lock',
      'inbox/inbox.sqlite',
      'readings.sqlite',
      'registry.sqlite',
      'seal-key',
    ]);
    for (const [path, content] of built) expect(readFileSync(path).equals(content)).toBe(true);
    expect(recording.ops.filter((op) => op.kind === 'say' && op.line.startsWith('acked '))).toHaveLength(24);
  });

  test.each(STOPS)(
    'after a stop of the kind "%s" what was acknowledged is there once and the start needs nobody',
    { timeout: LONG_MS },
    async (stop) => {
      const model = createDiskModel();
      const rng = createRng(SEED);
      const lines: string[] = [];
      const bad: string[] = [];
      const tookMs: number[] = [];
      let known: { files: Files; found: Recovered | Error } | undefined;
      const first = isAll ? 0 : Math.floor(Date.now() / 86_400_000) % STRIDE;
      for (const [index, op] of recording.ops.entries()) {
        model.apply(op);
        if (op.kind === 'say') lines.push(op.line);
        if (stop !== SYNCED_ONLY && index % STRIDE !== first) continue;
        const files = model.after(stop, rng);
        // an acknowledgement changes what was promised, not what the disk holds
        if (!known || !areSame(known.files, files)) {
          known = { files, found: await recoverOn(files, index) };
          if (!(known.found instanceof Error)) tookMs.push(known.found.tookMs);
          if (isAll && tookMs.length % 50 === 0) process.stderr.write(`${stop}: boundary ${index}\n`);
        }
        const faults =
          known.found instanceof Error ? [`does not start: ${known.found.message}`] : faultsOf(known.found, lines);
        const place = op.kind === 'say' ? op.line : op.path.slice(recording.dataDir.length);
        if (faults.length > 0) bad.push(`${index} ${op.kind} ${place}: ${faults.join(', ')}`);
      }
      tookMs.sort((a, b) => a - b);
      process.stderr.write(
        `${stop}: ${tookMs.length} different states of ${recording.ops.length} boundaries, ${bad.length} bad; start to caught up: median ${Math.round(tookMs[tookMs.length >> 1] ?? 0)} ms, longest ${Math.round(tookMs.at(-1) ?? 0)} ms\n`,
      );
      expect(bad).toEqual([]);
    },
  );
});
