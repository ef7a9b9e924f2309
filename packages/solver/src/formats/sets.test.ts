import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';
import { check } from '../check.ts';
import { parsed } from './fixtures.ts';
import { planOf } from './plan-of.ts';
import { scoreSheet } from './sheet-score.ts';
import { parseSolution } from './solution-file.ts';

interface Best {
  readonly name: string;
  readonly bks: number;
}

const list = sharedData('routing/split-bks.json');
const BEST = list ? (JSON.parse(readFileSync(list, 'utf8')) as Best[]) : [];

test('a solution file is read with its empty routes, and its faults are told', () => {
  expect(parseSolution('Route #1: 3 1\nRoute #2:\nRoute #3: 2 0 4\nCost 12.5\n')).toEqual({
    ok: true,
    solution: { routes: [[3, 1], [], [2, 0, 4]], cost: 12.5 },
  });
  expect(parseSolution('Route #1: 3 x\n')).toMatchObject({ faults: [{ field: 'line 1 (route)' }] });
  expect(parseSolution('hello')).toMatchObject({ faults: [{ field: 'file' }] });
});

test.skipIf(!list).each([
  ['cvrp/X-n101-k25', 'round'],
  ['cvrp/X-n186-k15', 'round'],
  ['cvrp/X-n331-k15', 'round'],
  ['vrptw/R1_10_2', 'dimacs'],
  ['mtvrptwr/C201R0.5', 'dimacs-int'],
  ['mtvrptwr/RC2_2_03R0.25', 'dimacs-int'],
  ['pcvrptw/R1_10_3', 'dimacs-int'],
  ['sdvrptw/PR03', 'exact'],
  ['hfvrp/X115-HVRP', 'real'],
])(
  'the best known solution of %s costs what its set says, and breaks no rule (needs the shared routing data)',
  (path, convention) => {
    const instance = parsed(readFileSync(sharedData(`routing/${path}.vrp`)!, 'utf8'));
    const read = parseSolution(readFileSync(sharedData(`routing/${path}.sol`)!, 'utf8'));
    const routes = read.ok ? read.solution.routes.map((visits, vehicle) => ({ vehicle, visits })) : [];
    const driven = routes.filter(({ visits }) => visits.length > 0);
    const score = scoreSheet(instance.sheet!, driven);
    const best = BEST.find(({ name }) => name === instance.name)!;
    expect(instance.sheet!.convention).toBe(convention);
    expect(score.violations).toEqual([]);
    expect(score.cost).toBeCloseTo(best.bks, 1);
    const { violations } = check(instance.problem, planOf(instance, driven));
    expect(violations).toEqual([]);
  },
);

test.skipIf(!list).each([
  ['vrptw/R101.txt', 'solomon', 'real', 100],
  ['vrptw/RC208.txt', 'solomon', 'real', 100],
  ['mdvrp/p04.txt', 'cordeau', 'real', 100],
  ['tsp/kroA100.tsp', 'vrplib', 'round', 99],
  ['cvrp/A-n32-k5.vrp', 'vrplib', 'round', 31],
])('%s is recognised (needs the shared routing data)', (path, format, convention, customers) => {
  const instance = parsed(readFileSync(sharedData(`routing/${path}`)!, 'utf8'));
  expect([instance.format, instance.sheet!.convention, instance.stopNames.length]).toEqual([
    format,
    convention,
    customers,
  ]);
});
