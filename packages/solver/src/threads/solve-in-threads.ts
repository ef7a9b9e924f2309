import type { Problem } from '../problem.ts';
import { share, solveInThread } from '../solve-thread.ts';
import type { ThreadOptions, ThreadResult } from '../solve-thread.ts';
import type { Solution } from '../solution.ts';
import { createBoard } from './board.ts';

/** How to search in several threads. */
export interface ThreadsOptions extends Omit<ThreadOptions, 'company'> {
  /** 1 is the same as solveInThread */
  readonly threads: number;
}

/** Tells whether a plan is better: fewer required stops left out, then cheaper. */
function createRanking({ stops }: Problem): (x: Solution, y: Solution) => boolean {
  const left = ({ unserved }: Solution): number =>
    unserved.filter((stop) => stops[stop]!.prize === undefined && stops[stop]!.alternativeTo === undefined).length;
  return (x, y) => left(x) < left(y) || (left(x) === left(y) && x.cost < y.cost - 1e-6);
}

/**
 * Solves in several threads with a seed each, which exchange plans as they go: the best one of all, or in large plans the
 * parts that each of them worked on. A thread that dies is gone on without.
 * @param start for tests of what happens when a thread dies
 * @returns the best plan, with the iterations of all threads
 * @throws what solveInThread throws, when no thread has a plan
 */
export async function solveInThreads(
  problem: Problem,
  { threads, onImprove, ...options }: ThreadsOptions,
  start = solveInThread,
): Promise<ThreadResult> {
  if (threads === 1) return start(problem, { ...options, ...(onImprove && { onImprove }) });
  const shared = share(problem);
  const board = createBoard(problem, threads);
  const isBetter = createRanking(problem);
  let best: Solution | undefined;
  const tell = (solution: Solution): void => {
    if (best && !isBetter(solution, best)) return;
    best = solution;
    onImprove?.(solution);
  };
  const runs = Array.from({ length: threads }, (_, index) =>
    start(shared, {
      ...options,
      seed: options.seed + index,
      onImprove: tell,
      company: { board, index, seed: options.seed },
    }),
  );
  const ended = await Promise.allSettled(runs);
  const results = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  if (results.length === 0) throw (ended[0] as PromiseRejectedResult).reason;
  const winner = results.reduce((x, y) => (isBetter(y.solution, x.solution) ? y : x));
  const iterations = results.reduce((sum, { stats }) => sum + stats.iterations, 0);
  return { ...winner, stats: { ...winner.stats, iterations } };
}
