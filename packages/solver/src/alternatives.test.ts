import { expect, test } from 'vitest';
import { check } from './check.ts';
import { explain } from './explain.ts';
import type { Problem, Stop } from './problem.ts';
import { createRandom } from './random.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';
import { validate } from './validate.ts';

interface Street {
  readonly sections: number;
  readonly vehicles: number;
  readonly limitS?: number;
  readonly prizes?: boolean;
}

/**
 * Sections of street with two ends each; section s driven forward is location 1+2s, backward 2+2s. To reach a section is
 * to reach the end it begins at, to leave it is to leave the other one; turning at once costs a penalty.
 */
function createStreets(seed: number, { sections, vehicles, limitS, prizes }: Street): Problem {
  const random = createRandom(seed);
  const point = (): { x: number; y: number } => ({ x: random.int(1_000), y: random.int(1_000) });
  const ends = [[point(), point()], ...Array.from({ length: sections }, () => [point(), point()])];
  ends[0]![1] = ends[0]![0]!;
  const locations = 1 + 2 * sections;
  const section = (location: number): number => (location + 1) >> 1;
  const entry = (location: number): { x: number; y: number } => ends[section(location)]![location % 2 ? 0 : 1]!;
  const exit = (location: number): { x: number; y: number } => ends[section(location)]![location % 2 ? 1 : 0]!;
  const distanceM = new Int32Array(locations * locations);
  for (let i = 0; i < locations; i++) {
    for (let j = 0; j < locations; j++) {
      if (i === j) continue;
      const turn = (i * 7 + j * 3) % 5 === 0 ? 60 : 0;
      distanceM[i * locations + j] = Math.round(Math.hypot(exit(i).x - entry(j).x, exit(i).y - entry(j).y)) + turn;
    }
  }
  const stops = Array.from({ length: sections }, (_, s): Stop[] => [
    { location: 1 + 2 * s, serviceS: 100, ...(prizes && s % 2 ? { prize: random.int(900) } : {}) },
    { location: 2 + 2 * s, serviceS: 100, alternativeTo: 2 * s },
  ]).flat();
  const vehicle = { startLocation: 0, endLocation: 0, ...(limitS ? { maxDurationS: limitS } : {}) };
  return {
    locations,
    profiles: [{ distanceM, durationS: distanceM }],
    stops,
    vehicles: Array.from({ length: vehicles }, () => vehicle),
  };
}

/** Least cost over all orders, ways, vehicles and choices of optional sections, by trying them all. */
function bruteForce(problem: Problem): number {
  const { locations: n, stops, vehicles } = problem;
  const { distanceM } = problem.profiles[0]!;
  const limit = vehicles[0]!.maxDurationS ?? Infinity;
  let best = Infinity;
  const extend = (open: readonly number[], vehicle: number, at: number, spent: number, cost: number): void => {
    const home = at === 0 ? 0 : distanceM[at * n]!;
    if (cost >= best) return;
    if (spent + home <= limit) {
      const lost = open.reduce((sum, stop) => sum + (stops[stop]!.prize ?? Infinity), 0);
      best = Math.min(best, cost + home + lost);
      if (vehicle + 1 < vehicles.length && at !== 0) extend(open, vehicle + 1, 0, 0, cost + home);
    }
    for (const stop of open) {
      for (const way of [stop, stop + 1]) {
        const to = stops[way]!.location;
        const leg = distanceM[at * n + to]!;
        const rest = open.filter((other) => other !== stop);
        extend(rest, vehicle, to, spent + leg + stops[way]!.serviceS!, cost + leg);
      }
    }
  };
  extend(
    stops.map((_, i) => i).filter((i) => i % 2 === 0),
    0,
    0,
    0,
    0,
  );
  return best;
}

test.each([
  ['one vehicle', { sections: 7, vehicles: 1 }],
  ['two vehicles whose duty is short', { sections: 5, vehicles: 2, limitS: 3_200 }],
  ['sections that may be left', { sections: 6, vehicles: 1, prizes: true }],
])('sections swept either way cost as little as trying everything does: %s', (_, street) => {
  for (let seed = 1; seed <= 6; seed++) {
    const problem = createStreets(seed, street);
    expect(validate(problem)).toEqual([]);
    const { solution } = solve(problem, afterIterations(1_500), { seed });
    const least = bruteForce(problem);
    if (least < Infinity) expect(solution.cost).toBe(least);
    expect(solution.feasible).toBe(least < Infinity);
    expect(check(problem, solution).violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED')).toEqual([]);
    const served = solution.routes.flatMap(({ visits }) => visits.map(({ index }) => index >> 1));
    expect([...served, ...solution.unserved.map((stop) => stop >> 1)].sort()).toEqual(
      Array.from({ length: street.sections }, (_, s) => s),
    );
    for (const { stop } of explain(problem, solution)) expect(problem.stops[stop]!.alternativeTo).toBeUndefined();
  }
});

test('the checker tells a section that is swept in both ways', () => {
  const problem = createStreets(1, { sections: 2, vehicles: 1 });
  const { solution } = solve(problem, afterIterations(100), { seed: 1 });
  const [route] = solution.routes;
  const [first, second] = route!.visits;
  const other = { ...second!, index: first!.index ^ 1 };
  const twice = { ...solution, routes: [{ ...route!, visits: [first!, other] }] };
  const codes = check(problem, twice).violations.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['SERVED_TWICE', 'STOP_LOST']));
});

test('another way must name the first way of a stop and have no prize of its own', () => {
  const problem = createStreets(1, { sections: 2, vehicles: 1 });
  const broken = (change: Partial<Stop>): string[] =>
    validate({ ...problem, stops: problem.stops.map((stop, i) => (i === 3 ? { ...stop, ...change } : stop)) }).map(
      ({ field, message }) => `${field} ${message}`,
    );
  expect(broken({ alternativeTo: 9 })[0]).toMatch(/^stops\[3\].alternativeTo must be the index of a stop before it/);
  expect(broken({ alternativeTo: 1 })[0]).toMatch(/name the first way/);
  expect(broken({ prize: 5 })[0]).toMatch(/give them to the first way/);
});
