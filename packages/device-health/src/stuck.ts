/** How long a sensor has given the very same number. */
export interface SameRun {
  value: number;
  sinceMs: number;
  lastMs: number;
  count: number;
}

/** Continues or begins a run of equal numbers; the sensor's own number counts, before any rounding of ours. */
export function continueRun(run: SameRun | undefined, value: number, atMs: number): SameRun {
  if (run && run.value === value && atMs >= run.lastMs) return { ...run, lastMs: atMs, count: run.count + 1 };
  return { value, sinceMs: atMs, lastMs: atMs, count: 1 };
}

/** Without a known cycle: the longest that a used bin may show one number. */
const USUAL_STUCK_MS = 96 * 3_600_000;
/** A bin may stay the same over this many of its usual cycles before its sensor is doubted. */
const CYCLES = 1.5;
const LEAST_COUNT = 8;

/**
 * Tells whether a sensor has given one number for longer than its bin could stay unchanged. Real surfaces settle and
 * echo: even an untouched bin flickers by a step of the sensor within days.
 */
export function isStuck(
  run: SameRun,
  limits: { cycleMs?: number | undefined; stuckAfterMs?: number | undefined },
): boolean {
  const limitMs = Math.max(limits.stuckAfterMs ?? USUAL_STUCK_MS, (limits.cycleMs ?? 0) * CYCLES);
  return run.count >= LEAST_COUNT && run.lastMs - run.sinceMs >= limitMs;
}

export interface LevelPoint {
  atMs: number;
  /** Fill 0…1. */
  level: number;
}

/** Full enough that nothing more may be expected to change. */
const NEARLY_FULL = 0.96;
/** Rise that should have come before a still bin counts as blocked. */
const EXPECTED_RISE = 0.12;
const STILL = 0.005;
const LEAST_STEPS = 3;

/**
 * Tells since when a bin's level has stood still while it should have risen: its inlet is blocked, or people cannot
 * reach it. @see CTU Prague's anomaly classes: equal daytime steps for hours below 96 %
 * @param points newest last; @param usualRisePerHour what a bin like this gains at that hour
 * @returns the beginning, or undefined
 */
export function blockedSince(
  points: readonly LevelPoint[],
  usualRisePerHour: (atMs: number) => number,
): number | undefined {
  const last = points.at(-1);
  if (!last || last.level >= NEARLY_FULL) return undefined;
  let expected = 0;
  let since = last.atMs;
  let steps = 0;
  for (let i = points.length - 1; i > 0; i--) {
    const [earlier, later] = [points[i - 1]!, points[i]!];
    if (Math.abs(later.level - earlier.level) > STILL) break;
    steps += 1;
    since = earlier.atMs;
    expected += usualRisePerHour(earlier.atMs) * ((later.atMs - earlier.atMs) / 3_600_000);
  }
  return steps >= LEAST_STEPS && expected >= EXPECTED_RISE ? since : undefined;
}
