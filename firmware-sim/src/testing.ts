import type { SimClock } from './clock.ts';
import type { Wire } from './wire.ts';

/** A clock that stands still until a test moves it; timers that came due run in order, each with the work it began. */
export function createHandClock(
  startMs: number,
  speed = 60,
): SimClock & { advance(ms: number, idle?: () => Promise<void>): Promise<void> } {
  let nowMs = startMs;
  const timers = new Set<{ dueMs: number; periodMs?: number; run: () => void }>();
  const add = (timer: { dueMs: number; periodMs?: number; run: () => void }): (() => void) => {
    timers.add(timer);
    return () => timers.delete(timer);
  };
  return {
    nowMs: () => nowMs,
    speed,
    after: (delayMs, run) => add({ dueMs: nowMs + delayMs, run }),
    every: (periodMs, run) => add({ dueMs: nowMs + periodMs, periodMs, run }),
    async advance(ms, idle) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
        if (!due) break;
        nowMs = Math.max(nowMs, due.dueMs);
        if (due.periodMs === undefined) timers.delete(due);
        else due.dueMs += due.periodMs;
        due.run();
        await idle?.();
      }
      nowMs = untilMs;
    },
  };
}

/** A clock that runs by itself, so many times faster than host time. */
export function createFastClock(startMs: number, speed: number): SimClock & { stop(): void } {
  const originMs = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  return {
    nowMs: () => Math.floor(startMs + (performance.now() - originMs) * speed),
    speed,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs / speed);
      timers.add(timer);
      return () => clearTimeout(timer);
    },
    every(periodMs, run) {
      const timer = setInterval(run, periodMs / speed);
      timers.add(timer);
      return () => clearInterval(timer);
    },
    stop: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

/** A connection that keeps what was published. */
export function createKeepingWire(): Wire & { messages: { topic: string; body: Record<string, unknown> }[] } {
  const messages: { topic: string; body: Record<string, unknown> }[] = [];
  return {
    messages,
    connected: true,
    publish(topic, body) {
      messages.push({ topic, body: body as Record<string, unknown> });
      return Promise.resolve(true);
    },
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Gives what a generator yields in all, and what it returns. */
export function drained<T, R>(batches: Generator<T[], R>): { items: T[]; result: R } {
  const items: T[] = [];
  for (;;) {
    const { value, done } = batches.next();
    if (done) return { items, result: value };
    for (const item of value) items.push(item);
  }
}
