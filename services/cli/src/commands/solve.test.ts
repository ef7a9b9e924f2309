import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

const VRP = `NAME : A-n4-k2
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
4 4 3
DEMAND_SECTION
1 0
2 5
3 5
4 5
EOF
`;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ronde-solve-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function ronde(...args: readonly string[]): Ran {
  return spawnSync(process.execPath, [MAIN, 'solve', ...args], { encoding: 'utf8' });
}

function written(text: string, name = 'tiny.vrp'): string {
  const file = join(folder(), name);
  writeFileSync(file, text);
  return file;
}

test('a file is solved to one JSON object, the same for the same seed and iterations', () => {
  const file = written(VRP);
  const [one, two] = [0, 1].map(() => ronde(file, '--iterations', '200', '--seed', '3', '--json'));
  const answer = JSON.parse(one!.stdout) as Record<string, unknown>;
  expect(answer).toMatchObject({ instance: 'A-n4-k2', format: 'vrplib', feasible: true, cost: 18, iterations: 200 });
  expect([one!.status, one!.stderr, one!.stdout.trim().split('\n').length]).toEqual([0, '', 1]);
  expect(JSON.parse(two!.stdout)).toEqual({ ...answer, seconds: expect.any(Number) as number });
});

test('a person reads routes and what is left out; notes go to the error output', () => {
  const file = written(VRP.replace('CAPACITY : 10', 'AUTHOR : me\nCAPACITY : 5').replace('TYPE', 'VEHICLES : 2\nTYPE'));
  const { status, stdout, stderr } = ronde(file, '--iterations', '50');
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^A-n4-k2: cost \d+, distance \d+, NOT FEASIBLE\nRoute #1: \d\nRoute #2: \d\nleft out \d: .+\n50 iterations/,
  );
  expect(stderr).toContain('AUTHOR is not known and has no effect');
});

test('several threads search with several seeds', () => {
  const { stdout } = ronde(written(VRP), '--iterations', '50', '--threads', '2', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ cost: 18, iterations: 100 });
});

test.each([
  [
    'a fault with its line',
    VRP.replace('3 5', '3 -5'),
    [],
    /tiny\.vrp: line 14 \(DEMAND_SECTION\): -5 is below 0; give 0 or more$/,
  ],
  ['several faults', VRP.replace('3 5', '3 -5').replace('2 0 3', '2 0 x'), [], /line 8 .*; line 14 .*/],
  [
    'a format that is not read',
    VRP,
    ['--format', 'excel'],
    /format: excel is not read; give .*vrplib, solomon, cordeau, ronde/,
  ],
  ['a rounding that is none', VRP, ['--rounding', 'up'], /rounding: up is not one of round, trunc/],
  ['no seconds', VRP, ['--seconds', '0'], /--seconds must be a number above 0/],
  ['no threads', VRP, ['--threads', '0'], /--threads must be a whole number from 1 to 64/],
  ['a file beside --generate', VRP, ['--generate'], /--generate makes an instance; take .* away, or give --out/],
])('%s ends with 2 and one clear line', (_, text, flags, said) => {
  const { status, stdout, stderr } = ronde(written(text), ...flags);
  expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
  expect(stderr.trim()).toMatch(said);
});

test('a command without file says what to give', () => {
  expect(ronde()).toMatchObject({ status: 2, stderr: 'ronde: name the file to solve, or give --generate\n' });
  expect(ronde('--generate', '--stops', '9', '--travel', 'straight-line:').stderr).toMatch(
    /--travel needs --around LAT,LON,KM/,
  );
});

test('a solution is judged by the instance alone, and one that breaks a rule ends with 1', () => {
  const [good, bad] = [written('Route #1: 1\nRoute #2: 2 3\nCost 18\n'), written('Route #1: 1 2 3\nCost 14\n')];
  const [right, wrong] = [good, bad].map((file) => ronde(written(VRP), '--check', file, '--json'));
  expect(right!.status).toBe(0);
  expect(JSON.parse(right!.stdout)).toMatchObject({ feasible: true, cost: 18, stated: 18, violations: [] });
  expect(wrong!.status).toBe(1);
  expect(JSON.parse(wrong!.stdout)).toMatchObject({
    feasible: false,
    violations: ['route of vehicle 0: carries 5 too much'],
  });
});

test('help names the formats and the roundings', () => {
  const { status, stdout } = ronde('--help');
  expect(status).toBe(0);
  for (const word of ['cordeau', 'dimacs-int', '--rounding', '--generate', '--threads', '--check'])
    expect(stdout).toContain(word);
});

test('an instance is made, tells what binds in it, and can be solved', () => {
  const out = join(folder(), 'made.json');
  const args = ['--generate', '--stops', '12', '--seed', '5', '--out', out];
  const { status, stdout, stderr } = ronde(...args);
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/^waste-made-12-5: cost \d+, \d+ % served, 0 violations/);
  for (const rule of ['windows', 'shifts', 'payloads', 'tipHours']) expect(stderr).toContain(rule);
  const first = readFileSync(out, 'utf8');
  ronde(...args);
  expect(readFileSync(out, 'utf8')).toBe(first);
  expect(JSON.parse(ronde(out, '--iterations', '200', '--json').stdout)).toMatchObject({
    format: 'ronde',
    feasible: true,
  });
});

const monaco = sharedData('osm/monaco.osm.pbf');
test.skipIf(!monaco)(
  'an instance is made on the roads of an extract, whose data it names (needs the shared OSM data)',
  () => {
    const flags = ['--stops', '12', '--travel', `osm:${monaco}`, '--around', '43.735,7.42,1'];
    const { stdout, stderr } = ronde('--generate', ...flags);
    expect(JSON.parse(stdout)).toMatchObject({
      licence: 'ODbL 1.0',
      attribution: expect.stringContaining('OpenStreetMap') as string,
    });
    expect(stderr).toContain('0 violations');
  },
);
