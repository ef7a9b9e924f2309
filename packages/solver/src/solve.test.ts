import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { createTown } from './fixtures.ts';
import type { FixtureOptions } from './fixtures.ts';
import type { Problem } from './problem.ts';
import type { Solution } from './solution.ts';
import { solve } from './solve.ts';
import { afterIterations, afterStall, anyOf, whenCancelled } from './stop.ts';

/** Cheapest cost over every choice, assignment, order and tipping, by driving each sequence step by step. */
function bruteForce(problem: Problem): number {
  const { stops, vehicles, sites = [], locations: n } = problem;
  const { distanceM, durationS } = problem.profiles[0]!;
  const best = { cost: Infinity };
  const required = stops.reduce((sum, stop, i) => (stop.prize === undefined ? sum | (1 << i) : sum), 0);
  const prizesOf = (left: number): number =>
    stops.reduce((sum, stop, i) => (left & (1 << i) ? sum + (stop.prize ?? 0) : sum), 0);
  /** Least cost of serving a set in one route; without a cost of time the earliest schedule is enough. */
  const routeCosts = new Map<number, number>();
  const extend = (path: {
    at: number;
    clock: number;
    load: number;
    mask: number;
    cost: number;
    done: number;
    fresh: boolean;
    /** when and where the trip could leave, the stops of the trip in order, and its release */
    trip: { clock: number; at: number; order: readonly number[]; releaseS: number };
  }): void => {
    const vehicle = vehicles[0]!;
    const home = path.at * n + vehicle.endLocation;
    const endMask = sites
      .filter((site) => site.location === vehicle.endLocation)
      .reduce((m, s) => m | (s.fractions ? s.fractions.reduce((x, f) => x | (1 << f), 0) : -1), 0);
    const back = path.clock + durationS[home]!;
    const emptied = !vehicle.mustEndEmpty || (path.mask & ~endMask) === 0;
    if (emptied && back <= (vehicle.shift?.[1] ?? Infinity)) {
      routeCosts.set(path.done, Math.min(routeCosts.get(path.done) ?? Infinity, path.cost + distanceM[home]!));
    }
    const startAt = (windows: Problem['stops'][number]['windows'], arrive: number): number | undefined => {
      const window = windows?.length ? windows.find(([, closeS]) => closeS >= arrive) : ([0, Infinity] as const);
      return window && Math.max(arrive, window[0]);
    };
    const go = (
      to: number,
      windows: Problem['stops'][number]['windows'],
      workS: number,
    ): { clock: number; cost: number } | undefined => {
      const start = startAt(windows, path.clock + durationS[path.at * n + to]!);
      return start === undefined ? undefined : { clock: start + workS, cost: path.cost + distanceM[path.at * n + to]! };
    };
    /** The trip driven anew from its start, now that it waits for what a stop brings. */
    const restart = (i: number): { clock: number; trip: typeof path.trip } | undefined => {
      const releaseS = Math.max(path.trip.releaseS, stops[i]!.releaseS ?? -Infinity);
      const order = [...path.trip.order, i];
      let [clock, at]: [number | undefined, number] = [Math.max(path.trip.clock, releaseS), path.trip.at];
      for (const j of order) {
        const start = startAt(stops[j]!.windows, clock + durationS[at * n + stops[j]!.location]!);
        if (start === undefined) return undefined;
        clock = start + stops[j]!.serviceS!;
        at = stops[j]!.location;
      }
      return { clock, trip: { ...path.trip, order, releaseS } };
    };
    for (const [i, stop] of stops.entries()) {
      const load = path.load + stop.load![0]!;
      const next = path.done & (1 << i) || load > vehicle.capacity![0]! ? undefined : restart(i);
      if (next)
        extend({
          ...next,
          cost: path.cost + distanceM[path.at * n + stop.location]!,
          at: stop.location,
          load,
          mask: path.mask | (1 << (stop.fraction ?? 0)),
          done: path.done | (1 << i),
          fresh: false,
        });
    }
    for (const site of path.fresh ? [] : sites) {
      const accepted = site.fractions ? site.fractions.reduce((x, f) => x | (1 << f), 0) : -1;
      const next = path.mask & ~accepted ? undefined : go(site.location, site.windows, site.tippingS!);
      const trip = next && { clock: next.clock, at: site.location, order: [], releaseS: -Infinity };
      if (next) extend({ ...next, at: site.location, load: 0, mask: 0, done: path.done, fresh: true, trip: trip! });
    }
  };
  const trip = { clock: 0, at: vehicles[0]!.startLocation, order: [], releaseS: -Infinity };
  extend({ at: vehicles[0]!.startLocation, clock: 0, load: 0, mask: 0, cost: 0, done: 0, fresh: true, trip });
  routeCosts.set(0, 0);
  const combine = (vehicle: number, done: number, cost: number): void => {
    if (cost >= best.cost) return;
    if ((required & ~done) === 0) best.cost = Math.min(best.cost, cost + prizesOf(~done));
    if (vehicle === vehicles.length) return;
    for (const [set, extra] of routeCosts)
      if (set && (set & done) === 0) combine(vehicle + 1, done | set, cost + extra);
  };
  combine(0, 0, 0);
  return best.cost;
}

const VARIANTS: Record<string, FixtureOptions> = {
  'plain capacity': { stops: 7, vehicles: 2, capacity: 900 },
  'windows, two each': { stops: 6, vehicles: 2, capacity: 900, windows: true },
  prizes: { stops: 7, vehicles: 2, capacity: 700, prizes: true },
  'disposal visits': { stops: 6, vehicles: 2, capacity: 500, disposal: true },
  'disposal visits, windows and prizes': {
    stops: 6,
    vehicles: 2,
    capacity: 450,
    disposal: true,
    windows: true,
    prizes: true,
  },
  'releases and a shift': { stops: 6, vehicles: 2, capacity: 900, releases: true, shiftS: 6_500 },
  'disposal visits, releases and a shift': {
    stops: 6,
    vehicles: 2,
    capacity: 500,
    disposal: true,
    releases: true,
    shiftS: 7_500,
  },
  'fractions with their own site': { stops: 6, vehicles: 2, capacity: 600, disposal: true, twoFractions: true },
};

describe('solve agrees with brute force', () => {
  for (const [name, options] of Object.entries(VARIANTS)) {
    test(`on small towns with ${name}`, () => {
      let solvable = 0;
      for (let seed = 1; seed <= 6; seed++) {
        const problem = createTown(seed, options);
        const { solution } = solve(problem, afterIterations(1_500), { seed });
        const optimum = bruteForce(problem);
        if (optimum === Infinity) {
          expect(solution.feasible).toBe(false);
          continue;
        }
        solvable++;
        expect(check(problem, solution).violations).toEqual([]);
        expect({ seed, cost: solution.cost }).toEqual({ seed, cost: optimum });
      }
      expect(solvable).toBeGreaterThan(2);
    }, 60_000);
  }
});

test('a large stop is not left out because small stops fill the only truck that could take it', () => {
  const town = createTown(3, { stops: 9, vehicles: 2, capacity: 0 });
  const stops = town.stops.map((stop, i) => ({ ...stop, load: [i === 8 ? 90 : 20, 1] }));
  // 8 small stops fit the small truck and one of them the large one, next to the large stop; the depot is far from none.
  const vehicles = town.vehicles.map((vehicle, v) => ({ ...vehicle, capacity: [v === 0 ? 110 : 140, 100] }));
  const { solution } = solve({ ...town, stops, vehicles }, afterIterations(3_000), { seed: 1 });
  expect(solution.unserved).toEqual([]);
  expect(check({ ...town, stops, vehicles }, solution).violations).toEqual([]);
});

test('a round is driven by the kind of vehicle that drives it for least', () => {
  const town = createTown(6, { stops: 10, vehicles: 3, capacity: 2_000 });
  const [dear, cheap, small] = town.vehicles;
  const vehicles = [
    { ...dear!, costPerM: 3 },
    { ...cheap!, fixedCost: 100 },
    { ...small!, capacity: [1, 100] },
  ];
  const { solution } = solve({ ...town, vehicles }, afterIterations(500), { seed: 1 });
  expect(solution.routes.map(({ vehicle }) => vehicle)).toEqual([1]);
});

describe('a search', () => {
  const problem = createTown(4, { stops: 40, windows: true, prizes: true, disposal: true, timeCost: true });

  test('gives the same plan for the same seed and iterations', () => {
    const [first, second] = [1, 2].map(() => solve(problem, afterIterations(400), { seed: 9 }).solution);
    expect(second).toEqual(first);
  });

  test('streams ever cheaper plans that all pass the check, and returns the last', () => {
    const town = createTown(5, { stops: 40, vehicles: 6, disposal: true, timeCost: true });
    const plans: Solution[] = [];
    const { solution } = solve(town, afterIterations(600), { seed: 2, onImprove: (plan) => plans.push(plan) });
    const costs = plans.map(({ cost }) => cost);
    expect(costs.length).toBeGreaterThan(1);
    expect(costs).toEqual([...costs].sort((x, y) => y - x));
    for (const plan of plans) expect(check(town, plan).violations).toEqual([]);
    expect(solution.cost).toBeCloseTo(costs.at(-1)!, 6);
  });

  test('starts from an earlier plan and does not lose by it', () => {
    const { solution } = solve(problem, afterIterations(500), { seed: 1 });
    const again = solve(problem, afterIterations(0), { seed: 2, initial: solution });
    expect(again.solution.unserved.length).toBeLessThanOrEqual(solution.unserved.length);
    expect(again.stats.startCost).toBeLessThanOrEqual(solution.cost + 1e-6);
  });

  test('drops from an earlier plan what no longer fits', () => {
    const { solution } = solve(problem, afterIterations(300), { seed: 1 });
    const tight: Problem = {
      ...problem,
      vehicles: problem.vehicles.map((vehicle) => ({ ...vehicle, shift: [0, 6_000] })),
    };
    const { solution: replanned } = solve(tight, afterIterations(300), { seed: 1, initial: solution });
    const required = check(tight, replanned).violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED');
    expect(required).toEqual([]);
  });

  test('ends when cancelled and when it stalls', () => {
    let asked = 0;
    const cancelled = solve(
      problem,
      anyOf(
        afterIterations(1e9),
        whenCancelled(() => ++asked > 60),
      ),
      { seed: 1 },
    );
    expect(cancelled.stats.iterations).toBeLessThan(60);
    const stalled = solve(createTown(1, { stops: 3 }), afterStall(50), { seed: 1 });
    expect(stalled.stats.iterations).toBeLessThan(1_000);
  });

  test('keeps locked visits first and carries on from the load aboard', () => {
    const base = createTown(6, { stops: 12, vehicles: 2, capacity: 900, disposal: true });
    const [first, second] = base.vehicles;
    const underWay = { ...first!, locked: [3, ~0, 5], initialLoad: [200, 1] };
    const town: Problem = { ...base, vehicles: [underWay, second!] };
    const { solution } = solve(town, afterIterations(500), { seed: 1 });
    expect(check(town, solution).violations).toEqual([]);
    expect(solution.routes[0]!.visits.slice(0, 3).map(({ kind, index }) => [kind, index])).toEqual([
      ['stop', 3],
      ['disposal', 0],
      ['stop', 5],
    ]);
  });
});

describe('odd input', () => {
  const town = createTown(1, { stops: 3, windows: true, disposal: true });
  const run = (problem: Problem): Solution => solve(problem, afterIterations(50), { seed: 1 }).solution;

  test('no stops, no vehicles and one stop give plain answers', () => {
    expect(run({ ...town, stops: [] })).toMatchObject({ routes: [], unserved: [], cost: 0, feasible: true });
    expect(run({ ...town, vehicles: [] })).toMatchObject({ routes: [], unserved: [0, 1, 2], feasible: false });
    const single = run(createTown(1, { stops: 1 }));
    expect(single.routes).toHaveLength(1);
    expect(single.feasible).toBe(true);
  });

  test('a truck under way with nothing left drives home, by a site when it is loaded', () => {
    const base = createTown(2, { stops: 1, vehicles: 1, disposal: true, twoFractions: true });
    const truck = { ...base.vehicles[0]!, startLocation: 2, initialLoad: [100], initialFractions: [1] };
    const problem: Problem = { ...base, stops: [], vehicles: [truck] };
    const solution = run({ ...problem, stops: [{ ...base.stops[0]!, prize: 0 }] });
    expect(solution.routes[0]!.visits.map(({ kind, index }) => [kind, index])).toEqual([['disposal', 0]]);
    expect(check({ ...problem, stops: [{ ...base.stops[0]!, prize: 0 }] }, solution).violations).toEqual([]);
  });

  test('unreachable, too heavy and never open stops are left out without harm', () => {
    const n = town.locations;
    const distanceM = town.profiles[0]!.distanceM.slice();
    for (let i = 0; i < n; i++) if (i !== 2) distanceM[i * n + 2] = distanceM[2 * n + i] = 1e9;
    const [first, second, third] = town.stops;
    const stops = [first!, { ...second!, load: [1e6] }, { ...third!, windows: [[1e6, 2e6]] as const, prize: 7 }];
    const solution = run({ ...town, profiles: [{ ...town.profiles[0]!, distanceM }], stops });
    expect(solution).toMatchObject({ routes: [], unserved: [0, 1, 2], cost: 7, feasible: false });
  });

  test('a malformed problem is refused with every fault', () => {
    const broken: Problem = { ...town, locations: 4, stops: [{ location: 99, windows: [[5, 1]] }] };
    expect(() => run(broken)).toThrow(/distanceM.*durationS.*stops\[0\]\.location.*windows\[0\]/s);
  });
});
