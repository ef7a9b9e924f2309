import { expect, test } from 'vitest';
import { openTravel } from '@ronde/travel';
import { afterIterations, check, solve } from '@ronde/solver';
import { buildProblem, type Duty } from './build-problem.ts';
import { chooseCandidates } from './candidates.ts';
import { RoutingConfig } from './config.ts';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { asInitial } from './initial.ts';
import { makeRound } from './make-round.ts';
import { outlookOf, TIP } from './plan-fixture.ts';

async function replan(fills: { first: number; then: number }, endsInMs: number) {
  const travel = await openTravel('straight-line:');
  const config = RoutingConfig.parse({});
  const assets = Array.from({ length: 12 }, (_, index) => asset(index));
  const span = { startMs: START_MS, endMs: START_MS + 7 * 3_600_000 };
  const duty: Duty = {
    vehicle: VEHICLE,
    depot: { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } },
    shift: span,
    span,
    round: undefined,
    locked: [],
  };
  const build = async (of: Duty, fill: number) => {
    const outlook = (id: string) => outlookOf(id, fill);
    const { candidates } = await chooseCandidates(
      assets,
      { outlook },
      { byMs: () => START_MS, exclude: new Set(), keep: new Set() },
    );
    return buildProblem(
      {
        duties: [of],
        sites: [TIP],
        candidates,
        keep: new Set(),
        timeZone: 'Europe/Amsterdam',
        startMs: START_MS,
        config,
      },
      travel,
    );
  };
  const before = await build(duty, fills.first);
  const { solution } = solve(before.problem, afterIterations(200), { seed: 1 });
  const round = makeRound(before, 0, undefined, {
    route: solution.routes[0],
    planId: 'p',
    leftOut: [],
    fullAt: () => null,
    nowMs: START_MS,
  })!;
  const built = await build({ ...duty, round, span: { startMs: START_MS, endMs: START_MS + endsInMs } }, fills.then);
  return { built, initial: asInitial(built), round };
}

test('a round that still fits is taken over whole', async () => {
  const { initial, round } = await replan({ first: 0.9, then: 0.9 }, 7 * 3_600_000);
  expect(initial.routes[0]!.visits.map(({ kind }) => kind === 'disposal')).toEqual(
    round.stops.map(({ kind }) => kind === 'disposal'),
  );
});

test.each([
  ['bins are fuller than they were', { first: 0.6, then: 0.98 }, 7 * 3_600_000],
  ['the shift is shorter than it was', { first: 0.9, then: 0.9 }, 3_600_000],
])(
  'what no longer fits is left to the solver when %s, and the start is not from nothing',
  async (_, fills, endsInMs) => {
    const { built, initial } = await replan(fills, endsInMs);
    const { solution, stats } = solve(built.problem, afterIterations(1), { seed: 1, initial });
    expect(check(built.problem, solution).violations).toEqual([]);
    expect(initial.routes[0]!.visits.length).toBeGreaterThan(4);
    const nothing = built.problem.stops.reduce((sum, { prize }) => sum + prize!, 0);
    expect(stats.startCost).toBeLessThan(nothing * 0.8);
  },
);
