/** The platform's clock as seen from here. A demo runs it faster than the wall clock, so ages never come from `Date`. */
export interface ServerClock {
  /** Takes one sample of the server's time (RFC 3339), just received. */
  observe(serverTime: string): void;
  /** The server's time now, ms since 1970; the host's until the first sample. */
  nowMs(): number;
  /** Server seconds per local second, learned from samples. */
  rate(): number;
}

interface Sample {
  localMs: number;
  serverMs: number;
}

// Below this distance, the network's jitter would be a large part of the quotient.
const MIN_BASE_MS = 900;
const MAX_SAMPLES = 12;

/**
 * Makes a server clock that learns offset and speed from samples.
 * @param monotonicMs a local clock that never jumps (`performance.now`)
 * @param hostMs what to show before the first sample
 */
export function createServerClock(monotonicMs: () => number, hostMs: () => number): ServerClock {
  let samples: Sample[] = [];
  let speed = 1;
  return {
    observe(serverTime) {
      const serverMs = Date.parse(serverTime);
      if (!Number.isFinite(serverMs)) return;
      const sample = { localMs: monotonicMs(), serverMs };
      const previous = samples.at(-1);
      // A server that restarted with an older or far newer clock: start learning anew.
      if (previous && isBreak(previous, sample, speed)) samples = [];
      samples = [...samples, sample].slice(-MAX_SAMPLES);
      speed = speedOf(samples) ?? speed;
    },
    nowMs() {
      const last = samples.at(-1);
      return last ? last.serverMs + (monotonicMs() - last.localMs) * speed : hostMs();
    },
    rate: () => speed,
  };
}

function speedOf(samples: Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.localMs - first.localMs < MIN_BASE_MS) return undefined;
  const measured = (last.serverMs - first.serverMs) / (last.localMs - first.localMs);
  const whole = Math.max(1, Math.round(measured));
  return Math.abs(measured - whole) < 0.08 * whole ? whole : Math.max(0, measured);
}

function isBreak(previous: Sample, next: Sample, speed: number): boolean {
  if (next.serverMs < previous.serverMs - 5_000) return true;
  const expected = (next.localMs - previous.localMs) * Math.max(speed, 1);
  return next.serverMs - previous.serverMs > 1000 * Math.max(expected, 5_000);
}

/** The page's own clock; the live socket feeds it. */
export const serverClock: ServerClock = createServerClock(
  () => performance.now(),
  () => Date.now(),
);

/** The server's time now, ms since 1970: the only "now" that screens may use. */
export function serverNow(): number {
  return serverClock.nowMs();
}
