import { ERRORS, isRondeError, type StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Announcer } from './announce.ts';
import type { IngestMetrics } from './observe.ts';
import type { Committed, Pipeline, Prepared, ReadBatch } from './pipeline.ts';
import { createReadAhead } from './read-ahead.ts';
import { Stopped, isPoison, type Retry } from './retry.ts';
import { openLedger, refuse } from './steps/ledger.ts';
import { memoryless } from './steps/memory.ts';

/** The sink's name in the readings store, of the only or first worker. */
export const CURSOR = 'ingest';

/** Names the sink of one of several workers: each reads its own inbox. */
export function cursorOf(worker: string): string {
  return worker === 'main' ? CURSOR : `${CURSOR}:${worker}`;
}

export interface ConsumerParts {
  inbox: Pick<Inbox, 'read' | 'onCommit' | 'stats'>;
  readings: Pick<ReadingsStore, 'cursor'>;
  pipeline: Pipeline;
  announcer: Announcer;
  retry: Retry;
  metrics: IngestMetrics;
  log: Logger;
  batchFrames: number;
  cursor: string;
  /** Hears of uplinks of devices that nobody registered, once their dead letters are stored; it never rejects. */
  onUnknown: (committed: Committed) => Promise<void>;
  /** Hears of every batch once it is stored; it must not throw. */
  onCommitted: (committed: Committed) => void;
}

/** Handles the inbox in order from the stored cursor on; holds at most one batch in memory, and the next one read ahead. */
export interface Consumer {
  start(): Promise<void>;
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
  /** Last frame whose readings are stored. */
  position(): number;
  /** When that frame was received, ms since 1970; -Infinity before the first one since the start. */
  receivedUntilMs(): number;
  /** Resolves when the batch in hand is done: what comes after it sees what has changed until this call. */
  batchDone(): Promise<void>;
  /** Why the inbox is no longer read; undefined while it is. */
  fault(): string | undefined;
}

interface Ahead {
  read?: ReadBatch | undefined;
  /** These frames are all that were taken: what follows them comes next. */
  isWhole: boolean;
}
const NOT_AHEAD: Ahead = { isWhole: false };

export function createConsumer(parts: ConsumerParts): Consumer {
  const { inbox, readings, pipeline, announcer, retry, metrics, log } = parts;
  const readAhead = createReadAhead(parts);
  let position = 0;
  let receivedUntilMs = -Infinity;
  let stopping = false;
  let fault: string | undefined;
  let running: Promise<void> = Promise.resolve();
  let inHand: Promise<unknown> = Promise.resolve();
  let unsubscribe: () => void = () => undefined;
  let fresh = false;
  let wake: () => void = () => undefined;
  const notify = (): void => {
    fresh = true;
    wake();
  };
  const woken = async (): Promise<void> => {
    if (!fresh) await new Promise<void>((resolve) => (wake = resolve));
    fresh = false;
  };

  async function consume(): Promise<void> {
    while (!stopping) {
      const turn = takeTurn();
      inHand = turn;
      if (!(await turn)) await woken();
    }
  }

  /** Reads and handles one batch; false when there was none. */
  async function takeTurn(): Promise<boolean> {
    const { head } = inbox.stats();
    const { frames, read } = await retry.run(() => readAhead.take(position));
    if (frames.length === 0) {
      // frames at the end that were erased or cannot be read: nothing waits
      position = Math.max(position, head);
      return false;
    }
    const runs = runsByTenant(frames);
    if (runs.length === 1) await handle(frames, { read, isWhole: true });
    else for (const run of runs) await handle(run);
    return true;
  }

  async function handle(frames: readonly StoredFrame[], ahead: Ahead = NOT_AHEAD): Promise<void> {
    const startedAt = performance.now();
    try {
      for (let attempt = 0; ; attempt += 1) {
        const prepared = await prepare(frames, attempt === 0 ? ahead : NOT_AHEAD);
        if (await stored(prepared, frames, { startedAt, attempt })) return;
        log.info({ frames: frames.length, first_seq: frames[0]?.seq }, 'ingest.batch.prepare-again');
      }
    } catch (thrown) {
      if (!isPoison(thrown)) throw thrown;
      log.error({ err: thrown, frames: frames.length, first_seq: frames[0]?.seq }, 'ingest.batch.split');
      if (frames.length > 1) for (const frame of frames) await handle([frame]);
      else await commit(poisoned(frames[0]!, thrown), frames, { startedAt });
    }
  }

  /** Once a batch is read, the next one is read beside it: unless it left behind what the next one must recall. */
  async function prepare(frames: readonly StoredFrame[], { read, isWhole }: Ahead): Promise<Prepared> {
    let unused = read;
    const prepared = await retry.run(async () => {
      const batch = unused ?? (await pipeline.read(frames));
      unused = undefined;
      if (isWhole && !batch.recollection.hasNews()) readAhead.begin(frames.at(-1)!.seq);
      return pipeline.prepare(frames, {}, batch);
    });
    if (prepared.recollection.hasNews()) readAhead.drop();
    return prepared;
  }

  /** False when another worker was faster with a copy of one of the uplinks: then nothing was stored. */
  async function stored(
    prepared: Prepared,
    frames: readonly StoredFrame[],
    of: { startedAt: number; attempt: number },
  ): Promise<boolean> {
    try {
      await commit(prepared, frames, of);
      return true;
    } catch (thrown) {
      if (isRondeError(thrown, 'UPLINK_TAKEN')) return false;
      throw thrown;
    }
  }

  async function commit(
    prepared: Prepared,
    frames: readonly StoredFrame[],
    { startedAt, attempt = 0 }: { startedAt: number; attempt?: number },
  ): Promise<void> {
    const seq = frames.at(-1)!.seq;
    const cursor = { name: parts.cursor, seq };
    const committed: Committed = await retry.run(() => pipeline.commit(prepared, cursor, attempt));
    position = seq;
    receivedUntilMs = frames.at(-1)!.receivedAtMs;
    metrics.batch(committed, (performance.now() - startedAt) / 1000);
    parts.onCommitted(committed);
    await parts.onUnknown(committed);
    await announcer.announce(committed);
  }

  return {
    position: () => position,
    receivedUntilMs: () => receivedUntilMs,
    batchDone() {
      readAhead.drop();
      return inHand.then(
        () => undefined,
        () => undefined,
      );
    },
    fault: () => fault,
    async start() {
      // an inbox begun anew, or brought back from an older backup, counts from less than the sink has seen
      const { head, tail } = inbox.stats();
      // the numbers of a worker's inbox need not begin with 1
      position = Math.min(Math.max(await readings.cursor(parts.cursor), tail - 1), head);
      unsubscribe = inbox.onCommit(notify);
      running = consume().catch((thrown: unknown) => {
        if (thrown instanceof Stopped) return;
        fault = thrown instanceof Error ? thrown.message : String(thrown);
        log.error({ err: thrown }, 'ingest.consume.throw');
      });
    },
    async stop() {
      stopping = true;
      unsubscribe();
      retry.stop();
      notify();
      await running;
      await announcer.settled();
    },
  };
}

/** Splits a batch where the tenant changes: a transaction of the store has one tenant and one cursor. */
function runsByTenant(frames: readonly StoredFrame[]): StoredFrame[][] {
  const runs: StoredFrame[][] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last?.[0]?.tenant === frame.tenant) last.push(frame);
    else runs.push([frame]);
  }
  return runs;
}

/** What a frame becomes that no step could refuse and no store could take: a dead letter, and the way goes on. */
function poisoned(frame: StoredFrame, thrown: unknown): Prepared {
  const ledger = openLedger();
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  refuse(ledger, frame, {
    stage: 'store',
    code: 'PAYLOAD_MALFORMED',
    reason: `the readings could not be stored: ${cause}`,
    remedy: ERRORS.PAYLOAD_MALFORMED.remedy,
  });
  const nothing = { finished: [], keys: [], told: [], heard: [], trials: [], recollection: memoryless() };
  return { tenant: frame.tenant, frames: [frame], ledger, ...nothing };
}
