/** Frames that may wait before intake slows down: a tenth of a second of the rated load. */
const FREE_FRAMES = 1_000;
/** From so many on it is slowest. */
const FULL_FRAMES = 5_000;
/** Intake as a share of what is handled, from the first to the second: in between the queue neither grows nor shrinks. */
const SHARES = [1.25, 0.8] as const;
/** A store that has taken nothing for this long is in trouble: the inbox takes messages at full speed and keeps them. */
const TROUBLE_MS = 1_000;
/** How fast the measured speed follows the last one. */
const WEIGHT = 0.2;
const LONGEST_WAIT_MS = 1_000;

/**
 * Slows acknowledgements down to what the pipeline handles: without it an overload lets the queue grow for as long as it
 * lasts, and screens show what was true minutes ago. It slows nothing while readings cannot be stored. Commits that wait are
 * large ones, which also leaves the pipeline more of the processor.
 */
export interface BackPressure {
  /** Notes that so many frames were stored. */
  handled(frames: number): void;
  /** Gives how long a commit of so many frames has to wait [ms]. */
  delayMs(frames: number): number;
}

/** @param nowMs monotonic milliseconds of the host */
export function createBackPressure(lag: () => number, nowMs: () => number): BackPressure {
  let perMs = 0;
  let sinceMs = -Infinity;
  let wasBusy = false;
  let freeMs = -Infinity;
  return {
    handled(frames) {
      const at = nowMs();
      const tookMs = Math.max(1, at - sinceMs);
      sinceMs = at;
      // only batch upon batch tells how fast it can go: in calm times it waits for messages
      const isTelling = wasBusy && tookMs <= TROUBLE_MS;
      wasBusy = lag() > 0;
      if (!isTelling) return;
      perMs = perMs === 0 ? frames / tookMs : perMs + WEIGHT * (frames / tookMs - perMs);
    },
    delayMs(frames) {
      const at = nowMs();
      const waiting = lag();
      if (waiting <= FREE_FRAMES || perMs === 0 || at - sinceMs > TROUBLE_MS) return 0;
      const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, freeMs - at));
      freeMs = at + waitMs + frames / (perMs * shareAt(waiting));
      return waitMs;
    },
  };
}

function shareAt(waiting: number): number {
  const full = Math.min(1, (waiting - FREE_FRAMES) / (FULL_FRAMES - FREE_FRAMES));
  return SHARES[0] + full * (SHARES[1] - SHARES[0]);
}
