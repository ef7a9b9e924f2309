import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { cpuUs, openEngine } from './sandbox-engine.ts';
import type { EngineAnswer } from './sandbox-engine.ts';
import { LOADING, READY, RUNNING, SPOILT, fromColumns, toAnswerColumns } from './sandbox-messages.ts';
import type { WorkerItem, WorkerReply, WorkerRequest, WorkerStart } from './sandbox-messages.ts';

/** A long batch must not run into the same wall a thousand times. */
const PAUSED: EngineAnswer = { kind: 'paused', text: 'the codec is paused after repeated faults' };

/** QuickJS asks this thread's Date for the time zone: codecs run in UTC wherever the machine stands. */
function standInUtc(): void {
  const date = Date.prototype;
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds'] as const)
    date[`get${part}`] = date[`getUTC${part}`];
  date.getTimezoneOffset = () => 0;
}

async function main(port: MessagePort): Promise<void> {
  const start = workerData as WorkerStart;
  const progress = new Int32Array(start.progress);
  standInUtc();
  const engine = await openEngine(start.limits);
  // threads are ended without notice, and what they compiled would not be kept
  flushCompileCache();
  const sources = new Map(start.codecs);

  function runItem(item: WorkerItem, index: number, faults: Map<string, number>): EngineAnswer | null {
    if (!item) return null;
    const before = faults.get(item.key) ?? 0;
    if (before >= start.limits.faultsToStop) return PAUSED;
    const source = sources.get(item.key) ?? '';
    Atomics.store(progress, 3, LOADING);
    Atomics.store(progress, 1, index + 1);
    engine.load(item.key, source);
    Atomics.store(progress, 2, cpuUs());
    Atomics.store(progress, 3, RUNNING);
    const answer = callEngine(item, source);
    faults.set(item.key, answer.kind === 'fault' ? before + 1 : 0);
    return answer;
  }

  function callEngine({ key, routine, inputText }: NonNullable<WorkerItem>, source: string): EngineAnswer {
    try {
      return engine.call(key, source, routine, inputText);
    } catch (cause) {
      // The engine was left half-way, as by a recursion deeper than the thread's stack: let the thread die.
      Atomics.store(progress, 3, SPOILT);
      throw cause;
    }
  }

  port.on('message', (request: WorkerRequest) => {
    if (request.kind === 'codec') {
      sources.set(request.key, request.source);
      return;
    }
    Atomics.store(progress, 0, request.id);
    const faults = new Map<string, number>();
    const answers = fromColumns(request.items).map((item, index) => runItem(item, index, faults));
    Atomics.store(progress, 1, 0);
    port.postMessage({ id: request.id, answers: toAnswerColumns(answers) } satisfies WorkerReply);
    // the pool has a spare, and runs again what was waiting here
    if (engine.isBloated()) process.exit();
  });
  port.postMessage({ id: READY, answers: toAnswerColumns([]) } satisfies WorkerReply);
}

// A throw out of the engine means the WASM module is spoilt: let the thread die, the pool has a spare.
if (!parentPort) throw new Error('sandbox-worker runs only as a worker thread');
await main(parentPort);
