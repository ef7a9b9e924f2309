import { openThread, type Thread } from '@ronde/kit/thread';
import type { Problem } from '@ronde/solver';
import type { SolveHandlers, SolveTask, Solved } from './solve-worker.ts';

export type SolveJob = Omit<SolveTask, 'cancel'> & { signal?: AbortSignal | undefined };

/** The solver in a thread of its own that stays warm, so that a small search is not dearer than its start. */
export interface Solver {
  /** Searches; one search at a time, in the order asked for. Rejects when the thread dies: the next call starts another. */
  solve(job: SolveJob): Promise<Solved>;
  /** Starts the thread ahead of the first search. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** A search this long past its budget is told to stop, and as long after that its thread is ended. */
const GRACE_MS = 2_000;

/** Gives a solver whose thread has not started. */
export function createSolver(): Solver {
  let thread: Promise<Thread<SolveHandlers>> | undefined;
  const open = (): Promise<Thread<SolveHandlers>> => {
    thread ??= openThread<SolveHandlers>(new URL('solve-worker.ts', import.meta.url), {});
    return thread;
  };
  const drop = async (): Promise<void> => {
    const dropped = thread;
    thread = undefined;
    await (await dropped?.catch(() => undefined))?.close();
  };
  const call = async <T>(work: (thread: Thread<SolveHandlers>) => Promise<T>): Promise<T> => {
    const used = open();
    try {
      return await work(await used);
    } catch (error) {
      // a fault of the search leaves the thread well, but a new one is cheap and always right
      if (thread === used) await drop();
      throw error;
    }
  };
  return {
    solve: ({ signal, ...job }) =>
      call(async ({ call: remote }) => {
        const cancel = new Int32Array(new SharedArrayBuffer(4));
        const stop = (): void => void Atomics.store(cancel, 0, 1);
        const limits: NodeJS.Timeout[] = [];
        signal?.addEventListener('abort', stop, { once: true });
        if (signal?.aborted) stop();
        if ('seconds' in job.budget) {
          const endMs = job.budget.seconds * 1000 + GRACE_MS;
          limits.push(
            setTimeout(stop, endMs),
            setTimeout(() => void drop(), endMs + GRACE_MS),
          );
        }
        try {
          return await remote.solve({
            ...job,
            problem: share(job.problem),
            cancel: cancel.buffer as SharedArrayBuffer,
          });
        } finally {
          for (const limit of limits) clearTimeout(limit);
          signal?.removeEventListener('abort', stop);
        }
      }),
    warm: async () => void (await open()),
    close: drop,
  };
}

/** Puts the matrices in shared memory, so that handing a problem over costs the event loop no copy of them. */
function share(problem: Problem): Problem {
  const known = new Map<Int32Array, Int32Array>();
  const shared = (matrix: Int32Array): Int32Array => {
    if (matrix.buffer instanceof SharedArrayBuffer) return matrix;
    const kept = known.get(matrix);
    if (kept) return kept;
    const copy = new Int32Array(new SharedArrayBuffer(matrix.byteLength));
    copy.set(matrix);
    known.set(matrix, copy);
    return copy;
  };
  const profiles = new Map(
    problem.profiles.map((profile) => [
      profile,
      { ...profile, distanceM: shared(profile.distanceM), durationS: shared(profile.durationS) },
    ]),
  );
  return { ...problem, profiles: problem.profiles.map((profile) => profiles.get(profile)!) };
}
