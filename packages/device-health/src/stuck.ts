export interface LevelPoint {
  atMs: number;
  /** Fill 0…1, or any level that changes with what is thrown in. */
  level: number;
  /** The sensor's own number before rounding (distance in metres), where there is one. */
  raw?: number | undefined;
}

/** Full enough that nothing more may be expected to change. */
const NEARLY_FULL = 0.96;
/** Without a known cycle: the longest that a used bin may show one number. */
const USUAL_STUCK_MS = 96 * 3_600_000;
/** A bin may stay the same over this many of its usual cycles before its sensor is doubted. */
const CYCLES = 1.5;

/**
 * Tells since when a sensor has given the very same number for longer than its bin could stay unchanged.
 * Real surfaces settle and echo: even an untouched bin flickers by a step of the sensor within days.
 * @param points newest last; @param cycleMs usual time between two emptyings
 * @returns the beginning of the run, or undefined
 */
export function stuckSince(points: readonly LevelPoint[], cycleMs?: number): number | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  let since = last.atMs;
  let seen = 0;
  for (const point of points.toReversed()) {
    if (valueOf(point) !== valueOf(last)) break;
    since = point.atMs;
    seen += 1;
  }
  const limitMs = Math.max(USUAL_STUCK_MS, (cycleMs ?? 0) * CYCLES);
  return seen >= 8 && last.atMs - since >= limitMs ? since : undefined;
}

export interface BlockRules {
  /** How much the level usually rises in an hour of use, 0…1. */
  usualRisePerHour: number;
  /** Tells whether a bin like this is used at that hour. */
  isUsed: (atMs: number) => boolean;
}

/** Rise that should have come before a still bin counts as blocked. */
const EXPECTED_RISE = 0.12;
const STILL = 0.005;

/**
 * Tells since when a bin's level has stood still while it should have risen: its inlet is blocked, or people cannot
 * reach it. @see CTU Prague's anomaly classes: equal daytime steps for hours below 96 %
 * @returns the beginning, or undefined
 */
export function blockedSince(points: readonly LevelPoint[], rules: BlockRules): number | undefined {
  const last = points.at(-1);
  if (!last || last.level >= NEARLY_FULL || rules.usualRisePerHour <= 0) return undefined;
  let expected = 0;
  let since = last.atMs;
  let steps = 0;
  for (let i = points.length - 1; i > 0; i--) {
    const [earlier, later] = [points[i - 1]!, points[i]!];
    if (Math.abs(later.level - earlier.level) > STILL) break;
    steps += 1;
    since = earlier.atMs;
    if (rules.isUsed(earlier.atMs)) expected += rules.usualRisePerHour * ((later.atMs - earlier.atMs) / 3_600_000);
  }
  return steps >= 3 && expected >= EXPECTED_RISE ? since : undefined;
}

function valueOf({ raw, level }: LevelPoint): number {
  return raw ?? level;
}
