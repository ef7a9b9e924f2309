import { openThread } from '@ronde/kit';
import type { Inbox } from '../port.ts';
import type { S3Credentials } from './target.ts';
import type { ShipData, Shipped, Shipper } from './ship-thread.ts';

/** What shipping says about itself, for the log. */
export type ShippingEvent =
  | { name: 'inbox.ship.refuse'; message: string }
  | { name: 'inbox.ship.recover' }
  | { name: 'inbox.ship.skip'; frames: number }
  | { name: 'inbox.ship.other-lines'; lines: string[] };

export interface ShippingOptions {
  dir: string;
  inbox: Pick<Inbox, 'onCommit' | 'stats'>;
  /** file:/path or s3+https://endpoint/bucket/prefix. */
  url: string;
  s3?: Partial<S3Credentials>;
  /** Pause between two looks at what is new. */
  periodMs: number;
  onEvent?: (event: ShippingEvent) => void;
}

export interface ShippingStatus extends Shipped {
  lagFrames: number;
  /** For how long the oldest frame that is not shipped has been durable here; 0 when all is shipped. */
  behindMs: number;
  /** Most that `behindMs` was when a step ended well. */
  worstBehindMs: number;
  lastStepMs: number;
  fault?: string | undefined;
}

/** The continuous copy of the inbox at a second place. It follows the inbox and never holds it up. */
export interface Shipping {
  status(): ShippingStatus;
  /** Ships what is committed now; rejects when the second place does not take it. */
  flush(): Promise<void>;
  /** Writes what was shipped anew without these frames; they must be erased from the inbox after it. Idempotent. */
  erase(seqs: readonly number[]): Promise<number>;
  /** Keeps the record of an erasure at the second place, for restored backups. */
  keepErasure(name: string, text: string): Promise<void>;
  /** Ships what is left, if the second place takes it, and ends. */
  close(): Promise<void>;
}

/**
 * Starts shipping an open inbox in a thread of its own.
 * @throws (by rejection) RondeError CONFIG_INVALID when the URL is unusable; a second place that is out of reach is no fault here
 */
export async function openShipping(options: ShippingOptions): Promise<Shipping> {
  const { dir, inbox, url, s3 = {}, periodMs, onEvent = () => undefined } = options;
  const thread = await openThread<Shipper>(new URL('./ship-thread.ts', import.meta.url), {
    dir,
    url,
    s3,
  } satisfies ShipData);
  let shipped: Shipped = { seq: 0, segments: 0, skipped: 0, otherLines: [] };
  let fault: string | undefined;
  let lastStepMs = 0;
  let worstBehindMs = 0;
  let waitingSinceMs: number | undefined = inbox.stats().frames > 0 ? performance.now() : undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  const unsubscribe = inbox.onCommit(() => void (waitingSinceMs ??= performance.now()));
  const behindMs = (): number => (waitingSinceMs === undefined ? 0 : performance.now() - waitingSinceMs);

  const note = (now: Shipped, startMs: number): void => {
    const skipped = now.skipped - shipped.skipped;
    if (skipped > 0) onEvent({ name: 'inbox.ship.skip', frames: skipped });
    if (now.otherLines.length > shipped.otherLines.length)
      onEvent({ name: 'inbox.ship.other-lines', lines: now.otherLines });
    if (fault !== undefined) onEvent({ name: 'inbox.ship.recover' });
    fault = undefined;
    shipped = now;
    // the backlog of a start is not what a running inbox is behind
    if (lastStepMs > 0) worstBehindMs = Math.max(worstBehindMs, behindMs());
    waitingSinceMs = now.seq >= inbox.stats().head ? undefined : startMs;
    lastStepMs = performance.now() - startMs;
  };
  const step = async (): Promise<void> => {
    const startMs = performance.now();
    try {
      note(await thread.call.step(), startMs);
    } catch (error) {
      const { message } = error as Error;
      if (fault === undefined) onEvent({ name: 'inbox.ship.refuse', message });
      fault = message;
      throw error;
    }
  };
  const once = (): Promise<void> => (running ??= step().finally(() => (running = undefined)));
  const flush = async (): Promise<void> => {
    await running?.catch(() => undefined);
    do await once();
    while (shipped.seq < inbox.stats().head);
  };
  const timer = setInterval(() => void once().catch(() => undefined), periodMs).unref();
  return {
    status: () => ({
      ...shipped,
      lagFrames: waitingSinceMs === undefined ? 0 : Math.max(0, inbox.stats().head - shipped.seq),
      behindMs: behindMs(),
      worstBehindMs,
      lastStepMs,
      fault,
    }),
    async erase(seqs) {
      await flush();
      return thread.call.erase([...seqs]);
    },
    keepErasure: (name, text) => thread.call.keep(name, text),
    flush,
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      unsubscribe();
      await running?.catch(() => undefined);
      if (fault === undefined) await once().catch(() => undefined);
      await thread.close();
    },
  };
}
