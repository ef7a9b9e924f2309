import { check, solve } from '../../packages/solver/src/index.ts';
import type { Instance, StopRule } from '../../packages/solver/src/index.ts';
import { afterCpuSeconds } from './_cpu-budget.ts';
import { fullTown, madeTown } from './_made-instances.ts';

/** One instance of thousands of stops: its plan after the budget, after ten times that if asked for, and what memory it took. */
export interface LargeRow {
  readonly instance: string;
  readonly stops: number;
  readonly vehicles: number;
  readonly feasible: boolean;
  readonly startCost: number;
  readonly cost: number;
  readonly iterationsPerS: number;
  readonly longCost?: number;
  /** how far the plan is above that of ten times the budget */
  readonly gapPercent?: number;
  /** of the whole process so far, with what it took to make the instance */
  readonly peakMemoryMb: number;
}

const LONG = 10;

function plan(
  instance: Instance,
  stop: StopRule,
  seed: number,
): { cost: number; startCost: number; iterations: number } {
  const { solution, stats } = solve(instance.problem, stop, { seed });
  const { ok } = check(instance.problem, solution);
  return { cost: ok ? solution.cost : NaN, startCost: stats.startCost, iterations: stats.iterations };
}

/** Measures 3,000 stops on 30 vehicles: one trip each with hardly room to spare, and several with tips, on limited shifts. */
export function measureLarge({ seconds, seed, long }: { seconds: number; seed: number; long: boolean }): LargeRow[] {
  const size = { stops: 3_000, vehicles: 30 };
  return [fullTown(seed, size), madeTown(seed, { ...size, windows: false })].map((instance) => {
    const { cost, startCost, iterations } = plan(instance, afterCpuSeconds(seconds), seed);
    const longCost = long ? plan(instance, afterCpuSeconds(LONG * seconds), seed).cost : undefined;
    const gapPercent = longCost === undefined ? undefined : Math.round(1e4 * (cost / longCost - 1)) / 100;
    const row = {
      instance: instance.name,
      ...size,
      feasible: !Number.isNaN(cost),
      startCost: Math.round(startCost),
      cost: Math.round(cost),
      iterationsPerS: Math.round(iterations / seconds),
      ...(longCost === undefined ? {} : { longCost: Math.round(longCost), gapPercent }),
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    process.stderr.write(`large           ${JSON.stringify(row)}\n`);
    return row;
  });
}
