import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DUTCH_WORKING_HOURS, EU_DRIVING_TIME } from '../constraints/breaks.ts';
import { withInserted } from '../constraints/draft.ts';
import { duty } from '../constraints/duty.ts';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import type { Model } from '../model.ts';
import type { BreakRules, Problem, Vehicle } from '../problem.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { insertAt, createState } from '../search/state.ts';
import { judgePlace, mustConfirm } from './place.ts';

type Drawer = (random: Random) => Partial<Vehicle>;

const breaks = (rules: BreakRules): Drawer => {
  return (random) => ({
    breaks: rules,
    soFar: random.float() < 0.5 ? { workedS: random.int(12_000), breakS: random.int(2_000) } : undefined,
  });
};

const VEHICLES: Record<string, Drawer> = {
  'no breaks': () => ({}),
  'Dutch breaks': breaks(DUTCH_WORKING_HOURS),
  'EU breaks': breaks(EU_DRIVING_TIME),
  'both and a longest stretch': breaks({ ...DUTCH_WORKING_HOURS, ...EU_DRIVING_TIME, longestStretchS: 9_000 }),
  'odd totals': breaks({
    leastPartS: 700,
    owed: [
      { overS: 8_000, breakS: 1_650 },
      { overS: 12_000, breakS: 9_000 },
    ],
  }),
  'a longest duty and Dutch breaks': (random) => ({ ...breaks(DUTCH_WORKING_HOURS)(random), maxDurationS: 21_000 }),
};

/** A working day with windows, and each rule that only a whole sequence shows in it or not. */
function drawProblem(seed: number, random: Random, vehicle: Partial<Vehicle>): Problem {
  const maybe = <T>(value: T): T | undefined => (random.float() < 0.4 ? value : undefined);
  const town = createTown(seed, { stops: 16, vehicles: 2, disposal: true, windows: random.float() < 0.7 });
  const durationS = town.profiles[0]!.durationS.map((seconds) => 3 * seconds);
  const byTime = maybe([
    { fromS: 5_000, factor: 1.7 },
    { fromS: 14_000, durationS: durationS.map((seconds) => seconds + random.int(90)) },
  ]);
  const hours = [{ vehicles: [0], windows: [[2_000, 9_000] as const, [13_000, 24_000] as const] }];
  const queue = maybe([
    { fromS: 3_000, waitS: 900 },
    { fromS: 8_000, waitS: 100 },
  ]);
  const [releases, cleanOutS] = [random.float() < 0.25, random.float() < 0.3 ? 1_200 : 0];
  const battery = maybe({ capacityKwh: 60, kwhPerKm: 1.2, reserveKwh: 5 });
  return {
    ...town,
    profiles: [{ ...town.profiles[0]!, durationS, byTime }],
    vehicles: town.vehicles.map((each) => ({
      ...each,
      shift: [random.int(2_000), 20_000 + random.int(14_000)] as const,
      cleanOutS,
      battery,
      ...vehicle,
    })),
    stops: town.stops.map((stop, i) => ({
      ...stop,
      serviceS: 300 + random.int(1_200),
      windows: stop.windows?.map(([open, close]) => [2 * open, 3 * close] as const),
      hours: i % 4 ? undefined : hours,
      releaseS: releases && i % 5 === 0 ? random.int(4_000) : undefined,
      fraction: i % 3 ? 0 : 1,
    })),
    sites: town.sites!.map((site) => ({
      ...site,
      windows: [
        [0, 16_000],
        [19_000, 30_000],
      ] as const,
      weighInS: 60,
      queue,
      chargeKw: battery && 90,
    })),
  };
}

interface Tally {
  fits: number;
  refused: number;
  /** fits, but is confirmed by the whole timeline before it is taken */
  doubtful: number;
  /** left to the whole timeline */
  open: number;
}

/** Grows a route at random, and holds the verdict on every place in it against the whole timeline. */
function compareAll(model: Model, random: Random, tally: Tally): void {
  const state = createState(model);
  const route = state.routes[0]!;
  const nodes = model.stopCount + model.siteCount;
  const known = (gap: number, a: number, b: number): boolean => {
    const seq = withInserted(route, gap, a, b).slice(0, route.len + (b < 0 ? 1 : 2));
    const fits = duty.holds(model, 0, seq, seq.length);
    const verdict = judgePlace(model, route, { gap, a, b });
    const doubtful = verdict > 0 && mustConfirm(model, route, { a, b });
    tally[doubtful ? 'doubtful' : verdict > 0 ? 'fits' : verdict < 0 ? 'refused' : 'open']++;
    const place = { seq: [...seq], gap, a, b };
    if (verdict !== 0 && !doubtful) expect({ ...place, fits: verdict > 0 }).toEqual({ ...place, fits });
    return fits;
  };
  for (let step = 0; step < 26; step++) {
    const places: { gap: number; a: number; b: number; cost: number }[] = [];
    for (let gap = 0; gap <= route.len; gap++) {
      for (let a = 0; a < nodes; a++) {
        if (state.routeOf[a]! >= 0) continue;
        const pairs = [
          -1,
          a < model.stopCount ? model.stopCount + random.int(model.siteCount) : random.int(model.stopCount),
        ];
        for (const b of pairs)
          if (!(state.routeOf[b]! >= 0) && known(gap, a, b) && (a < model.stopCount || b >= 0))
            places.push({ gap, a, b, cost: 0 });
      }
    }
    if (places.length === 0) return;
    insertAt(state, route, places[random.int(places.length)]!);
  }
}

for (const [name, draw] of Object.entries(VEHICLES)) {
  test(`what is kept of a route never contradicts its whole timeline, with ${name}`, () => {
    const tally = { fits: 0, refused: 0, doubtful: 0, open: 0 };
    const property = fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const random = createRandom(seed);
      const model = compile(drawProblem(seed, random, draw(random)));
      if (model.exact) compareAll(model, random, tally);
    });
    fc.assert(property, { seed: 5, numRuns: 8, endOnFailure: true });
    process.stdout.write(`${name}: ${JSON.stringify(tally)}\n`);
    expect(tally[/EU|stretch/.test(name) ? 'doubtful' : 'fits']).toBeGreaterThan(0);
    expect(tally.refused).toBeGreaterThan(0);
  }, 60_000);
}
