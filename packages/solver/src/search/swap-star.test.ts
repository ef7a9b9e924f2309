import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { keepsRules, routeCost } from '../evaluate.ts';
import { createTown } from '../fixtures.ts';
import type { FixtureOptions } from '../fixtures.ts';
import { compile } from '../model.ts';
import { createRandom } from '../random.ts';
import { createInserter } from './insertion.ts';
import { findNeighbours } from './neighbours.ts';
import { report } from './report.ts';
import type { RouteState } from './route-state.ts';
import { createState, insertAt, snapshot } from './state.ts';
import type { State } from './state.ts';
import { createSwapStar } from './swap-star.ts';

/** A lawful plan that is far from good: every stop in the first route that lets it in anywhere. */
function carelessPlan(seed: number, options: FixtureOptions): State {
  const state = createState(compile(createTown(seed, options)));
  const inserter = createInserter(state, findNeighbours(state.model), createRandom(seed));
  for (let stop = 0; stop < state.model.stopCount; stop++) {
    const place = inserter.find(stop, Infinity, 0.7);
    if (place.route >= 0) insertAt(state, state.routes[place.route]!, place);
  }
  return state;
}

const without = (route: RouteState, i: number): number[] =>
  [...route.seq.subarray(0, route.len)].filter((_, k) => k !== i);

/** The most that any exchange of two stops between two routes saves, each put anywhere: written out in full. */
function bestSaving({ model, rules, routes }: State): number {
  let most = 0;
  const cheapest = (route: RouteState, i: number, stop: number): number => {
    let least = Infinity;
    for (let gap = 0; gap < route.len; gap++) {
      const seq = Int32Array.from(without(route, i).toSpliced(gap, 0, stop));
      if (keepsRules(model, rules, route.vehicle, { seq, len: seq.length }))
        least = Math.min(least, routeCost(model, route.vehicle, seq, seq.length));
    }
    return least;
  };
  for (const one of routes) {
    for (const two of routes.slice(one.vehicle + 1)) {
      for (let i = 0; i < one.len; i++)
        for (let j = 0; j < two.len; j++) {
          if (one.seq[i]! >= model.stopCount || two.seq[j]! >= model.stopCount) continue;
          const now = cheapest(one, i, two.seq[j]!) + cheapest(two, j, one.seq[i]!);
          most = Math.max(most, one.cost + two.cost - now);
        }
    }
  }
  return most;
}

test('no exchange of two stops that capacity allows is better once the search ends', () => {
  let improved = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const state = carelessPlan(seed, { stops: 14, vehicles: 3, capacity: 900 });
    const before = state.cost;
    const hadSome = bestSaving(state) > 1e-6;
    expect(createSwapStar(state, findNeighbours(state.model)).improve(() => false)).toBe(hadSome);
    expect(bestSaving(state)).toBeLessThan(1e-6);
    if (state.cost < before) improved++;
  }
  expect(improved).toBeGreaterThan(10);
});

const VARIANTS: Record<string, FixtureOptions> = {
  'windows and several trips': { stops: 24, vehicles: 3, capacity: 900, windows: true, disposal: true },
  'a price of time': { stops: 24, vehicles: 3, capacity: 1_400, windows: true, timeCost: true },
  releases: { stops: 24, vehicles: 4, capacity: 900, windows: true, disposal: true, releases: true },
};

test.each(Object.entries(VARIANTS))('every exchange keeps the rules and pays, with %s', (_, options) => {
  let improved = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const state = carelessPlan(seed, options);
    const [before, absent] = [state.cost, state.absentCount];
    const plan = snapshot(state);
    const any = createSwapStar(state, findNeighbours(state.model)).improve(() => false);
    expect(state.absentCount).toBe(absent);
    const { violations, cost } = check(state.model.problem, report(state));
    expect(violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED')).toEqual([]);
    expect(cost).toBeCloseTo(report(state).cost, 3);
    if (any) expect(state.cost).toBeLessThan(before);
    else expect(snapshot(state)).toEqual(plan);
    if (any) improved++;
  }
  expect(improved).toBeGreaterThan(5);
});
