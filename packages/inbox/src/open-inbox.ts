import { RondeError, isRondeError } from '@ronde/contracts';
import { openThread, type Thread } from '@ronde/kit';
import { createCommitQueue } from './commit-queue.ts';
import type { Batch } from './frame-codec.ts';
import type { Inbox } from './port.ts';
import type { Reader } from './reader-thread.ts';
import { createReads } from './reads.ts';
import { createRecent } from './recent.ts';
import type { StoreState, Writer, WriterData } from './writer-thread.ts';

const MIB = 1024 * 1024;
const RECENT_BYTES = 8 * MIB;
const PROBE_PERIOD_MS = 1_000;
const HANGING_MS = 10_000;

/** What the inbox says about itself, for the log. */
export type InboxEvent =
  | { name: 'inbox.frame.skip'; seqs: number[] }
  | { name: 'inbox.write.refuse'; message: string }
  | { name: 'inbox.write.recover' };

export interface InboxOptions {
  dir: string;
  /** Appends beyond this many waiting bytes are refused; 32 MiB unless told. */
  maxWaitingBytes?: number;
  /** Hard limit of the store's file: beyond it appends are refused until `prune` made room; none unless told. */
  maxStoreBytes?: number | undefined;
  onEvent?: (event: InboxEvent) => void;
}

/**
 * Opens the durable log in a directory, creating it if needed.
 * @throws (by rejection) RondeError DATA_DIR_LOCKED, STORAGE_UNAVAILABLE, STORE_CORRUPT or SCHEMA_NEWER
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const { dir, maxStoreBytes, onEvent = () => undefined } = options;
  const startWriter = (): Promise<Thread<Writer>> =>
    openThread<Writer>(new URL('./writer-thread.ts', import.meta.url), { dir, maxStoreBytes } satisfies WriterData);
  const startReader = (): Promise<Thread<Reader>> => openThread<Reader>(new URL('./reader-thread.ts', import.meta.url), { dir });
  let writer = await startWriter();
  const reader = await startReader().catch(async (thrown: unknown) => {
    await writer.close();
    throw thrown;
  });
  let state: StoreState = await writer.call.state();
  let closed = false;
  let fault: string | undefined;
  let commits = 0;
  let lastCommitMs = 0;
  let commitStartedMs: number | undefined;
  let corrupt = 0;
  let probing: NodeJS.Timeout | undefined;
  const recent = createRecent(RECENT_BYTES);
  const listeners = new Set<(head: number) => void>();

  const recovered = (): void => {
    fault = undefined;
    clearInterval(probing);
    probing = undefined;
    onEvent({ name: 'inbox.write.recover' });
  };
  const probe = async (): Promise<void> => {
    state = await writer.call.probe();
    if (fault !== undefined) recovered();
  };
  const probeOrRestart = (): void => {
    void probe().catch(async (thrown: unknown) => {
      // a writer that has ended answers INTERNAL to everything; its lock went with it
      if (!closed && isRondeError(thrown, 'INTERNAL')) writer = await startWriter().catch(() => writer);
    });
  };
  const queue = createCommitQueue({
    maxWaitingBytes: options.maxWaitingBytes ?? 32 * MIB,
    async commit(batch: Batch) {
      const blob = batch.encoded();
      commitStartedMs = performance.now();
      try {
        state = await writer.call.commit(blob, batch.frames, batch.fromMs, batch.toMs);
      } finally {
        lastCommitMs = performance.now() - commitStartedMs;
        commitStartedMs = undefined;
      }
      const firstSeq = state.head - batch.frames + 1;
      recent.push({ firstSeq, lastSeq: state.head, blob });
      return firstSeq;
    },
    onCommitted() {
      commits += 1;
      if (fault !== undefined) recovered();
      for (const listener of listeners) listener(state.head);
    },
    onFault(error) {
      if (fault === undefined) onEvent({ name: 'inbox.write.refuse', message: error.message });
      fault = error.message;
      probing ??= setInterval(probeOrRestart, PROBE_PERIOD_MS).unref();
    },
  });
  const reads = createReads({
    reader,
    recent,
    head: () => state.head,
    onCorrupt(seqs) {
      corrupt += seqs.length;
      onEvent({ name: 'inbox.frame.skip', seqs });
    },
  });
  return {
    append: (frame) => (closed ? Promise.reject(new RondeError('STORAGE_UNAVAILABLE', 'the inbox is closed')) : queue.append(frame)),
    ...reads,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async prune(limits) {
      const dropped = await writer.call.prune(limits);
      state = await writer.call.state();
      recent.dropBelow(state.tail);
      return dropped;
    },
    stats() {
      const hangs = commitStartedMs !== undefined && performance.now() - commitStartedMs > HANGING_MS;
      const trouble = fault ?? (hangs ? 'a commit has not come back for more than 10 s' : undefined);
      return { ...state, waiting: queue.waiting(), lastCommitMs, commits, corrupt, fault: trouble };
    },
    async backup(file) {
      const thread = await startReader();
      await thread.call.backup(file).finally(() => thread.close());
    },
    async close() {
      if (closed) return;
      closed = true;
      await queue.drained();
      clearInterval(probing);
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
