import { readFileSync } from 'node:fs';
import { check, parseInstance, afterIterations, afterSeconds, solve } from '../../packages/solver/src/index.ts';
import type { Problem, Solution } from '../../packages/solver/src/index.ts';
import { createTown } from '../../packages/solver/src/fixtures.ts';
import { sharedData } from '../shared-data.ts';
import { nearestNeighbour } from './_nearest-neighbour.ts';

/** Wall time given to each instance. */
const BUDGET_S = 5;

/** Files of the data set with the best known or reference cost of its split-bks.json. */
const INSTANCES: readonly (readonly [file: string, best: number])[] = [
  ['cvrp/A-n32-k5.vrp', 784],
  ['cvrp/X-n101-k25.vrp', 27_591],
  ['cvrp/X-n186-k15.vrp', 24_145],
  ['cvrp/X-n331-k15.vrp', 31_102],
  ['waste/waste-hd-60.json', 87_573],
  ['waste/waste-hd-150-prize.json', 77_427],
];

interface Row {
  readonly instance: string;
  readonly cost: number;
  readonly feasible: boolean;
  readonly startCost: number;
  readonly nearestNeighbour: number | string;
  readonly best?: number;
  readonly gapPercent?: number;
  readonly gapToNearestNeighbourPercent?: number;
  readonly firstPlanMs: number;
  readonly iterationsPerS: number;
}

const percent = (value: number): number => Math.round(value * 10_000) / 100;

function verdict(problem: Problem, solution: Solution): boolean {
  return solution.feasible && check(problem, solution).ok;
}

function measure(instance: string, problem: Problem, best: number | undefined): Row {
  const began = performance.now();
  const first = solve(problem, afterIterations(0), { seed: 1 });
  const firstPlanMs = Math.round(performance.now() - began);
  const { solution, stats } = solve(
    problem,
    afterSeconds(BUDGET_S, () => performance.now()),
    { seed: 1 },
  );
  const simple = nearestNeighbour(problem);
  return {
    instance,
    cost: solution.cost,
    feasible: verdict(problem, solution),
    startCost: first.stats.startCost,
    nearestNeighbour: simple.left ? `leaves ${simple.left} required stops` : simple.cost,
    ...(best ? { best, gapPercent: percent(solution.cost / best - 1) } : {}),
    ...(simple.left ? {} : { gapToNearestNeighbourPercent: percent(solution.cost / simple.cost - 1) }),
    firstPlanMs,
    iterationsPerS: Math.round(stats.iterations / BUDGET_S),
  };
}

/**
 * Solves a made town and, where they are at hand, public instances; beside each the constructive start (savings, or
 * cheapest insertion where trucks tip under way) and the nearest-neighbour rule in the same run.
 */
export async function run(): Promise<object> {
  const rows = [
    measure(
      'made-town-500',
      createTown(1, {
        stops: 500,
        vehicles: 12,
        capacity: 8_000,
        disposal: true,
        windows: true,
        timeCost: true,
        shiftS: 28_800,
      }),
      undefined,
    ),
  ];
  for (const [file, best] of INSTANCES) {
    const path = sharedData(`routing/${file}`);
    const parsed = path ? parseInstance(readFileSync(path, 'utf8')) : undefined;
    if (parsed?.ok) rows.push(measure(parsed.instance.name, parsed.instance.problem, best));
    // Gives the caller's timers a turn between instances.
    await Promise.resolve();
  }
  return { secondsPerInstance: BUDGET_S, rows };
}
