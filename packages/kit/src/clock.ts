/** Cancels a timer. */
export type Cancel = () => void;

/** The platform's time: host time, the faster demo time, or a test's. Delays are in platform milliseconds. */
export interface Clock {
  nowMs(): number;
  /** RFC 3339, UTC, millisecond precision. */
  iso(): string;
  /** Platform seconds that pass in one host second; timers of the outside world (heartbeats, back-off) ignore it. */
  readonly speed: number;
  after(delayMs: number, run: () => void): Cancel;
  every(periodMs: number, run: () => void): Cancel;
}

// setTimeout overflows past 2^31-1 ms and would fire at once
const LONGEST_TIMER_MS = 2_147_483_647;

/** From here on a host's clock that is set back was wrong before: then being right is worth more than going on. */
const MOST_AHEAD_MS = 2 * 3_600_000;

/**
 * Gives the host's time, except that it never goes back for a host that is set back by up to two hours: it then runs at half
 * speed until the host is there too, so that what is in order of time stays so.
 */
export function createSteadyTime(hostMs: () => number, monotonicMs: () => number): () => number {
  let lookedMs = monotonicMs();
  let timeMs = hostMs();
  return () => {
    const before = lookedMs;
    lookedMs = monotonicMs();
    const host = hostMs();
    const slowed = timeMs + (lookedMs - before) / 2;
    timeMs = slowed - host > MOST_AHEAD_MS ? host : Math.max(host, slowed);
    return Math.floor(timeMs);
  };
}

/** Gives a clock that starts at `startMs` and runs `speed` times as fast as host time. */
export function createClock(options: { startMs?: number; speed?: number } = {}): Clock {
  const speed = options.speed ?? 1;
  const hostOrigin = performance.now();
  const drifts = options.startMs !== undefined || speed !== 1;
  const startMs = options.startMs ?? Date.now();
  const steady = createSteadyTime(
    () => Date.now(),
    () => performance.now(),
  );
  const nowMs = (): number => (drifts ? Math.floor(startMs + (performance.now() - hostOrigin) * speed) : steady());
  const after = (delayMs: number, run: () => void): Cancel => {
    const hostMs = Math.max(0, delayMs / speed);
    let timer = setTimeout(fire, Math.min(hostMs, LONGEST_TIMER_MS));
    let restMs = hostMs - LONGEST_TIMER_MS;
    function fire(): void {
      if (restMs <= 0) return run();
      timer = setTimeout(fire, Math.min(restMs, LONGEST_TIMER_MS));
      restMs -= LONGEST_TIMER_MS;
    }
    return () => clearTimeout(timer);
  };
  const every = (periodMs: number, run: () => void): Cancel => {
    const timer = setInterval(run, Math.max(1, Math.min(periodMs / speed, LONGEST_TIMER_MS)));
    return () => clearInterval(timer);
  };
  return { nowMs, iso: () => new Date(nowMs()).toISOString(), speed, after, every };
}

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time forward, running due timers in order. */
  advance(ms: number): void;
  set(ms: number): void;
}

/** Gives a clock for tests. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 5, 6)): FakeClock {
  let now = startMs;
  let nextId = 0;
  const timers = new Map<number, { dueMs: number; run: () => void; periodMs?: number }>();
  const add = (timer: { dueMs: number; run: () => void; periodMs?: number }): Cancel => {
    const id = nextId++;
    timers.set(id, timer);
    return () => timers.delete(id);
  };
  const nextDue = (untilMs: number): [number, { dueMs: number; run: () => void; periodMs?: number }] | undefined =>
    [...timers].filter(([, t]) => t.dueMs <= untilMs).sort((a, b) => a[1].dueMs - b[1].dueMs)[0];
  return {
    nowMs: () => now,
    iso: () => new Date(now).toISOString(),
    speed: 1,
    after: (delayMs, run) => add({ dueMs: now + delayMs, run }),
    every: (periodMs, run) => add({ dueMs: now + periodMs, run, periodMs }),
    set: (ms) => (now = ms),
    advance(ms) {
      const untilMs = now + ms;
      for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
        const [id, timer] = due;
        now = timer.dueMs;
        if (timer.periodMs === undefined) timers.delete(id);
        else timer.dueMs += timer.periodMs;
        timer.run();
      }
      now = untilMs;
    },
  };
}
