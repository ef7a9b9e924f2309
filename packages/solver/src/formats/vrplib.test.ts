import { expect, test } from 'vitest';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { CVRP, faultsOf, parsed, withSections } from './fixtures.ts';
import { toSolutionJson } from './solution-json.ts';

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
  expect(answer).toMatchObject({ instance: 'tiny-k2', format: 'vrplib', feasible: true, cost: 18, distance: 18 });
  expect(answer).toMatchObject({ unserved: [], reasons: {} });
  expect(answer.routes.flat().sort()).toEqual([1, 2, 3]);
  expect(answer).not.toHaveProperty('routeVehicles');
});

test('Windows line ends, old Mac line ends, tabs, a byte order mark and a VEHICLES header are read', () => {
  const header = 'DIMENSION : \t4\t\r\nVEHICLES : 3';
  const { problem } = parsed(`\uFEFF${CVRP.replaceAll('\n', '\r\n').replace('DIMENSION : 4', header)}`);
  expect(problem.vehicles).toHaveLength(3);
  expect(parsed(CVRP.replaceAll('\n', '\r')).problem.stops).toHaveLength(3);
});

test('the k of a name binds in the classic sets and not in those of Uchoa et al.', () => {
  const fleet = (name: string): number => parsed(CVRP.replace('tiny-k2', name)).problem.vehicles.length;
  expect(['A-n4-k2', 'B-n4-k2', 'E-n4-k2', 'P-n4-k2', 'F-n4-k2', 'M-n4-k2'].map(fleet)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(['X-n4-k1', 'XL-n4-k1', 'XML4_1111_01', 'no-name'].map(fleet)).toEqual([3, 3, 3, 3]);
});

test('a tour has one vehicle and needs neither demand nor capacity', () => {
  const text = CVRP.replace('CVRP', 'TSP').replace('CAPACITY : 10\n', '');
  const { problem } = parsed(text.replace(/DEMAND_SECTION[\s\S]*EOF/, 'EOF'));
  expect(problem.vehicles).toEqual([{ startLocation: 0, endLocation: 0 }]);
  expect(problem.stops).toEqual([{ location: 1 }, { location: 2 }, { location: 3 }]);
});

test('explicit matrices are read in every format of TSPLIB, wherever lines break', () => {
  const full = [
    [0, 1, 2, 3],
    [1, 0, 4, 5],
    [2, 4, 0, 6],
    [3, 5, 6, 0],
  ];
  const texts: Record<string, string> = {
    FULL_MATRIX: '9 1 2 3 1 9 4\n5 2 4 9 6\n3 5 6 9',
    UPPER_ROW: '1 2 3 4\n5 6',
    LOWER_ROW: '1\n2 4 3\n5 6',
    UPPER_DIAG_ROW: '0 1 2 3\n0 4 5\n0 6\n0',
    LOWER_DIAG_ROW: '0\n1 0\n2 4 0\n3 5 6 0',
    UPPER_COL: '1 2 4 3 5 6',
    LOWER_COL: '1 2 3 4 5 6',
    UPPER_DIAG_COL: '0 1 0 2 4 0 3 5 6 0',
    LOWER_DIAG_COL: '0 1 2 3 0 4 5 0 6 0',
  };
  const explicit = (format: string, rows: string): string =>
    CVRP.replace('EUC_2D', `EXPLICIT\nEDGE_WEIGHT_FORMAT : ${format}`).replace(
      /NODE_COORD_SECTION[\s\S]*DEMAND/,
      `EDGE_WEIGHT_SECTION\n${rows}\nDEMAND`,
    );
  for (const [format, rows] of Object.entries(texts))
    expect([format, ...parsed(explicit(format, rows)).problem.profiles[0]!.distanceM]).toEqual([
      format,
      ...full.flat(),
    ]);
  expect(faultsOf(explicit('LOWER_ROW', '1 2 3'))).toEqual([
    expect.stringMatching(/^line 8 \(EDGE_WEIGHT_SECTION\): has 3 numbers, LOWER_ROW of 4 places has 6; correct/),
  ]);
  expect(faultsOf(explicit('FUNCTION', '1'))[0]).toMatch(/^line 5 \(EDGE_WEIGHT_FORMAT\): .*give one of FULL_MATRIX/);
});

test('geographical and pseudo-Euclidean lengths follow TSPLIB 95', () => {
  const geo = CVRP.replace('EUC_2D', 'GEO').replace('1 0 0', '1 38.24 20.42').replace('2 0 3', '2 39.57 26.15');
  // nodes 1 and 2 of ulysses16: 509 km in TSPLIB's own table
  expect(parsed(geo).problem.profiles[0]!.distanceM[1]).toBe(509);
  // (3² + 0²)/10 = 0.9, whose root 0.949 goes up
  expect(parsed(CVRP.replace('EUC_2D', 'ATT')).problem.profiles[0]!.distanceM[1]).toBe(1);
  expect(parsed(CVRP.replace('EUC_2D', 'MAN_2D')).problem.profiles[0]!.distanceM[3]).toBe(7);
  expect(parsed(CVRP.replace('EUC_2D', 'MAX_2D')).problem.profiles[0]!.distanceM[3]).toBe(4);
});

test.each([
  ['a wrong number', CVRP.replace('2 0 3', '2 0 x'), /^line 8 \(NODE_COORD_SECTION\): "x" is not a number; correct/],
  ['NaN', CVRP.replace('2 0 3', '2 NaN 3'), /^line 8 \(NODE_COORD_SECTION\): "NaN" is not a number; correct/],
  ['a missing value', CVRP.replace('2 0 3', '2 0'), /^line 8 .*needs 2 number\(s\) after the node, has 1; correct/],
  [
    'a truncated section',
    CVRP.replace('4 5\n', ''),
    /^line 14 \(DEMAND_SECTION\): ends after 3 of 4 rows; .*node 4; add it/,
  ],
  [
    'a file that ends early',
    CVRP.slice(0, CVRP.indexOf('3 4 0')),
    /^line 8 \(NODE_COORD_SECTION\): ends after 2 of 4 rows/,
  ],
  [
    'a wrong count',
    CVRP.replace('DIMENSION : 4', 'DIMENSION : 3'),
    /^line 10 .*node 4 is outside 1…3; correct the number, or the count/,
  ],
  [
    'a count that is none',
    CVRP.replace('DIMENSION : 4', 'DIMENSION : 4.5'),
    /^line 3 \(DIMENSION\): needs a whole number above 0/,
  ],
  ['a node twice', CVRP.replace('3 4 0', '2 4 0'), /^line 9 .*node 2 comes a second time; keep one/],
  ['a negative demand', CVRP.replace('3 5', '3 -5'), /^line 14 \(DEMAND_SECTION\): -5 is below 0; give 0 or more/],
  [
    'an unknown section',
    withSections(CVRP, 'TIME_WINDOWS_SECTION', '1 0 1'),
    /^line 19 \(TIME_WINDOWS_SECTION\): is not a section that is understood; .*TIME_WINDOW_SECTION\?/,
  ],
  ['a section twice', withSections(CVRP, 'DEMAND_SECTION'), /^line 19 \(DEMAND_SECTION\): comes a second time/],
  [
    'an unknown limit',
    CVRP.replace('CAPACITY', 'VEHICLES_MAX_STOPS : 3\nCAPACITY'),
    /^line 5 \(VEHICLES_MAX_STOPS\): is not understood; take it out/,
  ],
  ['a missing capacity', CVRP.replace('CAPACITY : 10\n', ''), /^CAPACITY: is missing; add/],
  [
    'a capacity that is none',
    CVRP.replace('CAPACITY : 10', 'CAPACITY : ten'),
    /^line 5 \(CAPACITY\): needs a number of 0 or more, has "ten"; correct/,
  ],
  ['a missing section', CVRP.replace(/DEMAND_SECTION[\s\S]*DEPOT/, 'DEPOT'), /^DEMAND_SECTION: is missing; add/],
  ['a depot outside', CVRP.replace(' 1\n -1', ' 9\n -1'), /^line 17 \(DEPOT_SECTION\): node 9 is outside 1…4/],
  ['no depot', CVRP.replace(' 1\n -1', ' -1'), /^line 16 \(DEPOT_SECTION\): names no node; add one/],
  [
    'another weight type',
    CVRP.replace('EUC_2D', 'XRAY1'),
    /^line 4 \(EDGE_WEIGHT_TYPE\): XRAY1 is not read; give one of EUC_2D/,
  ],
  [
    'a window that ends before it opens',
    withSections(CVRP, 'TIME_WINDOW_SECTION', '1 0 9', '2 5 4', '3 0 9', '4 0 9'),
    /^line 21 \(TIME_WINDOW_SECTION\): node 2 opens at 5, after it closes at 4; swap/,
  ],
  ['words in no section', `hello there\n${CVRP}`, /^line 1: "hello there" is neither a header/],
  [
    'a huge file',
    CVRP.replace('DIMENSION : 4', 'DIMENSION : 900000'),
    /^line 3 \(DIMENSION\): 900000 places are more than the 8000/,
  ],
  [
    'a huge fleet',
    CVRP.replace('CAPACITY', 'VEHICLES : 99999999\nCAPACITY'),
    /^line 5 \(VEHICLES\): 99999999 vehicles are more than the 8000 that are planned at once; correct/,
  ],
  ['lengths beyond the matrix', CVRP.replace('2 0 3', '2 0 3000000000'), /^a length: is too long to be kept/],
])('%s is told with its line and the remedy', (_, text, said) => {
  expect(faultsOf(text)[0]).toMatch(said);
});

test('every fault of a file is told once, up to a bound', () => {
  expect(faultsOf(CVRP.replace('CAPACITY : 10', 'CAPACITY : ten'))).toHaveLength(1);
  expect(faultsOf(CVRP.replace('2 0 3', '2 0 x').replace('3 5', '3 -5'))).toHaveLength(2);
  const rows = Array.from({ length: 100 }, (_, i) => `${i + 1} 0 x`).join('\n');
  const faults = faultsOf(
    CVRP.replace('DIMENSION : 4', 'DIMENSION : 100').replace(/1 0 0[\s\S]*DEMAND/, `${rows}\nDEMAND`),
  );
  expect(faults.length).toBeLessThan(25);
  expect(faults.at(-1)).toMatch(/more faults; mend these first/);
});

test('a header that binds nothing is passed over, and told', () => {
  expect(parsed(CVRP.replace('CAPACITY', 'AUTHOR : me\nCAPACITY')).notes).toEqual([
    'line 5: AUTHOR is not known and has no effect',
  ]);
});
