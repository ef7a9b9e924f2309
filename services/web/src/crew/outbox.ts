import type { CrewEvent, CrewEventAck } from '@ronde/contracts';
import { delayOf } from '../shared/live/back-off.ts';

/** One event on its way to the server. */
export interface Entry {
  event: CrewEvent;
  /** Place in the queue; events leave in this order. */
  order: number;
  /** Not sent before this moment of the tablet's own clock, ms: the time to undo. */
  heldUntilMs: number;
  /** What the server refused it for: kept for review until a person discards it. */
  fault?: string;
  faultCode?: CrewEventAck['faultCode'];
}

/** Where entries live; every call resolves when the change will survive a kill. */
export interface OutboxStorage {
  load(): Promise<Entry[]>;
  put(entries: Entry[]): Promise<void>;
  remove(ids: string[]): Promise<void>;
}

/** What one attempt to send came to; `unreached` = nobody knows, so send it again. */
export type Delivery = CrewEventAck | 'unreached';

export interface OutboxDeps {
  storage: OutboxStorage;
  /** Sends one event and waits for the answer; never throws. */
  deliver(event: CrewEvent): Promise<Delivery>;
  /** The tablet's own clock, ms. */
  hostMs(): number;
  random(): number;
  /** Calls once after a delay; gives what cancels it. */
  after(delayMs: number, run: () => void): () => void;
  onChange(entries: readonly Entry[]): void;
  /** The server has it (`stored` or `duplicate`). */
  onDelivered(event: CrewEvent): void;
}

/** Keeps what the crew did until the server has it: durable first, sent in order, one at a time, removed only when answered. */
export interface Outbox {
  load(): Promise<void>;
  /** Resolves when the events will survive a kill. */
  add(events: CrewEvent[], holdMs?: number): Promise<void>;
  /** Takes back events that were not sent; gives the ids that were still here. */
  takeBack(ids: readonly string[]): Promise<string[]>;
  entries(): readonly Entry[];
  /** Sends what waits. Safe to call at any moment: one flush runs at a time. */
  flush(): Promise<void>;
  /** Tries at once, without waiting out the back-off. */
  flushNow(): Promise<void>;
  stop(): void;
}

const BACK_OFF = { firstMs: 1_000, maxMs: 60_000 };

/** Makes an empty outbox; `load` fills it from storage. */
export function createOutbox(deps: OutboxDeps): Outbox {
  let entries: Entry[] = [];
  let attempt = 0;
  let retryAtMs = 0;
  let cancelTimer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;
  let inFlight: string | undefined;
  let isStopped = false;

  const set = (next: Entry[]): void => {
    entries = next;
    deps.onChange(next);
  };
  const without = (ids: readonly string[]): Entry[] => entries.filter(({ event }) => !ids.includes(event.id));
  const head = (): Entry | undefined => entries.find(({ fault }) => fault === undefined);

  const wakeAfter = (delayMs: number): void => {
    cancelTimer?.();
    if (!isStopped) cancelTimer = deps.after(delayMs, () => void flush());
  };
  const settle = async (entry: Entry, ack: CrewEventAck): Promise<void> => {
    attempt = 0;
    if (ack.status === 'rejected') {
      const { fault = 'rejected', faultCode } = ack;
      const refused: Entry = { ...entry, fault, ...(faultCode && { faultCode }) };
      await deps.storage.put([refused]);
      return set(entries.map((one) => (one.event.id === refused.event.id ? refused : one)));
    }
    // first tell what it changed, so that no moment shows the stop without its event
    deps.onDelivered(entry.event);
    await deps.storage.remove([entry.event.id]);
    set(without([entry.event.id]));
  };
  const run = async (): Promise<void> => {
    for (;;) {
      const entry = head();
      if (!entry || isStopped) return;
      const nowMs = deps.hostMs();
      const waitMs = Math.max(entry.heldUntilMs, retryAtMs) - nowMs;
      if (waitMs > 0) return wakeAfter(waitMs);
      inFlight = entry.event.id;
      // storage that fails counts as not reached: the entry is still here, and sending it again is harmless
      const isSettled = await deliverOne(entry).catch(() => false);
      inFlight = undefined;
      if (isSettled) continue;
      retryAtMs = deps.hostMs() + delayOf(attempt, deps.random, BACK_OFF);
      attempt += 1;
    }
  };
  const deliverOne = async (entry: Entry): Promise<boolean> => {
    const ack = await deps.deliver(entry.event);
    if (ack === 'unreached') return false;
    await settle(entry, ack);
    return true;
  };
  // a call while a flush is ending must not be lost: the flag is read and the flush cleared in one turn
  const runWhileWanted = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      await run();
    }
    running = undefined;
  };
  const flush = (): Promise<void> => {
    isWanted = true;
    running ??= runWhileWanted();
    return running;
  };

  return {
    async load() {
      // what was made while the storage opened is already in both
      const known = new Set(entries.map(({ event }) => event.id));
      const loaded = (await deps.storage.load()).filter(({ event }) => !known.has(event.id));
      set([...loaded, ...entries].sort((a, b) => a.order - b.order));
    },
    async add(events, holdMs = 0) {
      const heldUntilMs = deps.hostMs() + holdMs;
      const next = (entries.at(-1)?.order ?? 0) + 1;
      const added = events.map((event, index): Entry => ({ event, order: next + index, heldUntilMs }));
      set([...entries, ...added]);
      try {
        await deps.storage.put(added);
      } catch (error) {
        set(without(events.map(({ id }) => id)));
        throw error;
      }
      void flush();
    },
    async takeBack(ids) {
      const here = entries
        .filter(({ event }) => ids.includes(event.id) && event.id !== inFlight)
        .map(({ event }) => event.id);
      await deps.storage.remove(here);
      set(without(here));
      return here;
    },
    entries: () => entries,
    flush,
    flushNow() {
      retryAtMs = 0;
      attempt = 0;
      return flush();
    },
    stop() {
      isStopped = true;
      cancelTimer?.();
    },
  };
}
