import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeadLetter, Page, Reading } from '@ronde/contracts';
import { openPlatform, type TestPlatform } from './platform.ts';

const MAIN = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
const WAIT = { timeout: 60_000, interval: 200 };
const folder = mkdtempSync(join(tmpdir(), 'ronde-sim-'));
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform();
});
afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Truth {
  kind: string;
  deviceId: string;
  network: string;
  at: string;
  distanceM: number | null;
  fate: string;
  signs: string[];
}
interface Summary {
  published: number;
  acked: number;
  lost: number;
  duplicates: number;
}

async function sim(truthFile: string, ...args: string[]): Promise<{ summary: Summary; truth: Truth[] }> {
  const where = ['--mqtt', platform.mqttUrl, '--api', platform.url, '--token', platform.adminToken.token, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    MAIN,
    'sim',
    ...args,
    '--truth',
    truthFile,
    ...where,
  ]);
  const lines = readFileSync(truthFile, 'utf8').trim().split('\n');
  return { summary: JSON.parse(stdout) as Summary, truth: lines.map((line) => JSON.parse(line) as Truth) };
}

async function outcomes(): Promise<Record<string, number>> {
  const metrics = await (await fetch(new URL('/metrics', platform.url))).text();
  const found = metrics.matchAll(/ronde_ingest_uplinks_total\{outcome="([a-z-]+)"\} (\d+)/g);
  return Object.fromEntries([...found].map(([, outcome, count]) => [outcome, Number(count)]));
}

const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.011;
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

describe('what the simulator writes for every network', () => {
  test('is read without a dead letter: every measurement is stored, with its distance or its fill', async () => {
    const args = ['--devices', '96', '--networks', 'all', '--duration', '1h', '--speed', 'max'];
    const { summary, truth } = await sim(join(folder, 'clean.jsonl'), ...args);
    expect(summary.acked).toBe(summary.published);
    const samples = truth.filter(({ kind }) => kind === 'sample');
    const devices = truth.filter(({ kind }) => kind === 'device');
    expect(new Set(devices.map(({ network }) => network)).size).toBe(16);
    // each message is stored, or the second half of a pair (LORIOT), or tells of a birth (Sparkplug)
    await vi.waitFor(async () => {
      const all = await outcomes();
      expect(all).toMatchObject({ stored: samples.length });
      expect(all).not.toHaveProperty('dead-letter');
      // a device's birth carries its first values and is counted once more, as an event
      expect(sum(all)).toBeGreaterThanOrEqual(summary.published);
    }, WAIT);
    for (const { deviceId, network } of devices) {
      const { items } = await platform.call<Page<Reading>>('GET', `/v1/devices/${deviceId}/readings?limit=500`);
      const own = samples.filter((sample) => sample.deviceId === deviceId);
      const levels = items.filter(({ quantity }) => quantity === 'distance' || quantity === 'fill');
      for (const { distanceM } of own) {
        // a plain device of no known depth computes its fill over one metre
        const isSame = ({ quantity, value }: Reading): boolean =>
          quantity === 'fill'
            ? items.every((other) => other.quantity !== 'distance') && near(value!, Math.max(0, 1 - distanceM!))
            : value === null || near(value, distanceM!);
        expect(levels.some(isSame), `${network} ${deviceId} ${distanceM}`).toBe(true);
      }
      expect(new Set(items.map(({ uplinkId }) => uplinkId)).size, `${network} ${deviceId}`).toBe(own.length);
    }
  }, 240_000);

  test('with every sensor type and the worst faults is still read: only changed firmware ends as dead letters', async () => {
    const before = sum(await outcomes());
    const args = ['--scenario', 'hard', '--devices', '160', '--seed', '9', '--duration', '2h', '--speed', 'max'];
    const { summary, truth } = await sim(join(folder, 'hard.jsonl'), ...args);
    expect(summary.acked).toBe(summary.published);
    expect([summary.lost > 0, summary.duplicates > 0]).toEqual([true, true]);
    await vi.waitFor(
      async () => expect(sum(await outcomes()) - before).toBeGreaterThanOrEqual(summary.published),
      WAIT,
    );
    const { items } = await platform.call<Page<DeadLetter>>('GET', '/v1/dead-letters?limit=1000');
    const updated = new Set(
      truth.filter((line) => (line as Truth & { name?: string }).name === 'firmware').map(({ deviceId }) => deviceId),
    );
    const others = items.filter(({ deviceId, code }) => code !== 'CODEC_FAULT' || !updated.has(deviceId ?? ''));
    expect(others).toEqual([]);
  }, 240_000);
});
