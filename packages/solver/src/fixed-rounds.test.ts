import { expect, test } from 'vitest';
import { bruteForce } from './brute-force.ts';
import { check } from './check.ts';
import { withFixedRounds } from './fixed-rounds.ts';
import { createTown } from './fixtures.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

test('a fixed round takes its vehicle at its hour, and the other stops are planned around it at least cost', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const town = createTown(seed, { stops: 5, vehicles: 2, capacity: 1_000, shiftS: 12_000 });
    const { problem, stops } = withFixedRounds(town, [
      { vehicle: 1, location: 1, startS: 3_000, endS: 6_000, load: [300, 0] },
    ]);
    const { solution } = solve(problem, afterIterations(1_000), { seed });
    expect(check(problem, solution).violations).toEqual([]);
    expect(solution.cost).toBeCloseTo(bruteForce(problem), 3);
    const route = solution.routes.find(({ vehicle }) => vehicle === 1)!;
    expect(route.visits.find(({ index }) => index === stops[0])).toMatchObject({ startS: 3_000, departS: 6_000 });
  }
}, 60_000);
