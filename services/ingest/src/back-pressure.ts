import type { Pace } from '@ronde/inbox';

/** Frames that may wait before intake slows down: a tenth of a second of the rated load. */
const FREE_FRAMES = 1_000;
/** From so many on it is slowest. */
const FULL_FRAMES = 5_000;
/** Intake as a share of what is handled, from the first to the second: in between the queue neither grows nor shrinks. */
const SHARES = [1.25, 0.8] as const;
/** A store that has taken nothing for this long is in trouble: the inbox takes messages at full speed and keeps them. */
const TROUBLE_MS = 1_000;
/** The measured speed is that of about this long. */
const MEMORY_MS = 1_000;
const LONGEST_WAIT_MS = 1_000;

/**
 * Slows acknowledgements down to what the pipeline handles: without it an overload lets the queue grow for as long as it
 * lasts, and screens show what was true minutes ago. It slows nothing while readings cannot be stored. Commits that wait are
 * large ones, which also leaves the pipeline more of the processor.
 */
export interface BackPressure extends Pace {
  /** Notes that so many frames were stored. */
  handled(frames: number): void;
}

/** @param nowMs monotonic milliseconds of the host */
export function createBackPressure(lag: () => number, nowMs: () => number): BackPressure {
  // frames and time that fade together: a mean of single speeds would make much of a small batch right behind another
  const seen = { frames: 0, ms: 0 };
  let sinceMs = -Infinity;
  let wasBusy = false;
  let freeMs = -Infinity;
  const isPressed = (atMs: number): boolean => lag() > FREE_FRAMES && seen.ms > 0 && atMs - sinceMs <= TROUBLE_MS;
  return {
    handled(frames) {
      const at = nowMs();
      const tookMs = at - sinceMs;
      sinceMs = at;
      // only batch upon batch tells how fast it can go: in calm times it waits for messages
      const isTelling = wasBusy && tookMs <= TROUBLE_MS;
      wasBusy = lag() > 0;
      if (!isTelling) return;
      const kept = Math.exp(-tookMs / MEMORY_MS);
      seen.frames = kept * seen.frames + frames;
      seen.ms = kept * seen.ms + tookMs;
    },
    waitMs() {
      const at = nowMs();
      return isPressed(at) ? Math.min(LONGEST_WAIT_MS, Math.max(0, freeMs - at)) : 0;
    },
    taken(frames) {
      const at = nowMs();
      if (!isPressed(at)) return;
      const perMs = seen.frames / seen.ms;
      freeMs = Math.max(at, freeMs) + frames / (perMs * shareAt(lag()));
    },
  };
}

function shareAt(waiting: number): number {
  const full = Math.min(1, (waiting - FREE_FRAMES) / (FULL_FRAMES - FREE_FRAMES));
  return SHARES[0] + full * (SHARES[1] - SHARES[0]);
}
