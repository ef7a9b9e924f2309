import { flushCompileCache } from 'node:module';
import { Worker, parentPort, workerData } from 'node:worker_threads';
import type { ErrorCode } from '@ronde/contracts';
import { RondeError } from '@ronde/contracts/errors';

type Handlers = Record<string, (...args: never[]) => unknown>;
/** The handlers of a thread as seen from outside: every call is asynchronous. */
export type Remote<H extends Handlers> = {
  [K in keyof H]: (...args: Parameters<H[K]>) => Promise<Awaited<ReturnType<H[K]>>>;
};
interface Call {
  id: number;
  method: string;
  args: unknown[];
}
interface Reply {
  id: number;
  value?: unknown;
  fault?: { message: string; code?: ErrorCode; details?: Record<string, unknown>; stack?: string };
}

/** A worker thread whose handlers are called like functions. Calls run in the order they were made. */
export interface Thread<H extends Handlers> {
  call: Remote<H>;
  /** Resolves when the thread has ended; pending calls reject. */
  close(): Promise<void>;
  /** Calls made and not yet answered. */
  pending(): number;
}

// Less than V8 would take by itself, which is what the machine seems to offer: see bin/ronde.mjs
const MEMORY_MB = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 768 };

/**
 * Starts a worker thread from a module that calls `serveThread`.
 * @throws (by rejection) RondeError with the thread's own code when it cannot start
 */
export async function openThread<H extends Handlers>(module: URL, data: unknown): Promise<Thread<H>> {
  const worker = new Worker(module, { workerData: data, resourceLimits: MEMORY_MB });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  let nextId = 1;
  let ended: Error | undefined;
  const failAll = (reason: Error): void => {
    ended ??= reason;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const ready = new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  worker.on('message', (reply: Reply) => {
    const entry = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.fault) entry?.reject(revive(reply.fault));
    else entry?.resolve(reply.value);
  });
  worker.on('error', (error: Error) => failAll(error));
  worker.on('exit', () => failAll(new RondeError('INTERNAL', 'the worker thread has ended')));
  await ready;
  const invoke = (method: string, args: unknown[]): Promise<unknown> => {
    if (ended) return Promise.reject(ended);
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, args } satisfies Call);
    });
  };
  return {
    call: new Proxy({} as Remote<H>, {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          invoke(method, args),
    }),
    pending: () => waiting.size,
    async close() {
      if (!ended) await invoke('close', []).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/**
 * Serves calls inside a worker thread. `open` gets the data of `openThread` and returns the handlers;
 * a handler named `close` runs before the thread ends.
 */
export function serveThread<D, H extends Handlers>(open: (data: D) => H | Promise<H>): void {
  const port = parentPort;
  if (!port) throw new Error('serveThread runs in a worker thread only');
  const answer = (id: number, work: () => unknown): void => {
    void Promise.resolve()
      .then(work)
      .then(
        (value) => port.postMessage({ id, value } satisfies Reply),
        (thrown: unknown) => port.postMessage({ id, fault: flatten(thrown) } satisfies Reply),
      );
  };
  answer(0, async () => {
    const handlers: Handlers = await open(workerData as D);
    // threads are ended without notice, and what they compiled would not be kept
    flushCompileCache();
    port.on('message', ({ id, method, args }: Call) => {
      const handler = handlers[method];
      answer(id, () => (handler ? handler(...(args as never[])) : undefined));
    });
  });
}

function flatten(thrown: unknown): NonNullable<Reply['fault']> {
  if (thrown instanceof RondeError) {
    return { message: thrown.message, code: thrown.code, ...(thrown.details && { details: thrown.details }) };
  }
  return thrown instanceof Error
    ? { message: thrown.message, ...(thrown.stack && { stack: thrown.stack }) }
    : { message: String(thrown) };
}

function revive(fault: NonNullable<Reply['fault']>): Error {
  if (fault.code)
    return new RondeError(fault.code, fault.message, { ...(fault.details && { details: fault.details }) });
  const error = new Error(fault.message);
  if (fault.stack) error.stack = fault.stack;
  return error;
}
