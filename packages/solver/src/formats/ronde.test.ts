import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { explain } from '../explain.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { CVRP, faultsOf, parsed } from './fixtures.ts';
import { parseInstance } from './parse-instance.ts';
import { toSolutionJson } from './solution-json.ts';

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
  expect(faultsOf('[1]', { format: 'ronde' })).toEqual(['file: must be one JSON object']);
});

test('no text makes a reader throw', () => {
  const mangled = [
    ...Array.from({ length: 60 }, (_, i) => CVRP.slice(0, i * 4)),
    ...Array.from({ length: 60 }, (_, i) => JSON.stringify(WASTE).slice(0, i * 20)),
  ];
  for (const text of mangled) expect(typeof parseInstance(text).ok).toBe('boolean');
});
