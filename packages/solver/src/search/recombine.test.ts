import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import type { Problem } from '../problem.ts';
import { createRandom } from '../random.ts';
import { check } from '../check.ts';
import { recombine } from './recombine.ts';
import { report } from './report.ts';
import { createRoutePool } from './route-pool.ts';
import { assign, createState, restore, snapshot } from './state.ts';
import type { State } from './state.ts';

type Plan = readonly (readonly number[])[];

const load = (state: State, plan: Plan): void =>
  restore(
    state,
    plan.map((stops) => Int32Array.from(stops)),
  );

/** Notes the rounds of a plan. */
function meet(state: State, pool: ReturnType<typeof createRoutePool>, plan: Plan): void {
  load(state, plan);
  for (const route of state.routes) pool.note(route);
}

/** All plans of the rounds met: each stop once or left out if it has a prize. */
function cheapestMix(state: State, plans: readonly Plan[]): number {
  const rounds = [...new Set(plans.flat().map((round) => JSON.stringify(round)))].map(
    (text) => JSON.parse(text) as number[],
  );
  let best = Infinity;
  const mix = (from: number, chosen: readonly number[][]): void => {
    load(
      state,
      state.routes.map(({ vehicle }) => chosen[vehicle] ?? []),
    );
    if (state.requiredLeft === 0) best = Math.min(best, state.cost);
    if (chosen.length === state.routes.length) return;
    for (let k = from; k < rounds.length; k++) {
      if (rounds[k]!.some((stop) => chosen.some((round) => round.includes(stop)))) continue;
      mix(k + 1, [...chosen, rounds[k]!]);
    }
  };
  mix(0, []);
  return best;
}

function drawPlan(problem: Problem, random: ReturnType<typeof createRandom>): Plan {
  const plan: number[][] = problem.vehicles.map(() => []);
  for (const [stop, { prize }] of problem.stops.entries()) {
    // Whole streets stay together, so that rounds of different plans can fit.
    if (prize !== undefined && random.float() < 0.3) continue;
    plan[(Math.floor(stop / 3) + (random.float() < 0.2 ? 1 : 0)) % plan.length]!.push(stop);
  }
  return plan.map((stops) => (random.float() < 0.5 ? stops : stops.reverse()));
}

test('the best mix of rounds met is found, optional stops left out where that is cheaper', () => {
  let better = 0;
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom(seed);
    const problem = createTown(seed, { stops: 9, vehicles: 3, capacity: 1e6, prizes: true });
    const state = createState(compile(problem));
    const pool = createRoutePool(state, 1_000);
    const plans = Array.from({ length: 6 }, () => drawPlan(problem, random));
    const best = cheapestMix(state, plans);
    for (const plan of plans) meet(state, pool, plan);
    const before = state.cost;
    expect(recombine(state, pool, 1e6)).toBe(state.cost < before);
    expect(state.cost).toBeLessThanOrEqual(best + 1e-6);
    expect(check(problem, report(state)).violations).toEqual([]);
    if (state.cost < before) better++;
  }
  expect(better).toBeGreaterThan(10);
});

test('locked visits stay in front, vehicles of a class stay in number, and a worse choice changes nothing', () => {
  const town = createTown(4, { stops: 8, vehicles: 3, capacity: 1e6 });
  const vehicles = town.vehicles.map((vehicle, index) => ({
    ...vehicle,
    costPerM: 1 + index,
    ...(index ? {} : { locked: [5, 1] }),
  }));
  const problem = { ...town, vehicles };
  const state = createState(compile(problem));
  const pool = createRoutePool(state, 1_000);
  meet(state, pool, [
    [5, 1, 0, 2],
    [3, 4],
    [6, 7],
  ]);
  meet(state, pool, [[5, 1, 3, 4], [0, 2, 6, 7], []]);
  meet(state, pool, [[5, 1], [6, 7, 3, 4, 0, 2], []]);
  recombine(state, pool, 1e6);
  expect([...state.routes[0]!.seq.subarray(0, 2)]).toEqual([5, 1]);
  expect(check(problem, report(state)).violations).toEqual([]);
  const [kept, cost] = [snapshot(state), state.cost];
  expect(recombine(state, pool, 1e6)).toBe(false);
  expect([snapshot(state), state.cost]).toEqual([kept, cost]);
  expect(state.absentCount).toBe(0);
  for (const route of state.routes) assign(state, route, route.seq, route.len);
  expect(state.cost).toBeCloseTo(cost, 6);
});
