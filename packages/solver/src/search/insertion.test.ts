import { expect, test } from 'vitest';
import { keepsRules, routeCost } from '../evaluate.ts';
import { createTown } from '../fixtures.ts';
import type { FixtureOptions } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { createInserter } from './insertion.ts';
import { findNeighbours } from './neighbours.ts';
import { createState, insertAt } from './state.ts';
import type { State } from './state.ts';

/** The cheapest place by writing every sequence out and evaluating it in full. */
function cheapestByHand(state: State, stop: number): number {
  const { model, rules } = state;
  let best = Infinity;
  for (const route of state.routes) {
    const forms = [[stop]];
    for (let site = model.stopCount; site < model.stopCount + model.siteCount; site++)
      forms.push([stop, site], [site, stop]);
    for (const [form, nodes] of forms.entries()) {
      for (let gap = route.locked; gap <= route.len; gap++) {
        // Tipping an empty truck first only makes a route dearer; the search does not offer it.
        if (form > 0 && nodes[0]! >= model.stopCount && gap === 0) continue;
        const seq = Int32Array.from([...route.seq.subarray(0, gap), ...nodes, ...route.seq.subarray(gap, route.len)]);
        if (!keepsRules(model, rules, route.vehicle, { seq, len: seq.length })) continue;
        best = Math.min(best, routeCost(model, route.vehicle, seq, seq.length) - route.cost);
      }
    }
  }
  return best;
}

const VARIANTS: Record<string, FixtureOptions> = {
  capacity: { stops: 18, capacity: 900 },
  'capacity and crew time': { stops: 18, capacity: 900, timeCost: true },
  'disposal visits': { stops: 18, capacity: 600, disposal: true },
  'disposal visits, fractions and crew time': {
    stops: 18,
    capacity: 700,
    disposal: true,
    twoFractions: true,
    timeCost: true,
  },
  'a shift': { stops: 18, capacity: 1_500, shiftS: 4_000 },
  'a shift and releases': { stops: 18, capacity: 1_500, shiftS: 5_000, releases: true },
  'disposal visits, a shift and releases': { stops: 18, capacity: 600, disposal: true, shiftS: 9_000, releases: true },
  'disposal visits, releases, a shift and crew time': {
    stops: 18,
    capacity: 600,
    disposal: true,
    shiftS: 9_000,
    releases: true,
    timeCost: true,
  },
  'a shift and crew time': { stops: 18, capacity: 1_500, shiftS: 4_000, timeCost: true },
};

for (const [name, options] of Object.entries(VARIANTS)) {
  test(`the cost of an insertion equals a full evaluation, with ${name}`, () => {
    let placed = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const state = createState(compile(createTown(seed, options)));
      const inserter = createInserter(state, findNeighbours(state.model), createRandom(seed));
      for (let stop = 0; stop < state.model.stopCount; stop++) {
        const expected = cheapestByHand(state, stop);
        const place = inserter.find(stop, Infinity, 0);
        expect(place.route < 0 ? Infinity : place.cost).toBeCloseTo(expected, 6);
        if (place.route < 0) continue;
        const before = state.cost - state.model.skipCost[stop]!;
        insertAt(state, state.routes[place.route]!, place);
        expect(state.cost - before).toBeCloseTo(place.cost, 3);
        placed++;
      }
    }
    expect(placed).toBeGreaterThan(50);
  });
}

const WINDOWED: Record<string, FixtureOptions> = {
  'several windows': { stops: 18, windows: true, disposal: true },
  'several windows and crew time': { stops: 18, windows: true, timeCost: true, disposal: true },
  'several windows and releases': { stops: 18, windows: true, disposal: true, releases: true },
  'several windows, releases and crew time': {
    stops: 18,
    windows: true,
    timeCost: true,
    disposal: true,
    releases: true,
  },
};

test.each(Object.entries(WINDOWED))(
  'with %s an insertion is never accepted where the full evaluation refuses it',
  (_, options) => {
    for (let seed = 1; seed <= 40; seed++) {
      const state = createState(compile(createTown(seed, options)));
      const inserter = createInserter(state, findNeighbours(state.model), createRandom(seed));
      for (let stop = 0; stop < state.model.stopCount; stop++) {
        const place = inserter.find(stop, Infinity, 0);
        if (place.route < 0) continue;
        insertAt(state, state.routes[place.route]!, place);
        const route = state.routes[place.route]!;
        expect(keepsRules(state.model, state.rules, route.vehicle, route)).toBe(true);
      }
    }
  },
);

test('a class of vehicles is offered by whichever of its idle ones is not closed', () => {
  const state = createState(compile(createTown(1, { stops: 6, capacity: 900 })));
  const inserter = createInserter(state, findNeighbours(state.model), createRandom(1));
  const first = inserter.find(0, Infinity, 0).route;
  state.routes[first]!.closed = true;
  const other = inserter.find(0, Infinity, 0).route;
  expect(other).toBeGreaterThanOrEqual(0);
  expect(other).not.toBe(first);
});
