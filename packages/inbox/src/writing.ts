import type { RondeError } from '@ronde/contracts';
import type { Thread } from '@ronde/kit';
import { createCommitQueue, type CommitQueue } from './commit-queue.ts';
import type { Batch, EncodedBatch } from './frame-codec.ts';
import type { InboxStats, Pace } from './port.ts';
import type { PruneLimits, StoreState, Writer } from './writer-thread.ts';

const PROBE_PERIOD_MS = 1_000;
const HANGING_MS = 10_000;

export interface WritingOptions {
  startWriter(): Promise<Thread<Writer>>;
  maxWaitingBytes: number;
  pace(): Pace;
  onCommitted(batch: EncodedBatch): void;
  onRefuse(message: string): void;
  onRecover(): void;
}
/** The writing side: the queue, the writer thread, and what happens when it cannot write. */
export interface Writing extends Pick<CommitQueue, 'append'> {
  state(): StoreState;
  stats(): Pick<InboxStats, 'waiting' | 'lastCommitMs' | 'commits' | 'fault'>;
  prune(limits: PruneLimits): Promise<number>;
  erase(seqs: readonly number[]): Promise<number>;
  close(): Promise<void>;
}

/** Starts the writer thread and puts the commit queue in front of it. */
export async function openWriting(options: WritingOptions): Promise<Writing> {
  let writer = await options.startWriter();
  let state = await writer.call.state();
  let fault: string | undefined;
  let commits = 0;
  let lastCommitMs = 0;
  let startedMs: number | undefined;
  let probing: NodeJS.Timeout | undefined;

  const recovered = (): void => {
    if (fault === undefined) return;
    fault = undefined;
    clearInterval(probing);
    probing = undefined;
    options.onRecover();
  };
  const restartWhenEnded = async (): Promise<void> => {
    // a writer that lives answers this always; one that has ended gave its lock back
    await writer.call.state().catch(async () => (writer = await options.startWriter().catch(() => writer)));
  };
  const probe = async (): Promise<void> => {
    state = await writer.call.probe();
    recovered();
  };
  const commit = async (batch: Batch): Promise<number> => {
    const blob = batch.encoded();
    startedMs = performance.now();
    try {
      state = await writer.call.commit(blob, batch.frames, batch.fromMs, batch.toMs);
    } finally {
      lastCommitMs = performance.now() - startedMs;
      startedMs = undefined;
    }
    const firstSeq = state.head - batch.frames + 1;
    commits += 1;
    recovered();
    options.onCommitted({ firstSeq, lastSeq: state.head, blob });
    return firstSeq;
  };
  const onFault = ({ message }: RondeError): void => {
    if (fault === undefined) options.onRefuse(message);
    fault = message;
    probing ??= setInterval(() => void probe().catch(restartWhenEnded), PROBE_PERIOD_MS).unref();
  };
  const queue = createCommitQueue({
    commit,
    onFault,
    maxWaitingBytes: options.maxWaitingBytes,
    pace: options.pace,
  });
  const hanging = (): string | undefined =>
    startedMs !== undefined && performance.now() - startedMs > HANGING_MS
      ? 'a commit has not come back for more than 10 s'
      : undefined;
  return {
    append: queue.append,
    state: () => state,
    stats: () => ({ waiting: queue.waiting(), lastCommitMs, commits, fault: fault ?? hanging() }),
    async prune(limits) {
      const dropped = await writer.call.prune(limits);
      state = await writer.call.state();
      return dropped;
    },
    async erase(seqs) {
      const erased = await writer.call.erase([...seqs]);
      state = await writer.call.state();
      return erased;
    },
    async close() {
      await queue.drained();
      clearInterval(probing);
      await writer.close();
    },
  };
}
