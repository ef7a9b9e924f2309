import type { EngineAnswer, EngineLimits } from './sandbox-engine.ts';

/**
 * What the worker starts with; `progress` is Int32 [job, item + 1 (0 = idle), CPU time at the item's start in µs,
 * LOADING, RUNNING or SPOILT].
 */
export interface WorkerStart {
  limits: EngineLimits;
  progress: SharedArrayBuffer;
  codecs: [key: string, source: string][];
}

/** One call to make; null keeps the place of an item that is already settled. */
export type WorkerItem = { key: string; routine: string; inputText: string } | null;
export type WorkerRequest =
  { kind: 'codec'; key: string; source: string } | { kind: 'job'; id: number; items: WorkerItem[] };
export type WorkerReply = { id: number; answers: (EngineAnswer | null)[] };

/** The id of the first thing a worker says, before any job. */
export const READY = 0;

/** Parsing a large codec takes its time and runs none of it; the wall time counts from when it runs. */
export const LOADING = 0;
export const RUNNING = 1;
/** The item made the engine itself throw: the thread ends, and it is known by whom. */
export const SPOILT = 2;
