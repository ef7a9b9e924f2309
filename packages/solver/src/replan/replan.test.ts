import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { createTown } from '../fixtures.ts';
import type { Problem } from '../problem.ts';
import type { Solution } from '../solution.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { replan } from './replan.ts';

const stopsOf = (solution: Solution, vehicle: number): number[] =>
  (solution.routes.find((route) => route.vehicle === vehicle)?.visits ?? [])
    .filter(({ kind }) => kind === 'stop')
    .map(({ index }) => index);
const plansOf = (problem: Problem, solution: Solution): number[][] =>
  problem.vehicles.map((_, vehicle) => stopsOf(solution, vehicle));

/** The longest order that two lists share, by the textbook table: shares no code with the search. */
function sharedOrder(a: number[], b: number[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++)
      table[i]![j] = a[i - 1] === b[j - 1] ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
  return table[a.length]![b.length]!;
}
function changedStops(before: number[][], after: number[][]): number {
  const known = new Set(before.flat());
  const kept = before.reduce((sum, stops, vehicle) => sum + sharedOrder(stops, after[vehicle]!), 0);
  return known.size - kept + after.flat().filter((stop) => !known.has(stop)).length;
}

function planned(seed: number, stops = 40) {
  const town = createTown(seed, { stops, vehicles: 4, capacity: 2_500, disposal: true, prizes: true, timeCost: true });
  const { solution } = solve(town, afterIterations(300), { seed });
  return { town, solution };
}
/** The same town after a while: prizes went up and down. */
function later(town: Problem, seed: number): Problem {
  return {
    ...town,
    stops: town.stops.map((stop, index) =>
      stop.prize === undefined ? stop : { ...stop, prize: ((stop.prize + 1) * (1 + ((index * 7 + seed) % 11))) / 4 },
    ),
  };
}

test('a plan made again changes at most as many stops as allowed, keeps every rule, and is the same for the same seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 12 }), (seed, changes) => {
      const { town, solution } = planned(seed, 24);
      const problem = later(town, seed);
      const previous = plansOf(town, solution);
      const again = () =>
        replan(problem, afterIterations(200), { seed, initial: solution, keep: { previous, changes } });
      const { solution: after, stats } = again();
      const changed = changedStops(previous, plansOf(problem, after));
      expect(changed).toBeLessThanOrEqual(changes);
      expect(stats).toMatchObject({ changed, forced: 0 });
      expect(check(problem, after)).toMatchObject({ ok: true });
      expect(after.cost).toBeLessThanOrEqual(stats.startCost + 1e-6);
      expect(again().solution).toEqual(after);
    }),
    { numRuns: 25, seed: 5 },
  );
});

test('with no change allowed the plan stays as it is', () => {
  const { town, solution } = planned(3);
  const previous = plansOf(town, solution);
  const { solution: after } = replan(later(town, 3), afterIterations(200), {
    seed: 1,
    initial: solution,
    keep: { previous, changes: 0 },
  });
  expect(plansOf(town, after)).toEqual(previous);
});

test('stops of a vehicle that fell out find a place without being counted', () => {
  const { town, solution } = planned(4);
  const orphans = stopsOf(solution, 0);
  const able = [1, 2, 3];
  const problem = {
    ...town,
    stops: town.stops.map((stop) => ({ ...stop, allowedVehicles: able, ...(stop.prize && { prize: 1e6 }) })),
  };
  const routes = solution.routes.filter(({ vehicle }) => vehicle !== 0);
  const previous = plansOf(town, { ...solution, routes });
  const options = { seed: 1, initial: { ...solution, routes }, keep: { previous, changes: 2, free: orphans } };
  const { solution: after, stats } = replan(problem, afterIterations(300), options);
  const served = plansOf(problem, after).flat();
  expect(orphans.length).toBeGreaterThan(2);
  expect(orphans.filter((stop) => served.includes(stop)).length).toBeGreaterThan(2);
  expect(stats.changed).toBeLessThanOrEqual(2);
  expect(check(problem, after).violations).toEqual([]);
});

test('a stop pinned behind another stays behind it', () => {
  const { town, solution } = planned(5);
  const previous = plansOf(town, solution);
  const [, before, stop] = previous.find(({ length }) => length > 4)!;
  const { solution: after } = replan(later(town, 5), afterIterations(400), {
    seed: 1,
    initial: solution,
    keep: { previous, changes: 40, held: [stop!], follows: [[stop!, before!]] },
  });
  expect(after.unserved).not.toContain(stop);
  const route = plansOf(town, after).find((stops) => stops.includes(stop!));
  if (route?.includes(before!)) expect(route.indexOf(stop!)).toBe(route.indexOf(before!) + 1);
  expect(after.cost).toBeLessThan(solution.cost + 1e9);
});

test('vehicles under way that must tip keep their rounds behind what is locked', () => {
  const { town, solution } = planned(6);
  const plans = plansOf(town, solution);
  const vehicles = town.vehicles.map((vehicle, index) => ({
    ...vehicle,
    underWay: true,
    locked: plans[index]!.slice(0, 2),
    shift: [0, 100_000] as const,
  }));
  const problem = { ...town, vehicles };
  const previous = plans.map((stops) => stops.slice(2));
  const { solution: after, stats } = replan(problem, afterIterations(50), {
    seed: 1,
    initial: solution,
    keep: { previous, changes: 3 },
  });
  expect(stats.forced).toBe(0);
  expect(changedStops(plans, plansOf(problem, after))).toBeLessThanOrEqual(3);
  expect(check(problem, after).violations).toEqual([]);
  // half the shift is over: the last stops no longer fit, and that is all that is lost
  const late = { ...problem, vehicles: vehicles.map((vehicle) => ({ ...vehicle, shift: [0, 1_800] as const })) };
  const short = replan(late, afterIterations(50), { seed: 1, initial: solution, keep: { previous, changes: 3 } });
  expect(short.stats.forced).toBeGreaterThan(0);
  expect(short.stats.changed).toBeLessThanOrEqual(3);
});

/** Every way to give some of the stops, in some order, to two vehicles. */
function* allPlans(stops: number[]): Generator<number[][]> {
  function* orders(rest: number[], sequence: (number | 'cut')[], hasCut: boolean): Generator<(number | 'cut')[]> {
    if (hasCut) yield sequence;
    if (!hasCut) yield* orders(rest, [...sequence, 'cut'], true);
    for (const next of rest)
      yield* orders(
        rest.filter((other) => other !== next),
        [...sequence, next],
        hasCut,
      );
  }
  for (const sequence of orders(stops, [], false)) {
    const cut = sequence.indexOf('cut');
    yield [sequence.slice(0, cut) as number[], sequence.slice(cut + 1) as number[]];
  }
}

test('on five stops the answer is the cheapest of all plans within the limit', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const town = createTown(seed, { stops: 5, vehicles: 2, capacity: 700, prizes: true });
    const { solution } = solve(town, afterIterations(100), { seed });
    const problem = later(town, seed * 3);
    const previous = plansOf(town, solution);
    const { distanceM } = problem.profiles[0]!;
    const costOf = (plan: number[][]): number => {
      const served = new Set(plan.flat());
      const legs = plan.map((stops) => [0, ...stops.map((stop) => problem.stops[stop]!.location), 0]);
      const drive = legs.reduce(
        (sum, places) =>
          sum + places.slice(1).reduce((metres, to, i) => metres + distanceM[places[i]! * problem.locations + to]!, 0),
        0,
      );
      return drive + problem.stops.reduce((sum, { prize }, stop) => sum + (served.has(stop) ? 0 : (prize ?? 1e9)), 0);
    };
    const holds = (plan: number[][]): boolean =>
      plan.every((stops) => stops.reduce((sum, stop) => sum + problem.stops[stop]!.load![0]!, 0) <= 700);
    let best = Infinity;
    for (const plan of allPlans([0, 1, 2, 3, 4]))
      if (holds(plan) && changedStops(previous, plan) <= 2) best = Math.min(best, costOf(plan));
    const { solution: after } = replan(problem, afterIterations(3_000), {
      seed,
      initial: solution,
      keep: { previous, changes: 2 },
    });
    expect(costOf(plansOf(problem, after))).toBeCloseTo(best, 3);
  }
});
