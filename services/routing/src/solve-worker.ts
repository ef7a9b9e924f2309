import { setPriority } from 'node:os';
import { serveThread } from '@ronde/kit/thread';
import { afterSeconds, anyOf, explain, replan, solve, whenCancelled } from '@ronde/solver';
import type { Keep, Problem, Reason, Solution } from '@ronde/solver';
import { noteCooling, repeatCooling, type Cooling } from './cooling.ts';

/** One search; with `keep` it stays near the plan it starts from. */
export interface SolveTask {
  problem: Problem;
  seed: number;
  initial?: Solution | undefined;
  keep?: Keep | undefined;
  /** Seconds of host time, or the cooling of an earlier search to go through again. */
  budget: { seconds: number } | { cooling: Cooling };
  /** Int32Array of one: not 0 means stop. */
  cancel: SharedArrayBuffer;
}

export interface Solved {
  solution: Solution;
  reasons: readonly Reason[];
  iterations: number;
  cooling: Cooling;
  /** Stops changed, and stops that no longer fitted where they were; 0 without `keep`. */
  changed: number;
  forced: number;
}

export type SolveHandlers = ReturnType<typeof openHandlers>;

function openHandlers() {
  return {
    solve({ problem, seed, initial, keep, budget, cancel }: SolveTask): Solved {
      const cancelled = new Int32Array(cancel);
      const { rule, cooling } =
        'cooling' in budget
          ? { rule: repeatCooling(budget.cooling), cooling: budget.cooling }
          : noteCooling(
              anyOf(
                afterSeconds(budget.seconds, () => performance.now()),
                whenCancelled(() => Atomics.load(cancelled, 0) !== 0),
              ),
            );
      if (!keep) {
        const { solution, stats } = solve(problem, rule, { seed, ...(initial && { initial }) });
        const reasons = explain(problem, solution);
        return { solution, reasons, iterations: stats.iterations, cooling, changed: 0, forced: 0 };
      }
      const { solution, stats } = replan(problem, rule, { seed, initial: initial ?? EMPTY, keep });
      const { iterations, changed, forced } = stats;
      return { solution, reasons: explain(problem, solution), iterations, cooling, changed, forced };
    },
  };
}

const EMPTY: Solution = {
  routes: [],
  unserved: [],
  cost: 0,
  distanceM: 0,
  durationS: 0,
  prizesLost: 0,
  feasible: true,
};

/** On Linux a thread can be nicer than its process: whatever cores there are, ingest and the API come first. */
if (process.platform === 'linux') setPriority(0, 10);
serveThread(openHandlers);
