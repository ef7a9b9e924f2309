import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { createTown } from '../fixtures.ts';
import { compile } from '../model.ts';
import type { Problem } from '../problem.ts';
import { solve } from '../solve.ts';
import { afterIterations } from '../stop.ts';
import { loadPlan } from './load-plan.ts';
import { report } from './report.ts';
import { createState } from './state.ts';

const stopsOf = (visits: readonly { kind: string; index: number }[]): number[] =>
  visits.filter(({ kind }) => kind === 'stop').map(({ index }) => index);

test('of rounds that no longer fit, the stops that do are kept in their order, with the tip that ends a round', () => {
  for (const twoFractions of [false, true]) {
    const made = createTown(4, { stops: 40, vehicles: 4, capacity: 900, disposal: true, shiftS: 20_000, twoFractions });
    // the yard is no site here, so that every round ends with a tip elsewhere
    const town: Problem = { ...made, sites: made.sites!.slice(0, 1) };
    const { solution } = solve(town, afterIterations(300), { seed: 1 });
    // shorter shifts than the plan needs, by a third of its longest round
    const endS = Math.round((2 / 3) * Math.max(...solution.routes.map((route) => route.endS)));
    const tight: Problem = { ...town, vehicles: town.vehicles.map((vehicle) => ({ ...vehicle, shift: [0, endS] })) };
    const state = createState(compile(tight));
    loadPlan(state, solution);
    const loaded = report(state);
    const wrong = check(tight, loaded).violations.filter(({ code }) => code !== 'REQUIRED_UNSERVED');
    expect(wrong).toEqual([]);
    const tooLong = solution.routes.filter((route) => route.endS > endS);
    expect(tooLong.length).toBeGreaterThan(0);
    for (const { vehicle, visits } of tooLong) {
      const kept = stopsOf(loaded.routes.find((route) => route.vehicle === vehicle)?.visits ?? []);
      expect(kept.length).toBeGreaterThan(stopsOf(visits).length / 3);
      expect(stopsOf(visits).filter((stop) => kept.includes(stop))).toEqual(kept);
    }
  }
});
