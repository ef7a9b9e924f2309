import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { DUTCH_WORKING_HOURS, EU_DRIVING_TIME } from './constraints/breaks.ts';
import { explain } from './explain.ts';
import { createTown } from './fixtures.ts';
import type { Problem } from './problem.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

/** A working day in a town, with each rule in it or not. */
function drawProblem(seed: number, random: Random): Problem {
  const maybe = <T>(value: T): T | undefined => (random.float() < 0.6 ? value : undefined);
  const town = createTown(seed, {
    stops: 30,
    vehicles: 4,
    capacity: 1_200,
    disposal: true,
    prizes: true,
    windows: true,
  });
  const [profile] = town.profiles;
  const durationS = profile!.durationS.map((seconds) => 3 * seconds);
  const byTime = maybe([
    { fromS: 2_000, factor: 1.7 },
    { fromS: 9_000, factor: 0.9 },
  ]);
  const vehicles = town.vehicles.map((vehicle, index) => ({
    ...vehicle,
    shift: [0, 30_000] as const,
    breaks: maybe({ ...DUTCH_WORKING_HOURS, ...EU_DRIVING_TIME, longestStretchS: 14_000 }),
    cleanOutS: maybe(1_200),
    overloadChance: maybe(0.05),
    maxUnfamiliar: maybe(3),
    battery: maybe({ capacityKwh: 60, kwhPerKm: 1.2, reserveKwh: 5 }),
    costPerS: index % 2 ? 0.01 : 0,
    compartments: maybe([{ fractions: [0], capacity: [700] }, { fractions: [1, 2] }]),
  }));
  const stops = town.stops.map((stop, i) => ({
    ...stop,
    fraction: i % 2,
    loadVariance: [(0.3 * stop.load![0]!) ** 2],
    familiarTo: maybe([random.int(4), random.int(4)]),
    hours: i % 5 ? undefined : [{ vehicles: [0, 1], windows: [[1_000, 12_000] as const] }],
    releaseS: i % 7 ? undefined : random.int(5_000),
    serveByS: i % 9 ? undefined : 20_000,
    energyKwh: 0.4,
    area: i % 3,
    prize: stop.prize === undefined ? 9_000 : stop.prize,
  }));
  const sites = town.sites!.map((site) => ({
    ...site,
    fractions: undefined,
    chargeKw: maybe(80),
    weighInS: 60,
    queue: maybe([
      { fromS: 3_000, waitS: 900 },
      { fromS: 8_000, waitS: 100 },
    ]),
  }));
  return {
    ...town,
    profiles: [{ ...profile!, durationS, byTime }],
    vehicles: vehicles.map((vehicle) => ({ ...vehicle, soFar: vehicle.breaks && { workedS: random.int(9_000) } })),
    stops,
    sites,
    areas: maybe([{ leastPrizeShare: 0.6 }, { maxUnserved: 4 }, {}]) ?? [{}, {}, {}],
    quietHours: maybe([{ spans: [[0, 1_500] as const], fractions: [1] }]),
    previous: maybe({ rounds: [{ vehicle: 0, stops: [4, 3, 2, 1] }], movedCost: 300, orderCost: 150 }),
  };
}

test('whatever rules meet, the checker finds nothing, its cost is the stated one, and every stop left out has a reason', () => {
  const property = fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
    const problem = drawProblem(seed, createRandom(seed));
    const { solution } = solve(problem, afterIterations(40), { seed });
    const { violations } = check(problem, solution);
    const unmet = new Set(['REQUIRED_UNSERVED', 'AREA_NEGLECTED']);
    expect(violations.filter(({ code }) => !unmet.has(code))).toEqual([]);
    expect(solution.feasible).toBe(violations.length === 0);
    const reasons = explain(problem, solution);
    expect(reasons.filter(({ served }) => !served).map(({ stop }) => stop)).toEqual([...solution.unserved]);
    for (const { text } of reasons) expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(solve(problem, afterIterations(40), { seed }).solution).toEqual(solution);
  });
  fc.assert(property, { seed: 7, numRuns: 6, endOnFailure: true });
}, 120_000);
