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
    expect.stringContaining('stops[0].kg'),
    expect.stringContaining('stops[0].serviceS'),
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
  expect(faultsOf(text({ stops: [...WASTE.stops, { ...WASTE.stops[0], id: 's4' }] }))[0]).toContain(
    'must be a location',
  );
  expect(faultsOf(text({ stops: [{ ...WASTE.stops[0], timeWindow: 'noon' }] }))[0]).toContain('timeWindow');
  expect(faultsOf('[1]', { format: 'ronde' })).toEqual(['file: must be one JSON object']);
});

test('fractions, tip hours, shifts, litres and compatible vehicles are read', () => {
  const { problem } = parsed(
    JSON.stringify({
      ...WASTE,
      fractions: ['residual', 'paper'],
      dumps: [
        { index: 0, fractions: ['residual'] },
        { index: 1, serviceS: 90, windows: [[0, 900]], fractions: ['paper'] },
      ],
      vehicles: [
        {
          id: 'v1',
          capacityKg: 100,
          capacityL: 50,
          shift: [600, 5_000],
          maxDurationS: 4_000,
          costPerS: 0.5,
          fixedCost: 7,
        },
        { id: 'v2', capacityKg: 100, shiftS: 5_000, fractions: ['paper'], end: 1, endEmpty: false },
      ],
      stops: [
        {
          ...WASTE.stops[0]!,
          litres: 9,
          fraction: 'paper',
          priority: 2,
          timeWindow: undefined,
          timeWindows: [
            [0, 9],
            [20, 30],
          ],
        },
        { ...WASTE.stops[1]!, fraction: 'residual', releaseS: 40 },
        { ...WASTE.stops[2]!, vehicles: ['v1'] },
      ],
    }),
  );
  expect(problem.sites).toEqual([
    { location: 0, tippingS: 60, fractions: [0] },
    { location: 1, tippingS: 90, windows: [[0, 900]], fractions: [1] },
  ]);
  expect(problem.vehicles).toEqual([
    {
      ...{ startLocation: 0, endLocation: 0, capacity: [100, 50], shift: [600, 5_000], mustEndEmpty: true },
      ...{ maxDurationS: 4_000, costPerS: 0.5, fixedCost: 7 },
    },
    { startLocation: 0, endLocation: 1, capacity: [100], shift: [0, 5_000], mustEndEmpty: false },
  ]);
  expect(problem.stops).toMatchObject([
    {
      load: [80, 9],
      fraction: 1,
      priority: 2,
      windows: [
        [0, 9],
        [20, 30],
      ],
    },
    { fraction: 0, releaseS: 40, allowedVehicles: [0] },
    { prize: 1, allowedVehicles: [0] },
  ]);
});

test('loads that vary are kept within a chance of an overload', () => {
  const stops = WASTE.stops.map((stop) => ({ ...stop, kgSd: 10 }));
  const text = (chance: number): string => JSON.stringify({ ...WASTE, stops, overloadProbability: chance });
  const { problem } = parsed(text(0.05));
  expect(problem.stops[0]).toMatchObject({ load: [80], loadVariance: [100] });
  expect(problem.vehicles[0]).toMatchObject({ capacity: [100], overloadChance: 0.05 });
  expect(faultsOf(text(2))).toEqual([expect.stringMatching(/^overloadProbability: must be 0 to 0.5/)]);
});

test('names that refer to nothing, or come twice, are told', () => {
  const text = (change: object): string => JSON.stringify({ ...WASTE, fractions: ['residual'], ...change });
  const stop = (change: object): string => text({ stops: [{ ...WASTE.stops[0]!, ...change }] });
  expect(faultsOf(stop({ fraction: 'glass' }))).toEqual([
    'stops[0].fraction: "glass" is not one of residual; add it, or correct it',
  ]);
  expect(faultsOf(stop({ vehicles: ['v9'] }))[0]).toMatch(/^stops\[0\].vehicles: "v9" is not one of v1/);
  expect(faultsOf(text({ stops: [WASTE.stops[0]!, WASTE.stops[0]!] }))[0]).toMatch(
    /^stops: the id "s1" comes a second time/,
  );
  expect(faultsOf(text({ dumps: [{ index: 0, windows: [[1]] }] }))[0]).toMatch(/^dumps\[0\].windows: must be a list/);
});

test('no text makes a reader throw', () => {
  const mangled = [
    ...Array.from({ length: 60 }, (_, i) => CVRP.slice(0, i * 4)),
    ...Array.from({ length: 60 }, (_, i) => JSON.stringify(WASTE).slice(0, i * 20)),
  ];
  for (const text of mangled) expect(typeof parseInstance(text).ok).toBe('boolean');
});
