import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bruteForce } from './brute-force.ts';
import type { BruteOptions } from './brute-force.ts';
import { check } from './check.ts';
import { DUTCH_WORKING_HOURS, EU_DRIVING_TIME } from './constraints/breaks.ts';
import { createTown } from './fixtures.ts';
import type { Problem, Stop, Vehicle } from './problem.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';

interface Rule {
  /** stops of the problems drawn, and of the two larger ones that can still be tried out in full; none when absent */
  readonly stops: number;
  readonly most?: number;
  readonly make: (seed: number, random: Random, stops: number) => Problem;
  readonly brute?: BruteOptions;
  /** problems with a lawful plan whose cost the search must reach, of those drawn */
  readonly exact?: number;
}

const withStops = (problem: Problem, change: (stop: Stop, index: number) => Partial<Stop>): Problem => ({
  ...problem,
  stops: problem.stops.map((stop, index) => ({ ...stop, ...change(stop, index) })),
});
const withVehicles = (problem: Problem, change: (vehicle: Vehicle, index: number) => Partial<Vehicle>): Problem => ({
  ...problem,
  vehicles: problem.vehicles.map((vehicle, index) => ({ ...vehicle, ...change(vehicle, index) })),
});

const QUARTER_S = 900;

/** A town whose legs, services and windows are whole quarters of an hour, so that trying quarters tries everything. */
function quarterTown(seed: number, random: Random, stops: number): Problem {
  const town = createTown(seed, { stops, vehicles: 2, capacity: 1e6 });
  const durationS = town.profiles[0]!.distanceM.map((metres) => QUARTER_S * Math.min(4, Math.ceil(metres / 1_600)));
  return withStops({ ...town, profiles: [{ ...town.profiles[0]!, durationS }] }, () => {
    const openS = QUARTER_S * random.int(16);
    return {
      serviceS: QUARTER_S * (1 + random.int(4)),
      ...(random.float() < 0.4 && { windows: [[openS, openS + QUARTER_S * (4 + random.int(20))]] }),
    };
  });
}

const RULES: Record<string, Rule> = {
  'travel times by time of day': {
    stops: 6,
    most: 8,
    make: (seed, random, stops) => {
      const town = createTown(seed, { stops, vehicles: 2, capacity: 1_100, windows: true });
      const rush = town.profiles[0]!.durationS.map((seconds) => Math.round(seconds * (1 + 3 * random.float())));
      const byTime = [
        { fromS: 1_500, durationS: rush },
        { fromS: 4_000, factor: 0.7 },
        { fromS: 6_000, factor: 2 },
      ];
      return { ...town, profiles: [{ ...town.profiles[0]!, byTime }] };
    },
  },
  'releases at the depot and at a reload': {
    stops: 4,
    make: (seed, random, stops) =>
      withStops(
        withVehicles(createTown(seed, { stops, vehicles: 2, capacity: 500, disposal: true, windows: true }), () => ({
          mustEndEmpty: false,
        })),
        () => (random.float() < 0.6 ? { releaseS: random.int(4_000) } : {}),
      ),
  },
  'a queue by hour at the tip': {
    stops: 4,
    make: (seed, random, stops) => {
      const town = createTown(seed, { stops, vehicles: 2, capacity: 400, disposal: true, shiftS: 9_000 });
      const sites = town.sites!.map((site) => ({
        ...site,
        weighInS: 120,
        queue: [
          { fromS: 0, waitS: random.int(900) },
          { fromS: 2_000, waitS: 600 + random.int(1_800) },
          { fromS: 4_500, waitS: random.int(300) },
        ],
      }));
      return { ...town, sites };
    },
  },
  'clean-out before another fraction': {
    stops: 4,
    make: (seed, random, stops) =>
      withVehicles(
        createTown(seed, { stops, vehicles: 2, capacity: 600, disposal: true, twoFractions: true, shiftS: 9_000 }),
        () => ({ cleanOutS: 600 + random.int(1_800) }),
      ),
  },
  'hours per vehicle': {
    stops: 6,
    most: 8,
    make: (seed, random, stops) =>
      withStops(createTown(seed, { stops, vehicles: 2, capacity: 1_100, windows: true }), () => {
        const openS = random.int(3_000);
        const vehicles = [random.int(2)];
        return random.float() < 0.6 ? { hours: [{ vehicles, windows: [[openS, openS + 2_500]] }] } : {};
      }),
  },
  'breaks of the Dutch Working Hours Act': {
    stops: 4,
    most: 6,
    make: (seed, random, stops) =>
      withVehicles(quarterTown(seed, random, stops), () => ({
        breaks: DUTCH_WORKING_HOURS,
        soFar: { workedS: QUARTER_S * random.int(40), breakS: QUARTER_S * random.int(3) },
        shift: [0, QUARTER_S * (22 + random.int(12))],
      })),
    brute: { breaks: 3, breakLengthsS: [900, 1_800, 2_700] },
  },
  'breaks of the EU driving times, and a longest stretch': {
    stops: 4,
    most: 6,
    make: (seed, random, stops) =>
      withVehicles(quarterTown(seed, random, stops), () => ({
        breaks: { ...EU_DRIVING_TIME, longestStretchS: QUARTER_S * 16 },
        soFar: { drivenS: QUARTER_S * random.int(17), sinceBreakS: QUARTER_S * random.int(8) },
        shift: [0, QUARTER_S * (22 + random.int(12))],
      })),
    brute: { breaks: 2, breakLengthsS: [900, 1_800, 2_700] },
  },
  'breaks while crew time costs money': {
    stops: 3,
    most: 4,
    make: (seed, random, stops) =>
      withVehicles(quarterTown(seed, random, stops), () => ({
        breaks: { leastPartS: 900, owed: [{ overS: QUARTER_S * 8, breakS: 1_800 }] },
        shift: [0, QUARTER_S * 20],
        costPerS: 0.5,
      })),
    brute: { breaks: 2, breakLengthsS: [900, 1_800], departEveryS: QUARTER_S },
  },
  'quiet hours by fraction': {
    stops: 6,
    most: 8,
    make: (seed, random, stops) => ({
      ...createTown(seed, { stops, vehicles: 2, capacity: 1_100, windows: true, twoFractions: true }),
      quietHours: [
        {
          spans: [
            [0, 2_500 + random.int(1_500)],
            [5_000, 5_500],
          ],
          fractions: [1],
        },
      ],
    }),
  },
  'stops that have waited as long as they may': {
    stops: 6,
    most: 8,
    make: (seed, random, stops) =>
      withStops(createTown(seed, { stops, vehicles: 2, capacity: 1_000, prizes: true, windows: true }), (_, i) =>
        i % 3 === 0 ? { serveByS: 3_000 + random.int(4_000) } : {},
      ),
  },
  'skills and crane reach': {
    stops: 7,
    most: 8,
    make: (seed, random, stops) =>
      withStops(
        withVehicles(createTown(seed, { stops, vehicles: 2, capacity: 1_500, prizes: true }), (_, index) => ({
          skills: [index, 2],
          measures: [4 + 4 * index],
        })),
        (_, i) => ({
          needs: random.float() < 0.5 ? [random.int(3)] : [],
          atLeast: [random.int(9)],
          prize: 3_000 + 500 * i,
        }),
      ),
  },
  'loads parked overnight': {
    stops: 4,
    make: (seed, _, stops) =>
      withVehicles(
        createTown(seed, { stops, vehicles: 2, capacity: 600, disposal: true, twoFractions: true }),
        (_, index) => ({ mayEndWith: [index] }),
      ),
  },
  'random loads': {
    stops: 4,
    make: (seed, random, stops) =>
      withStops(
        withVehicles(createTown(seed, { stops, vehicles: 2, capacity: 900, disposal: true }), () => ({
          overloadChance: 0.02 + 0.1 * random.float(),
        })),
        ({ load }) => ({ loadVariance: [(load![0]! * (0.1 + 0.5 * random.float())) ** 2, 0] }),
      ),
  },
  'a bound on unfamiliar stops, and their price': {
    stops: 7,
    most: 8,
    make: (seed, random, stops) =>
      withStops(
        withVehicles(createTown(seed, { stops, vehicles: 2, capacity: 1_400, prizes: true }), () => ({
          maxUnfamiliar: 1,
          unfamiliarCost: random.int(1_500),
        })),
        (_, i) => ({
          familiarTo: [random.int(2)],
          visitCosts: [random.int(400), random.int(400)],
          prize: 3_000 + 500 * i,
        }),
      ),
  },
  'chambers and compartments': {
    stops: 4,
    make: (seed, random, stops) => {
      const town = createTown(seed, { stops, vehicles: 2, capacity: 900, disposal: true });
      const half = [0, 1].map((fraction) => ({ fractions: [fraction], capacity: [300 + random.int(300)] }));
      return withStops(
        withVehicles(town, (_, index) => (index === 0 ? { compartments: half } : {})),
        ({ load }, i) => ({
          prize: 20_000,
          load: undefined,
          parts: [0, 1].slice(0, 1 + (i % 2)).map((fraction) => ({ fraction, load: [load![0]! / 2, 1] })),
        }),
      );
    },
  },
  'batteries and chargers': {
    stops: 4,
    make: (seed, random, stops) => {
      const town = createTown(seed, { stops, vehicles: 2, capacity: 700, disposal: true, shiftS: 9_000 });
      const battery = { capacityKwh: 22 + 10 * random.float(), kwhPerKm: 1.5, reserveKwh: 2, startKwh: 20 };
      return {
        ...withStops(
          withVehicles(town, () => ({ battery })),
          () => ({ energyKwh: random.float(), prize: 30_000 }),
        ),
        sites: [{ ...town.sites![0]!, chargeKw: 60 }, town.sites![1]!],
      };
    },
  },
  'a bound on stops left out by area': {
    stops: 7,
    most: 8,
    make: (seed, random, stops) => ({
      ...withStops(createTown(seed, { stops, vehicles: 2, capacity: 700 }), (_, i) => ({
        area: i % 3,
        prize: random.int(3_000),
      })),
      areas: [{ maxUnserved: 1 }, { leastPrizeShare: 0.5 }, {}],
    }),
  },
  'stops moved from the previous plan, and its order turned': {
    stops: 7,
    make: (seed, random, stops) => {
      const town = createTown(seed, { stops, vehicles: 2, capacity: 1_400 });
      const rounds: { vehicle: number; stops: number[] }[] = [0, 1].map((vehicle) => ({ vehicle, stops: [] }));
      for (const stop of town.stops.keys()) if (random.float() < 0.8) rounds[random.int(2)]!.stops.push(stop);
      return { ...town, previous: { rounds, movedCost: random.int(2_000), orderCost: random.int(2_000) } };
    },
  },
};

const RUNS = 8;
const LARGE_RUNS = 2;

describe('a plan keeps each rule and costs what the best one costs', () => {
  for (const [name, { stops, most, make, brute, exact = 1 }] of Object.entries(RULES)) {
    test(`on small problems with ${name}`, () => {
      let drawn = 0;
      const tally = { lawful: 0, exact: 0 };
      const property = fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const problem = make(seed, createRandom(seed), drawn++ < RUNS ? stops : most!);
        const { solution } = solve(problem, afterIterations(1_200), { seed });
        const optimum = bruteForce(problem, brute);
        const broken = check(problem, solution).violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED');
        expect(broken).toEqual([]);
        if (optimum === Infinity) return void expect(solution.feasible).toBe(false);
        if (!solution.feasible) return void tally.lawful++;
        expect(solution.cost).toBeGreaterThan(optimum - 1e-3);
        tally.lawful++;
        if (solution.cost < optimum + 1e-3) tally.exact++;
        else process.stdout.write(`${name}, seed ${seed}: ${solution.cost}, at best ${optimum}\n`);
      });
      fc.assert(property, { seed: 20, numRuns: RUNS + (most ? LARGE_RUNS : 0), endOnFailure: true });
      process.stdout.write(`${name}: ${tally.exact} of ${tally.lawful} lawful problems solved to the optimum\n`);
      expect(tally.lawful).toBeGreaterThan(RUNS / 3);
      expect(tally.exact).toBeGreaterThanOrEqual(Math.floor(exact * tally.lawful));
    }, 120_000);
  }
});
