import { expect, test } from 'vitest';
import { overloadChance } from '../check/random-load.ts';
import { createTown } from '../fixtures.ts';
import type { Problem } from '../problem.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { loadQuantile, normalQuantile } from './random-load.ts';

function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random.float() || 1e-12)) * Math.cos(2 * Math.PI * random.float());
}

/** Gamma variable (Marsaglia & Tsang 2000) of a mean and a variance. */
function drawGamma(random: Random, mean: number, variance: number): number {
  const shape = (mean * mean) / variance;
  const d = shape - 1 / 3;
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random.float()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v * variance) / mean;
  }
}

const CHANCE = 0.05;
const base = createTown(11, { stops: 40, vehicles: 8, capacity: 1_500, disposal: true });
const town: Problem = {
  ...base,
  vehicles: base.vehicles.map((vehicle) => ({ ...vehicle, overloadChance: CHANCE })),
  stops: base.stops.map((stop, i) => ({
    ...stop,
    load: [stop.load![0]!, 0],
    loadVariance: [(stop.load![0]! * (0.2 + 0.02 * (i % 10))) ** 2, 0],
  })),
};

/** The stops between two tips of each route. */
function tripsOf(problem: Problem): number[][] {
  const { solution } = solve(problem, afterIterations(1_500), { seed: 3 });
  expect(solution.feasible).toBe(true);
  return solution.routes.flatMap(({ visits }) => {
    const trips: number[][] = [[]];
    for (const { kind, index } of visits) {
      if (kind === 'disposal') trips.push([]);
      else trips.at(-1)!.push(index);
    }
    return trips.filter(({ length }) => length > 0);
  });
}

/** How often the trip that is overloaded most often is, over drawn masses. */
function worstShare(trips: readonly (readonly number[])[], draws: number): number {
  const random = createRandom(5);
  const shares = trips.map((trip) => {
    let over = 0;
    for (let k = 0; k < draws; k++) {
      let mass = 0;
      for (const stop of trip)
        mass += drawGamma(random, town.stops[stop]!.load![0]!, town.stops[stop]!.loadVariance![0]!);
      if (mass > 1_500) over++;
    }
    return over / draws;
  });
  return Math.max(...shares);
}

test('over drawn masses no trip is overloaded more often than its vehicle allows, and without the rule many are', () => {
  const draws = 20_000;
  // three standard errors of a share of 5 % over the draws
  const noise = 3 * Math.sqrt((CHANCE * (1 - CHANCE)) / draws);
  expect(worstShare(tripsOf(town), draws)).toBeLessThan(CHANCE + noise);
  const certain = { ...town, vehicles: base.vehicles };
  expect(worstShare(tripsOf(certain), draws)).toBeGreaterThan(0.2);
});

test('the quantile of the search and the chance of the checker agree', () => {
  for (const chance of [0.005, 0.02, 0.05, 0.2]) {
    for (const spread of [0.05, 0.15, 0.3, 0.5]) {
      const quantile = loadQuantile(1_000, (1_000 * spread) ** 2, normalQuantile(1 - chance));
      expect(Math.abs(overloadChance(1_000, (1_000 * spread) ** 2, quantile) - chance)).toBeLessThan(0.002);
    }
  }
});
