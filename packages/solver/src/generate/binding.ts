import { check } from '../check.ts';
import type { Instance } from '../formats/instance.ts';
import type { Problem, Stop, Vehicle } from '../problem.ts';
import { solve } from '../solve.ts';
import type { Route, Solution } from '../solution.ts';
import { afterIterations } from '../stop.ts';

/** Rules that an instance can bind by. */
export type Rule = 'windows' | 'shifts' | 'payloads' | 'tipHours';

/** How much the rules of an instance bind. */
export interface Binding {
  /** of a good plan under all rules */
  readonly cost: number;
  readonly feasible: boolean;
  /** violations that the independent checker found */
  readonly violations: number;
  readonly servedShare: number;
  /** cost when one rule alone is lifted */
  readonly without: Readonly<Record<Rule, number>>;
  /** share of windows, shifts, trips and tippings in the plan that have next to no room left */
  readonly tight: Readonly<Record<Rule, number>>;
}

const lifted: Readonly<Record<Rule, (problem: Problem) => Problem>> = {
  windows: (problem) => ({ ...problem, stops: problem.stops.map(({ windows: _, ...stop }): Stop => stop) }),
  shifts: (problem) => ({
    ...problem,
    vehicles: problem.vehicles.map((vehicle): Vehicle => ({ ...vehicle, shift: [0, 3 * (vehicle.shift?.[1] ?? 0)] })),
  }),
  payloads: (problem) => ({
    ...problem,
    vehicles: problem.vehicles.map(({ capacity: _, ...vehicle }): Vehicle => vehicle),
  }),
  tipHours: (problem) => ({ ...problem, sites: problem.sites?.map(({ windows: _, ...site }) => site) }),
};

/** Searches of which the best plan counts, since one may get stuck where rules bind. */
const SEEDS = 3;

/** The cheapest plan, feasible ones first. */
function best(plans: readonly Solution[]): Solution {
  return plans.reduce((x, y) => ((Number(y.feasible) - Number(x.feasible) || x.cost - y.cost) > 0 ? y : x));
}

/** Minutes and kilograms within which a limit counts as reached. */
const NEAR_S = 600;
const NEAR_LOAD = 0.8;

function share(hits: number, of: number): number {
  return of === 0 ? 0 : Math.round((100 * hits) / of) / 100;
}

/** Windows waited for, reached shortly before they close, or whose stop is left out. */
function tightWindows(problem: Problem, solution: Solution): number {
  const at = new Map(
    solution.routes.flatMap(({ visits }) => visits.filter((v) => v.kind === 'stop').map((v) => [v.index, v])),
  );
  const windowed = [...problem.stops.entries()].filter(([, stop]) => stop.windows?.length);
  const tight = windowed.filter(([index, { windows }]) => {
    const visit = at.get(index);
    const open = windows!.find(([, closeS]) => closeS >= (visit?.startS ?? 0));
    return (
      !visit ||
      !open ||
      visit.startS > visit.arriveS ||
      visit.startS - open[0] < NEAR_S ||
      open[1] - visit.startS < NEAR_S
    );
  });
  return share(tight.length, windowed.length);
}

/** Trips that end with a truck nearly full. */
function tightTrips(problem: Problem, routes: readonly Route[]): number {
  let [full, trips] = [0, 0];
  for (const { vehicle, visits } of routes) {
    const capacity = problem.vehicles[vehicle]!.capacity?.[0] ?? Infinity;
    for (const [i, visit] of visits.entries()) {
      if (visit.kind !== 'disposal') continue;
      trips++;
      if ((visits[i - 1]?.loadAfter[0] ?? 0) >= NEAR_LOAD * capacity) full++;
    }
  }
  return share(full, trips);
}

/** Tippings waited for, or begun shortly before the site closes. */
function tightTips(problem: Problem, routes: readonly Route[]): number {
  const tips = routes.flatMap(({ visits }) => visits.filter((visit) => visit.kind === 'disposal'));
  const tight = tips.filter(({ index, arriveS, startS }) => {
    const windows = problem.sites![index]!.windows ?? [];
    return startS > arriveS || windows.some(([, closeS]) => startS <= closeS && closeS - startS < NEAR_S);
  });
  return share(tight.length, tips.length);
}

function tightShifts(problem: Problem, routes: readonly Route[]): number {
  const late = routes.filter(
    ({ vehicle, endS }) => (problem.vehicles[vehicle]!.shift?.[1] ?? Infinity) - endS < NEAR_S,
  );
  return share(late.length, routes.length);
}

/**
 * Solves an instance under all of its rules, and with each lifted in turn, to show which of them bind.
 * A rule binds when lifting it alone makes a good plan cheaper.
 */
export function measureBinding(
  { problem }: Instance,
  { iterations, seed }: { iterations: number; seed: number },
): Binding {
  const plan = (of: Problem, from: number, initial?: Solution): Solution =>
    solve(of, afterIterations(iterations), { seed: from, ...(initial ? { initial } : {}) }).solution;
  const solution = best(Array.from({ length: SEEDS }, (_, i) => plan(problem, seed + i)));
  const { violations } = check(problem, solution);
  const without = Object.fromEntries(
    // the plan under all rules keeps fewer rules too: what is found from it is what the rule kept it from
    Object.entries(lifted).map(([rule, lift]) => {
      const free = lift(problem);
      return [rule, best([solution, plan(free, seed, solution), plan(free, seed)]).cost];
    }),
  ) as Record<Rule, number>;
  return {
    cost: solution.cost,
    feasible: solution.feasible,
    violations: violations.length,
    servedShare: share(problem.stops.length - solution.unserved.length, problem.stops.length),
    without,
    tight: {
      windows: tightWindows(problem, solution),
      shifts: tightShifts(problem, solution.routes),
      payloads: tightTrips(problem, solution.routes),
      tipHours: tightTips(problem, solution.routes),
    },
  };
}
