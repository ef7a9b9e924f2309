import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';
import { check } from '../check.ts';
import { explain } from '../explain.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import type { Instance } from './instance.ts';
import { parseInstance } from './parse-instance.ts';
import { toSolutionJson } from './solution-json.ts';

const CVRP = `NAME : tiny-k2
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
DEPOT_SECTION
 1
 -1
EOF`;

const WASTE = {
  name: 'tiny',
  vehicles: [{ id: 'v1', capacityKg: 100, shiftS: 5_000 }],
  dumpServiceS: 60,
  dumps: [{ index: 0 }, { index: 1 }],
  stops: [
    { id: 's1', kg: 80, serviceS: 30, timeWindow: [0, 1_000], required: true },
    { id: 's2', kg: 80, serviceS: 30, timeWindow: null, required: true },
    { id: 's3', kg: 10, serviceS: 30, timeWindow: null, required: false, prizeM: 1 },
  ],
  durations: Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => Math.abs(i - j) * 100)),
  distances: Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => Math.abs(i - j) * 500)),
};

function parsed(text: string): Instance {
  const result = parseInstance(text);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.instance;
}

function faultsOf(text: string, format?: string): string[] {
  const result = parseInstance(text, { format });
  return result.ok ? [] : result.faults.map(({ field, message }) => `${field}: ${message}`);
}

test('a CVRPLIB file becomes customers from 1, whole distances and the fleet of its name', () => {
  const { problem, stopNames, name } = parsed(CVRP);
  expect({ name, stopNames, vehicles: problem.vehicles.length }).toEqual({
    name: 'tiny-k2',
    stopNames: ['1', '2', '3'],
    vehicles: 2,
  });
  expect([...problem.profiles[0]!.distanceM.subarray(0, 4)]).toEqual([0, 3, 4, 5]);
  const { solution } = solve(problem, afterIterations(50), { seed: 1 });
  const answer = toSolutionJson(parsed(CVRP), solution, { seconds: 1, iterations: 50 });
  expect(answer).toMatchObject({
    instance: 'tiny-k2',
    format: 'vrplib',
    feasible: true,
    cost: 18,
    distance: 18,
    unserved: [],
    reasons: {},
  });
  expect(answer.routes.flat().sort()).toEqual([1, 2, 3]);
});

test('windows line ends, tabs and a VEHICLES header are read', () => {
  const { problem } = parsed(
    CVRP.replaceAll('\n', '\r\n').replace('DIMENSION : 4', 'DIMENSION : \t4\t\r\nVEHICLES : 3'),
  );
  expect(problem.vehicles).toHaveLength(3);
  expect(parsed(CVRP.replace('tiny-k2', 'X-n4-k2')).problem.vehicles).toHaveLength(3);
});

test('the waste JSON becomes stops, sites and prizes, and the answer uses its ids', () => {
  const instance = parsed(JSON.stringify(WASTE));
  const { solution } = solve(instance.problem, afterIterations(100), { seed: 1 });
  expect(check(instance.problem, solution).violations).toEqual([]);
  const answer = toSolutionJson(instance, solution, {
    seconds: 1,
    iterations: 100,
    reasons: explain(instance.problem, solution),
  });
  expect(answer).toMatchObject({ format: 'ronde', feasible: true });
  const [round] = answer.routes as { vehicle: string; visits: string[] }[];
  expect(round!.vehicle).toBe('v1');
  expect(round!.visits.filter((visit) => visit.startsWith('s'))).toEqual(expect.arrayContaining(['s1', 's2']));
  expect(round!.visits).toContain('D1');
});

test('a stop not worth its prize is listed with a reason by its id', () => {
  const far = { ...WASTE, stops: [WASTE.stops[0]!, WASTE.stops[2]!, { ...WASTE.stops[2]!, id: 's9' }] };
  const instance = parsed(JSON.stringify(far));
  const { solution } = solve(instance.problem, afterIterations(100), { seed: 1 });
  const answer = toSolutionJson(instance, solution, {
    seconds: 1,
    iterations: 1,
    reasons: explain(instance.problem, solution),
  });
  expect(answer.unserved).toEqual(['s3', 's9']);
  expect(answer.reasons.s9).toMatch(/leaving it costs 1$/);
});

test('each fault of a CVRPLIB file names the line and the remedy', () => {
  expect(faultsOf(CVRP.replace('2 0 3', '2 0 x'))).toEqual([
    expect.stringMatching(/^line 8 \(NODE_COORD_SECTION\): needs a node 1…4 and 2 number\(s\).*correct/),
  ]);
  expect(faultsOf(CVRP.replace('EUC_2D', 'EXPLICIT'))).toEqual([expect.stringMatching(/^line 4 .*only EUC_2D/)]);
  expect(faultsOf(CVRP.replace('CAPACITY : 10\n', ''))).toEqual([expect.stringMatching(/^CAPACITY: is missing; add/)]);
  expect(faultsOf(CVRP.replace('CAPACITY : 10', 'CAPACITY : ten'))).toEqual([
    expect.stringMatching(/^line 5 \(CAPACITY\)/),
  ]);
  expect(faultsOf(CVRP.replace('3 5\n', ''))).toEqual([
    expect.stringMatching(/^DEMAND_SECTION: has no row for node 3/),
  ]);
  expect(faultsOf(CVRP.replace(/DEMAND_SECTION[\s\S]*DEPOT/, 'DEPOT'))).toEqual([
    expect.stringMatching(/^DEMAND_SECTION: is missing/),
  ]);
  expect(faultsOf(CVRP.replace(' 1\n -1', ' 1\n 2\n -1'))).toEqual([expect.stringMatching(/several depots/)]);
  expect(faultsOf(CVRP.replace(' 1\n -1', ' 9\n -1'))).toEqual([expect.stringMatching(/node 9/)]);
  expect(faultsOf(`${CVRP.replace('EOF', '')}TIME_WINDOW_SECTION\n1 0 1\n`)).toEqual([
    expect.stringMatching(/^TIME_WINDOW_SECTION: is not read yet/),
  ]);
  expect(faultsOf(CVRP.replace('CAPACITY', 'SERVICE_TIME : 10\nCAPACITY'))).toEqual([
    expect.stringMatching(/SERVICE_TIME.*not read yet/),
  ]);
});

test('each fault of a waste file names the field and the remedy', () => {
  const text = (change: object): string => JSON.stringify({ ...WASTE, ...change });
  expect(faultsOf('{\n"name": oops\n}')).toEqual([expect.stringMatching(/^line 2: is not JSON/)]);
  expect(faultsOf(text({ stops: [{ id: 's1' }] }))).toEqual([
    expect.stringContaining('stops[0].serviceS'),
    expect.stringContaining('stops[0].kg'),
  ]);
  expect(faultsOf(text({ distances: [[1, 2]] }))).toEqual([
    expect.stringContaining('distances: must be a square matrix'),
  ]);
  expect(
    faultsOf(
      text({
        durations: [
          [0, -1],
          [0, 0],
        ],
      }),
    )[0],
  ).toContain('durations[0][1]');
  expect(faultsOf(text({ vehicles: 'none', name: 5 }))).toEqual(
    expect.arrayContaining([expect.stringContaining('vehicles'), expect.stringContaining('name')]),
  );
  expect(faultsOf(text({ stops: [...WASTE.stops, ...WASTE.stops] }))[0]).toContain('must be a location');
  expect(faultsOf(text({ stops: [{ ...WASTE.stops[0], timeWindow: 'noon' }] }))[0]).toContain('timeWindow');
  expect(faultsOf('[1]', 'ronde')).toEqual(['file: must be one JSON object']);
});

test('a format that is not read is refused with the ones that are', () => {
  expect(faultsOf(CVRP, 'solomon')).toEqual([expect.stringMatching(/solomon is not read; .*vrplib, ronde/)]);
  expect(faultsOf('R101\n\nVEHICLE\n')).toEqual([expect.stringMatching(/unknown is not read/)]);
});

test('no text makes a reader throw', () => {
  const mangled = [
    ...Array.from({ length: 60 }, (_, i) => CVRP.slice(0, i * 4)),
    ...Array.from({ length: 60 }, (_, i) => JSON.stringify(WASTE).slice(0, i * 20)),
  ];
  for (const text of mangled) expect(typeof parseInstance(text).ok).toBe('boolean');
});

const solomon = sharedData('routing/vrptw/R101.txt');
test.skipIf(!solomon)(
  'a Solomon file is refused with the formats that are read (needs the shared routing data)',
  () => {
    expect(faultsOf(readFileSync(solomon!, 'utf8'))[0]).toMatch(/vrplib, ronde/);
  },
);
