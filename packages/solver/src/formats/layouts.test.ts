import { expect, test } from 'vitest';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { faultsOf, parsed } from './fixtures.ts';
import { toSolutionJson } from './solution-json.ts';

const SOLOMON = `R999

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      1         1          5          0        50          2
    2      1         2          5         10        60          2
    3      2         1          5          0        70          2
`;

const CORDEAU = `2 1 3 2
0 10
0 10
1 0 3 1 5 1 2 1 2
2 4 0 1 5 1 2 1 2
3 4 3 1 5 1 2 1 2
4 0 0 0 0 0 0
5 4 4 0 0 0 0
`;

test('a Solomon file is driven and priced without rounding', () => {
  const instance = parsed(SOLOMON);
  expect(instance).toMatchObject({ name: 'R999', format: 'solomon', stopNames: ['1', '2', '3'] });
  expect(instance.problem.vehicles).toHaveLength(2);
  expect(instance.problem.stops[1]).toMatchObject({ windows: [[1_000_000, 6_000_000]], serviceS: 200_000 });
  // whole times are rounded up, so that what is on time inside is on time outside
  const [{ distanceM, durationS }] = instance.problem.profiles as [{ distanceM: Int32Array; durationS: Int32Array }];
  expect([distanceM[1], durationS[1]]).toEqual([141_421, 141_422]);
  const { solution } = solve(instance.problem, afterIterations(100), { seed: 1 });
  const answer = toSolutionJson(instance, solution, { seconds: 1, iterations: 100 });
  expect(answer.feasible).toBe(true);
  expect(answer.cost).toBeCloseTo(3 * Math.SQRT2 + 2 * Math.sqrt(5), 6);
});

test('a Cordeau file has vehicles at each depot, and the answer says which', () => {
  const instance = parsed(CORDEAU, { name: 'p99' });
  expect(instance).toMatchObject({ name: 'p99', format: 'cordeau', stopNames: ['1', '2', '3'] });
  expect(instance.problem.vehicles.map((vehicle) => vehicle.startLocation)).toEqual([3, 4]);
  const { solution } = solve(instance.problem, afterIterations(100), { seed: 1 });
  const answer = toSolutionJson(instance, solution, { seconds: 1, iterations: 100 });
  expect(answer).toMatchObject({ feasible: true, cost: 14, routeDepots: [0, 1] });
});

test('the longest duration of a Cordeau file counts service too, and 0 is none', () => {
  const [vehicle] = parsed(CORDEAU.replace('0 10', '11 0')).problem.vehicles;
  expect(vehicle).toEqual({ startLocation: 3, endLocation: 3, maxDurationS: 1_100_000 });
});

test('windows of Cordeau files stand at the end of their rows', () => {
  const timed = CORDEAU.replace('2 1 3 2', '6 1 3 2')
    .replaceAll(' 1 2 1 2\n', ' 1 2 1 2 5 90\n')
    .replaceAll(' 0 0 0 0\n', ' 0 0 0 0 0 100\n');
  const { problem } = parsed(timed);
  expect(problem.stops[0]!.windows).toEqual([[500_000, 9_000_000]]);
  expect(problem.vehicles[0]!.shift).toEqual([0, 10_000_000]);
});

test.each([
  ['a short row', SOLOMON.replace('70          2', '70'), /^line 13 \(CUSTOMER\): needs 7 numbers .*has 6; correct/],
  ['NaN', SOLOMON.replace('70          2', '70 nan'), /^line 13 \(CUSTOMER\): "nan" is not a number/],
  [
    'a number out of turn',
    SOLOMON.replace('    3  ', '    4  '),
    /^line 13 \(CUSTOMER\): is customer 4 where 3 should be/,
  ],
  ['a negative demand', SOLOMON.replace('1         1          5', '1 1 -5'), /^line 11 \(CUSTOMER\): -5 is below 0/],
  [
    'a window that ends before it opens',
    SOLOMON.replace('10        60', '60        10'),
    /^line 12 .*ready time 60 is after due date 10; swap/,
  ],
  ['no table', SOLOMON.slice(0, SOLOMON.indexOf('CUSTOMER')), /^CUSTOMER: is missing; add/],
  ['a truncated table', SOLOMON.slice(0, SOLOMON.indexOf('    0  ')), /^line 7 \(CUSTOMER\): has no rows; add them/],
  [
    'a bad fleet',
    SOLOMON.replace('  2         10', '  2.5'),
    /^line 5 \(VEHICLE\): needs a number of vehicles and a capacity/,
  ],
])('%s in a Solomon file is told with its line and the remedy', (_, text, said) => {
  expect(faultsOf(text)[0]).toMatch(said);
});

test.each([
  ['a truncated file', CORDEAU.replace('5 4 4 0 0 0 0\n', ''), /^line 7 \(nodes\): the file ends after 4 of 5 nodes/],
  [
    'a node too many',
    `${CORDEAU}6 1 1 0 0 0 0\n`,
    /^line 9 \(nodes\): comes after the last of 5 nodes; correct n and t/,
  ],
  ['a wrong count', CORDEAU.replace('2 1 3 2', '2 1 3'), /^line 1 .*needs four whole numbers/],
  ['another type', CORDEAU.replace('2 1 3 2', '1 1 3 2'), /^line 1 .*type 1 is periodic or site-dependent/],
  ['a negative demand', CORDEAU.replace('3 1 5', '3 1 -5'), /^line 4 \(nodes\): -5 is below 0/],
  ['a node out of turn', CORDEAU.replace('3 4 3', '7 4 3'), /^line 6 \(nodes\): is node 7 where 3 should be/],
  ['a word', CORDEAU.replace('0 10', '0 ten'), /^line 2 \(numbers\): "ten" is not a number/],
  ['a huge file', CORDEAU.replace('2 1 3 2', '2 1 3000000 2'), /^line 1 .*3000002 places are more than/],
])('%s in Cordeau’s layout is told with its line and the remedy', (_, text, said) => {
  expect(faultsOf(text, { format: 'cordeau' })[0]).toMatch(said);
});

test('a format is found out from the text, and one that is not read is refused with those that are', () => {
  expect(parsed(`\uFEFF${SOLOMON.replaceAll('\n', '\r\n')}`).format).toBe('solomon');
  expect(parsed(CORDEAU.replaceAll('\n', '\r\n')).format).toBe('cordeau');
  expect(faultsOf('hello\nworld\n')).toEqual([expect.stringMatching(/^format: .*vrplib, solomon, cordeau, ronde/)]);
  expect(faultsOf(SOLOMON, { format: 'excel' })).toEqual([
    expect.stringMatching(/^format: excel is not read; .*vrplib/),
  ]);
  expect(faultsOf('')).toEqual([expect.stringMatching(/^format: /)]);
});
