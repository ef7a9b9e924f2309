import { randomUUID } from 'node:crypto';
import type { BusEventName, BusEvents } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { Bus } from '../port.ts';
import { openMemoryBus } from './memory.ts';

/** What carries texts between processes, each to all; none is kept for who is away. */
export interface Channel {
  /** Hands a text over; false when it cannot be sent at this moment. */
  send(text: string): boolean;
  close(): Promise<void>;
}
export interface ChannelEvents {
  onText(text: string): void;
  /** The connection is there (again). */
  onUp(): void;
  onDown(reason: string): void;
}
export type OpenChannel = (events: ChannelEvents) => Promise<Channel>;

/** One event, or without `e` a sign of life that tells how many there were. */
interface Message {
  /** The publisher's run; its numbers begin with 1. */
  f: string;
  n: number;
  e?: BusEventName;
  p?: unknown;
}

const SIGN_OF_LIFE_MS = 3_000;
const MOST_WAITING = 20_000;
/** A publisher that has not been heard this long is forgotten. */
const FORGET_MS = 60_000;

/**
 * Opens a bus over a channel: handlers of this process are called as on the in-process bus, those of others through the
 * channel. Every message carries the publisher's run and its number; a number that is missing is a gap.
 */
export async function openSharedBus(openChannel: OpenChannel, log: Logger): Promise<Bus> {
  const local = openMemoryBus(log);
  const self = randomUUID();
  const heard = new Map<string, { n: number; atMs: number }>();
  const onGap = new Set<() => void | Promise<void>>();
  const waiting: Message[] = [];
  let isWorking = false;
  let isUp = false;
  let wasUp = false;
  let upSinceMs = 0;
  let trouble = 'connecting';
  let sent = 0;

  const gap = (reason: string): void => {
    log.warn({ reason }, 'bus.gap.notice');
    for (const handler of onGap)
      void (async () => handler())().catch((error: unknown) => log.error({ err: error }, 'bus.gap.throw'));
  };
  /** One after the other: a slow handler holds up the next event, not the memory. */
  const work = async (): Promise<void> => {
    isWorking = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await local.publish(next.e!, next.p as never);
    isWorking = false;
  };
  const take = (message: Message): void => {
    if (message.f === self) return;
    const before = heard.get(message.f);
    const isEvent = message.e !== undefined;
    if (before && message.n <= before.n) {
      before.atMs = performance.now();
      // a copy of what was there already; a sign of life repeats the last number
      return;
    }
    heard.set(message.f, { n: message.n, atMs: performance.now() });
    const expected = isEvent ? 1 : 0;
    if (before && message.n > before.n + expected) gap(`${message.n - before.n - expected} events are missing`);
    // heard for the first time in the middle of its run: we missed its beginning, unless it began before us
    else if (!before && message.n > 1 && isEvent && performance.now() - upSinceMs > 2 * SIGN_OF_LIFE_MS)
      gap('a publisher was heard late');
    if (!isEvent) return;
    if (waiting.length >= MOST_WAITING) {
      waiting.length = 0;
      gap(`more than ${MOST_WAITING} events wait for slow handlers`);
    }
    waiting.push(message);
    if (!isWorking) void work();
  };
  const channel = await openChannel({
    onText(text) {
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch {
        return log.warn('bus.message.refuse');
      }
      if (isMessage(message)) take(message);
      else log.warn('bus.message.refuse');
    },
    onUp() {
      isUp = true;
      upSinceMs = performance.now();
      if (wasUp) gap('the connection was lost');
      wasUp = true;
    },
    onDown(reason) {
      isUp = false;
      trouble = reason;
    },
  });
  const send = (message: Omit<Message, 'f'>): void => void channel.send(JSON.stringify({ f: self, ...message }));
  const living = setInterval(() => {
    send({ n: sent });
    for (const [publisher, { atMs }] of heard) if (performance.now() - atMs > FORGET_MS) heard.delete(publisher);
  }, SIGN_OF_LIFE_MS);
  living.unref();
  send({ n: sent });

  return {
    ...local,
    async publish<E extends BusEventName>(event: E, payload: BusEvents[E]) {
      sent += 1;
      // numbered also when it cannot be sent: whoever hears the next one knows that it missed this one
      send({ n: sent, e: event, p: payload });
      await local.publish(event, payload);
    },
    onGap(handler) {
      onGap.add(handler);
      return () => void onGap.delete(handler);
    },
    health: () => (isUp ? { ok: true } : { ok: false, detail: `the bus cannot be reached: ${trouble}` }),
    async close() {
      clearInterval(living);
      await channel.close();
      await local.close();
    },
  };
}

function isMessage(value: unknown): value is Message {
  const { f, n, e } = (value ?? {}) as Partial<Message>;
  return typeof f === 'string' && Number.isSafeInteger(n) && (e === undefined || typeof e === 'string');
}
