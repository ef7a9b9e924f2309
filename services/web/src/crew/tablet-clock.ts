import { createServerClock } from '../shared/live/server-clock.ts';

/** The platform's time as far as a tablet can know it, also after a cold start without reach. */
export interface TabletClock {
  observe(serverTime: string): void;
  nowMs(): number;
}

/** The last thing learned from the server, kept over a restart. */
export interface ClockMemory {
  serverMs: number;
  hostMs: number;
  rate: number;
}

export interface ClockParts {
  /** Local clock that never jumps, ms; it may stand still while the tablet sleeps. */
  monotonicMs(): number;
  /** The tablet's own clock, ms since 1970; it goes on while the tablet sleeps and may be wrong. */
  hostMs(): number;
  memory: { read(): ClockMemory | undefined; write(memory: ClockMemory): void };
}

const SLEPT_FROM_MS = 2_000;

/** Makes the clock; until the server is heard it goes on from what was kept, at the speed that was learned. */
export function createTabletClock({ monotonicMs, hostMs, memory }: ClockParts): TabletClock {
  const kept = memory.read();
  const awakeMs = createAwakeClock(monotonicMs, hostMs);
  const guessMs = (): number => (kept ? kept.serverMs + (hostMs() - kept.hostMs) * kept.rate : hostMs());
  const server = createServerClock(awakeMs, guessMs);
  let samples = 0;
  return {
    observe(serverTime) {
      server.observe(serverTime);
      samples += 1;
      // one sample says nothing about speed: keep the speed known from before
      const rate = samples > 1 ? server.rate() : (kept?.rate ?? 1);
      memory.write({ serverMs: server.nowMs(), hostMs: hostMs(), rate });
    },
    nowMs: () => server.nowMs(),
  };
}

/** Adds to a monotonic clock the time that the tablet slept, which only its own clock tells. */
function createAwakeClock(monotonicMs: () => number, hostMs: () => number): () => number {
  let last = { monotonicMs: monotonicMs(), hostMs: hostMs() };
  let sleptMs = 0;
  return () => {
    const now = { monotonicMs: monotonicMs(), hostMs: hostMs() };
    const missedMs = now.hostMs - last.hostMs - (now.monotonicMs - last.monotonicMs);
    if (missedMs > SLEPT_FROM_MS) sleptMs += missedMs;
    last = now;
    return now.monotonicMs + sleptMs;
  };
}

const STORAGE_KEY = 'ronde.crew.clock';

/** Keeps what the clock learned in the browser; a line of JSON that is written at once, so that a kill loses nothing. */
export const clockMemory: ClockParts['memory'] = {
  read() {
    try {
      const { serverMs, hostMs, rate } = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '') as ClockMemory;
      return [serverMs, hostMs, rate].every(Number.isFinite) ? { serverMs, hostMs, rate } : undefined;
    } catch {
      return undefined;
    }
  },
  write: (memory) => localStorage.setItem(STORAGE_KEY, JSON.stringify(memory)),
};
