import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import { RondeError } from '@ronde/contracts';
import type { EngineAnswer, EngineLimits } from './sandbox-engine.ts';
import { LOADING, READY, SPOILT, fromAnswerColumns, toColumns } from './sandbox-messages.ts';
import type { WorkerItem, WorkerReply, WorkerRequest, WorkerStart } from './sandbox-messages.ts';

export interface PoolOptions {
  limits: EngineLimits;
  /** Wall time one item may take before its worker is killed, ms. */
  wallMs: number;
  /** The worker's script; only a test gives another. */
  workerUrl?: URL;
}

/** One worker at work and one warm spare; a stuck or dead worker is replaced and its open jobs run again. */
export interface SandboxPool {
  add(key: string, source: string): void;
  /** @throws RondeError INTERNAL when no worker can be started on this machine */
  run(items: WorkerItem[]): Promise<(EngineAnswer | null)[]>;
  /** How many workers had to be killed or died so far. */
  kills(): number;
  close(): Promise<void>;
}

interface Job {
  id: number;
  items: WorkerItem[];
  settled: Map<number, EngineAnswer>;
  retried: Set<number>;
  resolve: (answers: (EngineAnswer | null)[]) => void;
  reject: (cause: RondeError) => void;
}

interface Lane {
  worker: Worker;
  progress: Int32Array;
  ready: boolean;
}

/** Below this CPU time a slow item says more about a busy machine than about the codec: wait on. */
const STARVED_CPU_US = 50_000;
/** However starved, this long is the end, ms. */
const BACKSTOP_MS = 2_000;
const POLL_MS = 10;
const MAX_FAILED_STARTS = 4;
const WORKER_URL = new URL('./sandbox-worker.ts', import.meta.url);

/** Opens the pool; both workers start loading at once. */
export function openSandboxPool(options: PoolOptions): SandboxPool {
  const sources = new Map<string, string>();
  const jobs = new Map<number, Job>();
  const strikes = new Map<string, number>();
  const closing = new Set<Promise<unknown>>();
  let nextId = 1;
  let kills = 0;
  let closed = false;
  let failedStarts = 0;
  let broken: RondeError | undefined;
  let watch: NodeJS.Timeout | undefined;
  let seen = { job: 0, item: 0, phase: LOADING, sinceMs: 0 };
  let active = start();
  let spare = start();

  function start(): Lane {
    const progress = new SharedArrayBuffer(16);
    const compileCache = getCompileCacheDir();
    const worker = new Worker(options.workerUrl ?? WORKER_URL, {
      workerData: { limits: options.limits, progress, codecs: [...sources] } satisfies WorkerStart,
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 12, stackSizeMb: 8 },
      // nothing of the environment but where compiled code is kept
      env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache },
      execArgv: [],
    });
    worker.unref();
    const lane = { worker, progress: new Int32Array(progress), ready: false };
    let cause: unknown;
    worker.on('message', (reply: WorkerReply) => {
      if (reply.id === READY) lane.ready = true;
      else if (lane === active) finish(reply);
    });
    worker.on('error', (thrown) => (cause = thrown));
    worker.on('exit', () => {
      if (!lane.ready && !closed) failedStarts++;
      if (failedStarts >= MAX_FAILED_STARTS) giveUp(cause);
      else replace(lane, 'died');
    });
    return lane;
  }

  function giveUp(cause: unknown): void {
    broken = new RondeError('INTERNAL', 'the codec sandbox cannot start its worker thread', { cause });
    idle();
    for (const job of jobs.values()) job.reject(broken);
    jobs.clear();
  }

  function finish(reply: WorkerReply): void {
    const job = jobs.get(reply.id);
    if (!job) return;
    if (strikes.size > 0) for (const item of job.items) if (item) strikes.delete(item.key);
    answer(job, fromAnswerColumns(reply.answers));
  }

  function answer(job: Job, answers: (EngineAnswer | null)[]): void {
    jobs.delete(job.id);
    job.resolve(answers.map((one, index) => job.settled.get(index) ?? one));
    if (jobs.size === 0) idle();
  }

  function idle(): void {
    clearInterval(watch);
    watch = undefined;
    active.worker.unref();
  }

  function post(job: Job): void {
    active.worker.ref();
    active.worker.postMessage({ kind: 'job', id: job.id, items: toColumns(job.items) } satisfies WorkerRequest);
    watch ??= setInterval(look, POLL_MS);
  }

  function look(): void {
    const job = Atomics.load(active.progress, 0);
    const item = Atomics.load(active.progress, 1);
    const phase = Atomics.load(active.progress, 3);
    const nowMs = performance.now();
    const isSame = job === seen.job && item === seen.item && phase === seen.phase && item !== 0;
    if (!isSame) seen = { job, item, phase, sinceMs: nowMs };
    else if (nowMs - seen.sinceMs > (phase === LOADING ? BACKSTOP_MS : options.wallMs)) void judge(active, seen);
  }

  /** Kills a stuck worker, unless it has hardly had the processor since the item began. */
  async function judge(lane: Lane, stuck: typeof seen): Promise<void> {
    const usedUs = await itemCpuUs(lane).catch(() => Infinity);
    if (closed || stuck !== seen || lane !== active) return;
    if (Atomics.load(lane.progress, 0) !== stuck.job || Atomics.load(lane.progress, 1) !== stuck.item) return;
    if (usedUs >= STARVED_CPU_US || performance.now() - stuck.sinceMs > BACKSTOP_MS) replace(lane, 'stuck');
  }

  /** Swaps a stuck or dead worker for the spare and runs its open jobs again without the culprit. */
  function replace(lane: Lane, why: 'stuck' | 'died'): void {
    if (closed || (lane !== active && lane !== spare)) return;
    if (lane.ready) failedStarts = 0;
    kills++;
    const ended = lane.worker.terminate();
    closing.add(ended);
    void ended.finally(() => closing.delete(ended));
    if (lane === spare) {
      spare = start();
      return;
    }
    blame(lane, why);
    active = spare;
    spare = start();
    seen = { job: 0, item: 0, phase: LOADING, sinceMs: performance.now() };
    // What has nothing left to run need not wait for the spare to be ready.
    for (const job of [...jobs.values()]) {
      if (job.settled.size > 0 && job.items.every((item) => item === null)) answer(job, [...job.items] as null[]);
      else post(job);
    }
  }

  function blame(lane: Lane, why: 'stuck' | 'died'): void {
    const job = jobs.get(Atomics.load(lane.progress, 0));
    const index = Atomics.load(lane.progress, 1) - 1;
    if (!job || index < 0) return;
    // A thread may die of something else than this item: it gets a second try, uncounted.
    const isSure = why === 'stuck' || Atomics.load(lane.progress, 3) === SPOILT;
    if (!isSure && !job.retried.has(index)) {
      job.retried.add(index);
      return;
    }
    const key = job.items[index]?.key ?? '';
    settle(job, index);
    strikes.set(key, (strikes.get(key) ?? 0) + 1);
    if ((strikes.get(key) ?? 0) >= options.limits.faultsToStop) dropAll(key);
  }

  /** After repeated kills nothing waiting for the same codec is tried: each try costs everybody a worker. */
  function dropAll(key: string): void {
    strikes.delete(key);
    for (const job of jobs.values()) for (const [i, item] of job.items.entries()) if (item?.key === key) settle(job, i);
  }

  return {
    add(key, source) {
      if (sources.has(key)) return;
      sources.set(key, source);
      for (const { worker } of [active, spare])
        worker.postMessage({ kind: 'codec', key, source } satisfies WorkerRequest);
    },
    run(items) {
      if (closed) return Promise.resolve(items.map(() => CLOSED));
      if (broken) return Promise.reject(broken);
      const { promise, resolve, reject } = Promise.withResolvers<(EngineAnswer | null)[]>();
      const id = nextId++;
      const job: Job = { id, items: [...items], settled: new Map(), retried: new Set(), resolve, reject };
      jobs.set(id, job);
      post(job);
      return promise;
    },
    kills: () => kills,
    async close() {
      closed = true;
      idle();
      await Promise.all([active.worker.terminate(), spare.worker.terminate(), ...closing]);
      for (const job of jobs.values()) job.resolve(job.items.map(() => CLOSED));
      jobs.clear();
    },
  };
}

/** CPU time the current item has used, µs; the counters of both sides are those of the worker's thread. */
async function itemCpuUs(lane: Lane): Promise<number> {
  const { user, system } = await lane.worker.cpuUsage();
  return (user + system - Atomics.load(lane.progress, 2)) | 0;
}

function settle(job: Job, index: number): void {
  job.settled.set(index, KILLED);
  job.items[index] = null;
}

const KILLED: EngineAnswer = { kind: 'fault', text: 'the codec did not end and was killed' };
const CLOSED: EngineAnswer = { kind: 'error', text: 'the sandbox is closed' };
