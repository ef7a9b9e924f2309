import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { explain } from './explain.ts';
import type { Reason } from './explain.ts';
import type { Problem } from './problem.ts';
import { mapMatrices } from './resolve/matrices.ts';
import { takeSeat, vacate } from './threads/board.ts';
import type { Board } from './threads/board.ts';
import type { Company } from './threads/exchange.ts';
import type { Solution, Stats } from './solution.ts';
import { solve } from './solve.ts';
import { afterIterations, afterSeconds, anyOf, whenCancelled } from './stop.ts';

/** Improvements are posted at most this often; the last plan always comes with done. */
const POST_EVERY_MS = 50;
/** A thread that does not answer this long after its budget is ended. */
const GRACE_MS = 2_000;
/** How many times that it gets when it has no plan at all yet. */
const PATIENCE = 10;

/** How to search in a thread; at least one of seconds and iterations. */
export interface ThreadOptions {
  /** wall time of the search */
  readonly seconds?: number;
  readonly iterations?: number;
  readonly seed: number;
  readonly initial?: Solution;
  /** called with better plans as they are found, in order, some skipped when they come in quick succession */
  readonly onImprove?: (solution: Solution) => void;
  /** also say why each stop is in or out; takes part of a second for hundreds of stops, in the thread */
  readonly explain?: boolean;
  /** ends the search early; the best plan so far is the answer */
  readonly signal?: AbortSignal;
  /** other threads that search the same problem; see solveInThreads */
  readonly company?: ThreadCompany;
}

/** A seat at a board where threads exchange plans. */
export interface ThreadCompany {
  readonly board: Board;
  readonly index: number;
  /** the same for all of them */
  readonly seed: number;
}

/** Stats of a search in a thread. */
export interface ThreadStats extends Stats {
  readonly seconds: number;
}

interface Task {
  readonly problem: Problem;
  readonly seconds?: number;
  readonly iterations?: number;
  readonly seed: number;
  readonly initial?: Solution;
  readonly explain?: boolean;
  readonly company?: ThreadCompany;
  /** Int32Array of one: not 0 means stop */
  readonly cancel: SharedArrayBuffer;
}

/** What the thread posts. */
export type ThreadMessage =
  | { readonly kind: 'improved'; readonly solution: Solution }
  | {
      readonly kind: 'done';
      readonly solution: Solution;
      readonly stats: ThreadStats;
      readonly reasons: readonly Reason[];
    };

/** What a search in a thread gives; reasons are empty unless asked for, or when the thread had to be ended. */
export interface ThreadResult {
  readonly solution: Solution;
  readonly stats: ThreadStats;
  readonly reasons: readonly Reason[];
}

/** Puts the matrices in shared memory, so that a large one is copied at most once however often it is solved. */
export function share(problem: Problem): Problem {
  const profiles = mapMatrices(problem, (matrix) => {
    if (matrix.buffer instanceof SharedArrayBuffer) return matrix;
    const copy = new Int32Array(new SharedArrayBuffer(matrix.byteLength));
    copy.set(matrix);
    return copy;
  });
  return { ...problem, profiles };
}

/**
 * Solves in a worker thread, which is ended when it is 2 s past its budget, or 20 s later while it has no plan at all.
 * @param options seconds or iterations end the search; an aborted signal does so at once
 * @returns the best plan; after an overrun the last one posted
 * @throws RangeError when the problem has faults or no budget is given; Error when the thread dies before any plan
 */
export async function solveInThread(problem: Problem, options: ThreadOptions): Promise<ThreadResult> {
  const { seconds, iterations, seed, initial, onImprove, signal } = options;
  if (seconds === undefined && iterations === undefined) throw new RangeError('give seconds or iterations');
  const cancel = new Int32Array(new SharedArrayBuffer(4));
  const task: Task = {
    problem: share(problem),
    seconds,
    iterations,
    seed,
    initial,
    explain: options.explain,
    company: options.company,
    cancel: cancel.buffer as SharedArrayBuffer,
  };
  const worker = new Worker(new URL(import.meta.url), { workerData: { solveTask: task } });
  const began = performance.now();
  let last: Solution | undefined;
  let improvements = 0;
  const limits: NodeJS.Timeout[] = [];
  // On a machine that is busy a thread may take seconds to start; a first plan late is better than none.
  const end = (patience: number): void => {
    if (last || patience === 0) void worker.terminate();
    else limits.push(setTimeout(() => end(patience - 1), GRACE_MS));
  };
  const stop = (): void => {
    Atomics.store(cancel, 0, 1);
    limits.push(setTimeout(() => end(PATIENCE), GRACE_MS));
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  if (seconds !== undefined) limits.push(setTimeout(() => end(PATIENCE), seconds * 1000 + GRACE_MS));
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'done')
          return resolve({ solution: message.solution, stats: message.stats, reasons: message.reasons });
        last = message.solution;
        improvements++;
        onImprove?.(message.solution);
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        if (!last) return reject(new Error('the solver thread ended without a plan'));
        const stats = { iterations: 0, improvements, startCost: last.cost, bestCost: last.cost, requiredLeft: 0 };
        resolve({ solution: last, stats: { ...stats, seconds: (performance.now() - began) / 1000 }, reasons: [] });
      });
    });
  } finally {
    for (const limit of limits) clearTimeout(limit);
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
    if (options.company) vacate(options.company.board, options.company.index);
  }
}

function companyOf({ board, index, seed }: ThreadCompany, { seconds }: Task, flag: Int32Array): Company {
  const isCancelled = (): boolean => Atomics.load(flag, 0) !== 0;
  return { seat: takeSeat(board, index), seed, hurried: seconds !== undefined, isCancelled };
}

/** Runs a task and posts its plans. */
function run(task: Task, post: (message: ThreadMessage) => void): void {
  const nowMs = (): number => performance.now();
  const began = nowMs();
  const flag = new Int32Array(task.cancel);
  const rules = [whenCancelled(() => Atomics.load(flag, 0) !== 0)];
  if (task.seconds !== undefined) rules.push(afterSeconds(task.seconds, nowMs));
  if (task.iterations !== undefined) rules.push(afterIterations(task.iterations));
  let posted = -Infinity;
  const onImprove = (solution: Solution): void => {
    posted = nowMs();
    post({ kind: 'improved', solution });
  };
  const { solution, stats } = solve(task.problem, anyOf(...rules), {
    seed: task.seed,
    initial: task.initial,
    onImprove,
    ...(task.company && { company: companyOf(task.company, task, flag) }),
    wantsPlan: () => nowMs() - posted >= POST_EVERY_MS,
  });
  const seconds = (nowMs() - began) / 1000;
  // should explaining be cut off, this plan is the answer
  post({ kind: 'improved', solution });
  const reasons = task.explain ? explain(task.problem, solution) : [];
  post({ kind: 'done', solution, stats: { ...stats, seconds }, reasons });
}

const given = workerData as { solveTask?: Task } | null;
if (!isMainThread && parentPort && given?.solveTask) {
  const port = parentPort;
  run(given.solveTask, (message) => port.postMessage(message));
}
