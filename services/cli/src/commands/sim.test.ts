import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { planTime } from './sim-time.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ronde-sim-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
  published: number;
  acked: number;
  devices: number;
  lost: number;
  firstAt: string;
  lastAt: string;
}
function sim(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, 'sim', ...args], { encoding: 'utf8' });
}
const HARD = ['--scenario', 'hard', '--devices', '64', '--duration', '3h', '--speed', 'max'];
const START = ['--start', '2026-01-05T00:00:00Z'];

describe('ronde sim', () => {
  test('the same seed and start give the same bytes and the same ground truth, another seed others', () => {
    const files = (run: string): [string, string] => [join(folder, `${run}.jsonl`), join(folder, `${run}.truth`)];
    const contents = (run: string, ...args: string[]): string[] => {
      const [out, truth] = files(run);
      const { status, stdout } = sim(...HARD, ...START, '--out', out, '--truth', truth, '--json', ...args);
      expect(status).toBe(0);
      const summary = JSON.parse(stdout) as Summary;
      expect(summary).toMatchObject({
        devices: 64,
        firstAt: '2026-01-05T00:00:00.000Z',
        lastAt: '2026-01-05T03:00:00.000Z',
      });
      expect(summary.acked).toBe(summary.published);
      return [out, truth].map((file) => readFileSync(file, 'utf8'));
    };
    const first = contents('first');
    expect(contents('second')).toEqual(first);
    expect(contents('other', '--seed', '2')[0]).not.toBe(first[0]);
    const networks = new Set(
      first[0]!
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { network: string }).network),
    );
    expect(networks.size).toBe(16);
  }, 120_000);

  test.each([
    [['--devices', '100001'], '--devices must be a whole number from 1 to 100000'],
    [['--faults', 'spikes'], '--faults: "spikes" is neither one of none, city, frankfurt, hard, all nor a fault'],
    [['--networks', 'native,lora'], '--networks: "lora" is none of things-stack'],
    [['--types', 'acme-bin200'], '--types: no sensor type "acme-bin200"'],
    [
      ['--networks', 'sigfox', '--types', 'decentlab-dl-lid'],
      '--networks: sigfox carries payloads of at most 12 bytes',
    ],
    [['--speed', 'max'], '--speed max needs --duration'],
    [['--start', 'yesterday'], '--start must be a time such as 2026-01-05T06:00:00Z'],
    [['--scenario', 'soft'], "argument 'soft' is invalid"],
    [['--truth', '/nowhere/truth.jsonl'], 'cannot write /nowhere/truth.jsonl'],
  ])('bad usage %s is told in one line and ends with 2', (args, said) => {
    const { status, stdout, stderr } = sim(...args, '--out', join(folder, 'none.jsonl'));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('Ctrl+C ends it with its summary', async () => {
    const out = join(folder, 'broken-off.jsonl');
    const child = spawn(process.execPath, [MAIN, 'sim', '--interval', '1s', '--out', out, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    const [told] = (await once(child.stderr, 'data')) as [Buffer];
    expect(told.toString()).toContain('20 devices report every 1 s; Ctrl+C ends it.');
    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(0);
    expect(JSON.parse(stdout) as Summary).toMatchObject({ devices: 20 });
  }, 60_000);
});

describe('planTime', () => {
  const nowMs = Date.UTC(2026, 0, 5);
  const hourMs = 3_600_000;

  test('in real time begins now', () => {
    expect(planTime({}, nowMs)).toEqual({ startMs: nowMs, endMs: Infinity, speed: 1 });
    expect(planTime({ duration: hourMs }, nowMs)).toMatchObject({ startMs: nowMs, endMs: nowMs + hourMs });
  });

  test('faster with a duration ends at the present, and is never ahead of it', () => {
    for (const speed of [2, 60, Infinity]) {
      const { startMs, endMs } = planTime({ duration: 24 * hourMs, speed }, nowMs);
      const hostEndMs = nowMs + (24 * hourMs) / speed;
      expect([endMs - startMs, endMs]).toEqual([24 * hourMs, hostEndMs]);
    }
  });

  test('faster without a duration writes host time on the wire', () => {
    const { startMs, wireMs } = planTime({ speed: 60 }, nowMs);
    expect(wireMs!(startMs + hourMs)).toBe(nowMs + hourMs / 60);
  });

  test('a start that is given is kept', () => {
    expect(planTime({ start: 5, duration: hourMs, speed: 10 }, nowMs)).toEqual({
      startMs: 5,
      endMs: 5 + hourMs,
      speed: 10,
    });
  });
});
