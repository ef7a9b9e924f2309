import { RondeError } from '@ronde/contracts';
import { openThread, type Thread } from '@ronde/kit';
import type { Inbox, Pace } from './port.ts';
import type { Reader } from './reader-thread.ts';
import { createReads } from './reads.ts';
import { createRecent } from './recent.ts';
import type { Writer, WriterData } from './writer-thread.ts';
import { openWriting } from './writing.ts';

const MIB = 1024 * 1024;
const RECENT_BYTES = 4 * MIB;
const AT_ONCE: Pace = { waitMs: () => 0, taken: () => undefined };

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
  /** Seqs are greater than this, so that several inboxes never number a frame alike; 0 unless told. */
  firstSeq?: number | undefined;
  onEvent?: (event: InboxEvent) => void;
}

/**
 * Opens the durable log in a directory, creating it if needed.
 * @throws (by rejection) RondeError DATA_DIR_LOCKED, STORAGE_UNAVAILABLE, STORE_CORRUPT or SCHEMA_NEWER
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const { dir, maxStoreBytes, firstSeq, onEvent = () => undefined } = options;
  const startReader = (): Promise<Thread<Reader>> =>
    openThread<Reader>(new URL('./reader-thread.ts', import.meta.url), { dir });
  const recent = createRecent(RECENT_BYTES);
  const listeners = new Set<(head: number) => void>();
  let closed = false;
  let corrupt = 0;
  let pace = AT_ONCE;
  const writing = await openWriting({
    startWriter: () =>
      openThread<Writer>(new URL('./writer-thread.ts', import.meta.url), {
        dir,
        maxStoreBytes,
        firstSeq,
      } satisfies WriterData),
    maxWaitingBytes: options.maxWaitingBytes ?? 32 * MIB,
    pace: () => pace,
    onCommitted(batch) {
      recent.push(batch);
      for (const listener of listeners) listener(batch.lastSeq);
    },
    onRefuse: (message) => onEvent({ name: 'inbox.write.refuse', message }),
    onRecover: () => onEvent({ name: 'inbox.write.recover' }),
  });
  const reader = await startReader().catch(async (thrown: unknown) => {
    await writing.close();
    throw thrown;
  });
  const { forget, ...reads } = createReads({
    reader,
    recent,
    head: () => writing.state().head,
    onCorrupt(seqs) {
      corrupt += seqs.length;
      onEvent({ name: 'inbox.frame.skip', seqs });
    },
  });
  return {
    append: (...frames) =>
      closed ? Promise.reject(new RondeError('STORAGE_UNAVAILABLE', 'the inbox is closed')) : writing.append(...frames),
    ...reads,
    pace: (given = AT_ONCE) => void (pace = given),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async prune(limits) {
      const dropped = await writing.prune(limits);
      recent.dropBelow(writing.state().tail);
      return dropped;
    },
    async erase(seqs) {
      const erased = await writing.erase(seqs);
      recent.clear();
      forget();
      return erased;
    },
    stats: () => ({ ...writing.state(), ...writing.stats(), corrupt }),
    async backup(file) {
      const thread = await startReader();
      await thread.call.backup(file).finally(() => thread.close());
    },
    async close() {
      if (closed) return;
      closed = true;
      // the writer last: only a connection that may write can fold the log into the store's file when it closes
      await reader.close();
      await writing.close();
    },
  };
}
