import { openEncoders } from '@ronde/sensor-types';
import type { City } from './city/model.ts';
import { HOUR_MS, type SimClock } from './clock.ts';
import { createEngine, type Engine, type Posting } from './devices/engine.ts';
import { worldLine } from './devices/truth-lines.ts';
import type { FaultMix } from './faults/model.ts';
import { createWorld } from './fill/world.ts';
import { openNetworks } from './networks/index.ts';
import type { Truth } from './truth.ts';
import { openTypeBook, type TypeBook } from './type-book.ts';

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
  const nowMs = (): number => Math.floor(startMs + (performance.now() - originMs) * speed);
  return {
    nowMs,
    speed,
    after(delayMs, run) {
      const dueMs = nowMs() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        // a host timer may fire a fraction of a millisecond early, which is a second here
        timer = setTimeout(() => (nowMs() < dueMs ? arm() : run()), Math.max(0, dueMs - nowMs()) / speed);
        timers.add(timer);
      };
      arm();
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

/** Gives what a generator yields in all, and what it returns. */
export function drained<T, R>(batches: Generator<T[], R>): { items: T[]; result: R } {
  const items: T[] = [];
  for (;;) {
    const { value, done } = batches.next();
    if (done) return { items, result: value };
    for (const item of value) items.push(item);
  }
}

/** A ground truth that keeps its lines. */
export function createKeepingTruth(): Truth & { lines: Record<string, unknown>[]; of<T>(kind: string): T[] } {
  const lines: Record<string, unknown>[] = [];
  return {
    on: true,
    lines,
    write: (line) => void lines.push(line as Record<string, unknown>),
    of: <T>(kind: string) => lines.filter((line) => line['kind'] === kind) as T[],
    close: () => undefined,
  };
}

/** Lets a fleet report for a while, with nothing between it and the test. */
export async function runFleet(options: {
  fleet: Pick<City, 'seed' | 'devices' | 'demand'>;
  mix: FaultMix;
  hours: number;
  startMs?: number;
  visits?: boolean;
  truth?: Truth;
  put?: (posting: Posting) => void;
}): Promise<{ postings: Posting[]; engine: Engine; truth: ReturnType<typeof createKeepingTruth>; types: TypeBook }> {
  const { fleet, mix, hours, startMs = Date.UTC(2026, 8, 14, 6) } = options;
  const types = await openTypeBook(
    await openEncoders(),
    fleet.devices.map(({ typeId, standsFor }) => standsFor ?? typeId),
  );
  const networks = openNetworks('default');
  const kept = createKeepingTruth();
  const truth = options.truth ?? kept;
  const world = createWorld(fleet, {
    atMs: startMs,
    mix,
    visits: options.visits ?? false,
    onEvent: (event) => truth.write(worldLine(event)),
  });
  const engine = createEngine({
    fleet,
    world,
    types,
    mix,
    seed: fleet.seed,
    startMs,
    truth,
    networkOf: ({ link }) => networks[link],
  });
  const postings: Posting[] = [];
  engine.advance(startMs + hours * HOUR_MS, options.put ?? ((posting) => postings.push(posting)));
  return { postings, engine, truth: kept, types };
}
