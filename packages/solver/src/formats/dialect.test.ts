import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { CVRP, faultsOf, parsed, withSections } from './fixtures.ts';
import { planOf } from './plan-of.ts';
import { scoreSheet } from './sheet-score.ts';
import { toSolutionJson } from './solution-json.ts';

const WINDOWS = ['TIME_WINDOW_SECTION', '1 0 100', '2 10 20', '3 0 100', '4 0 100'];

/** A file with irrational lengths: the root of 2 and of 5. */
const ODD = CVRP.replace('2 0 3', '2 1 1').replace('3 4 0', '3 1 2').replace('4 4 3', '4 2 1');

test('windows, service times and shifts are kept, in tenths of the file', () => {
  const { problem, sheet } = parsed(withSections(CVRP.replace('CAPACITY', 'SERVICE_TIME : 2\nCAPACITY'), ...WINDOWS));
  expect(sheet!.convention).toBe('dimacs');
  expect(problem.stops[0]).toMatchObject({ serviceS: 20, windows: [[100, 200]] });
  expect(problem.vehicles[0]!.shift).toEqual([0, 1_000]);
  const each = withSections(CVRP, 'SERVICE_TIME_SECTION', '1 0', '2 1', '3 2', '4 3', ...WINDOWS);
  expect(parsed(each).problem.stops.map((stop) => stop.serviceS)).toEqual([10, 20, 30]);
});

test.each([
  ['round', [], 1, 2, 1],
  ['dimacs', WINDOWS, 14, 22, 10],
  ['dimacs-int', [...WINDOWS, 'PRIZE_SECTION', '1 0', '2 3', '3 3', '4 3'], 14, 22, 1],
  ['dimacs-int', [...WINDOWS, 'RELEASE_TIME_SECTION', '1 0', '2 3', '3 3', '4 3'], 14, 22, 1],
  ['exact', [...WINDOWS, 'VEHICLES_ALLOWED_CLIENTS_SECTION', '1 2 3 4', '2 2'], 1_414, 2_236, 1],
  ['real', ['VEHICLES_FIXED_COST_SECTION', '1 5', '2 5'], 141_421, 223_607, 100_000],
])('sections that call for %s rounding get it', (convention, sections, root2, root5, unit) => {
  const { problem, sheet } = parsed(withSections(ODD, ...sections));
  expect(sheet!.convention).toBe(convention);
  expect([...problem.profiles[0]!.distanceM.subarray(1, 3)]).toEqual([root2, root5]);
  const routes = [{ vehicle: 0, visits: [1] }];
  const fixed = convention === 'real' ? 5 : 0;
  const left = sheet!.customers.slice(1).reduce((sum, { prize }) => sum + (prize ?? 0) * 10, 0);
  expect(scoreSheet(sheet!, routes).cost).toBeCloseTo((2 * root2) / unit + fixed + left, 3);
});

test('--rounding overrides what the sections say', () => {
  const matrix = (rounding: string): number => parsed(ODD, { rounding }).problem.profiles[0]!.distanceM[2]!;
  expect(['round', 'trunc', 'dimacs', 'exact', 'none'].map(matrix)).toEqual([2, 2, 22, 2_236, 223_607]);
  expect(faultsOf(ODD, { rounding: 'up' })).toEqual([
    expect.stringMatching(/^rounding: up is not one of round, trunc/),
  ]);
});

test('a prize makes a customer optional, none makes it required', () => {
  const { problem } = parsed(withSections(CVRP, 'PRIZE_SECTION', '1 0', '2 7', '3 0', '4 2'));
  expect(problem.stops.map((stop) => stop.prize)).toEqual([70, undefined, 20]);
});

test('vehicles that differ in capacity, cost and customers are told apart in the answer', () => {
  const text = withSections(
    CVRP.replace('CAPACITY : 10\n', ''),
    ...['CAPACITY_SECTION', '1 5', '2 20'],
    ...['VEHICLES_FIXED_COST_SECTION', '1 1', '2 2'],
    ...['VEHICLES_UNIT_DISTANCE_COST_SECTION', '1 1', '2 3'],
    ...['VEHICLES_ALLOWED_CLIENTS_SECTION', '1 2', '2 3 4'],
  );
  const instance = parsed(text);
  expect(instance.problem.stops.map((stop) => stop.allowedVehicles)).toEqual([[0], [1], [1]]);
  const { solution } = solve(instance.problem, afterIterations(50), { seed: 1 });
  const answer = toSolutionJson(instance, solution, { seconds: 1, iterations: 50 });
  // 1 + 2 · 3 for the small one, 2 + 3 · 12 for the large one
  expect(answer).toMatchObject({ feasible: true, cost: 45, distance: 18, routeVehicles: [0, 1] });
  expect(answer.routes.map((route) => [...(route as number[])].sort())).toEqual([[1], [2, 3]]);
});

test('several depots give every vehicle its own, and the answer names it', () => {
  const text = withSections(
    CVRP.replace(' 1\n', ' 1\n 2\n').replace('2 5', '2 0'),
    'VEHICLES_DEPOT_SECTION',
    '1 2',
    '2 1',
  );
  const instance = parsed(text);
  expect(instance.problem.vehicles.map((vehicle) => vehicle.startLocation)).toEqual([1, 0]);
  expect(instance.stopNames).toEqual(['2', '3']);
  const { solution } = solve(instance.problem, afterIterations(50), { seed: 1 });
  const { routeVehicles, routeDepots, routes } = toSolutionJson(instance, solution, { seconds: 1, iterations: 50 });
  expect(routeDepots).toEqual(routeVehicles!.map((vehicle) => (vehicle === 0 ? 1 : 0)));
  expect(routes).toHaveLength(routeDepots!.length);
  expect(faultsOf(text.replace('1 2\n2 1', '1 3\n2 1'))).toEqual([
    expect.stringMatching(/VEHICLES_DEPOT_SECTION.*vehicle 1 names node 3, which is no depot/),
  ]);
});

test('a reload inside a route is a 0 in the answer, and a trip waits for what it carries', () => {
  const text = withSections(
    CVRP.replace('DIMENSION', 'VEHICLES : 1\nDIMENSION'),
    ...['TIME_WINDOW_SECTION', '1 0 100', '2 0 100', '3 0 100', '4 0 100'],
    ...['RELEASE_TIME_SECTION', '1 0', '2 0', '3 0', '4 40'],
    ...['VEHICLES_RELOAD_DEPOT_SECTION', '1 1'],
  );
  const instance = parsed(text);
  expect(instance.problem.sites).toEqual([{ location: 0, windows: [[0, 1_000]] }]);
  expect(instance.problem.stops.map((stop) => (stop as { releaseS?: number }).releaseS)).toEqual([
    undefined,
    undefined,
    400,
  ]);
  const early = [{ vehicle: 0, visits: [1, 2, 0, 3] }];
  expect(scoreSheet(instance.sheet!, early)).toEqual({ cost: 220, distance: 220, violations: [] });
  expect(check(instance.problem, planOf(instance, early)).cost).toBe(220);
  const late = withSections(text, '').replace('4 0 100', '4 0 44');
  expect(scoreSheet(parsed(late).sheet!, early).violations).toEqual(['route of vehicle 0: 10 late at customer 3']);
  const full = [{ vehicle: 0, visits: [1, 2, 3] }];
  expect(scoreSheet(instance.sheet!, full).violations).toEqual(['route of vehicle 0: carries 5 too much']);
});

test('a longest duration holds for the shortest way to time a route', () => {
  const text = withSections(CVRP.replace('DIMENSION', 'VEHICLES_MAX_DURATION : 6\nDIMENSION'), ...WINDOWS);
  const { sheet } = parsed(text);
  // leaves at 7, so that it does not wait for customer 1
  expect(scoreSheet(sheet!, [{ vehicle: 0, visits: [1] }]).violations).toEqual([
    'customer 2 is not served',
    'customer 3 is not served',
  ]);
  expect(scoreSheet(sheet!, [{ vehicle: 1, visits: [2] }]).violations).toContain(
    'route of vehicle 1: lasts 20 too long',
  );
});

test('the score tells a customer served twice, an unknown one, a vehicle too many and a wrong vehicle', () => {
  const text = withSections(CVRP, 'VEHICLES_ALLOWED_CLIENTS_SECTION', '1 2 3 4', '2 3');
  const { violations } = scoreSheet(parsed(text).sheet!, [
    { vehicle: 0, visits: [1, 2] },
    { vehicle: 1, visits: [1, 0] },
    { vehicle: 2, visits: [9] },
  ]);
  expect(violations).toEqual([
    'customer 1 is served twice',
    'customer 1 may not be served by vehicle 1',
    'a reload, which the file does not allow',
    'customer 9 is not in the file',
    'customer 3 is not served',
    'more routes than the 2 vehicles, or a vehicle that is not in the file',
  ]);
});
