export interface DistancePoint {
  atMs: number;
  distanceM: number;
}

/** What emptyings say about the place: the distance to the empty floor, and to the rim when it was ever full. */
export interface Calibration {
  emptyDistanceM: number;
  /** Smallest distance that came again and again just before an emptying; null when it was never full. */
  fullDistanceM: number | null;
  emptyings: number;
}

/** A fall in level that is an emptying whatever the bin's size: the distance jumps by this much, and stays. */
const LEAST_JUMP_M = 0.25;
/** Readings right after the jump; the lowest waste of a new cycle has not come yet. */
const AFTER = 3;
/** Half of all one-step jumps of real sensors do not last. */
const STAYS = 0.6;

/**
 * Learns the mounting from the first emptyings, so that an installer needs no ruler: right after an emptying a sensor
 * sees the floor. @param points by time, oldest first
 * @returns undefined before the first emptying that lasts
 */
export function calibrate(points: readonly DistancePoint[]): Calibration | undefined {
  const floors: number[] = [];
  const rims: number[] = [];
  for (let i = 1; i + AFTER <= points.length; i++) {
    const before = points[i - 1]!.distanceM;
    const after = points.slice(i, i + AFTER).map(({ distanceM }) => distanceM);
    const jump = after[0]! - before;
    if (jump < LEAST_JUMP_M || after.some((distanceM) => distanceM - before < STAYS * jump)) continue;
    floors.push(median(after));
    rims.push(before);
    i += AFTER - 1;
  }
  if (floors.length === 0) return undefined;
  return { emptyDistanceM: median(floors), fullDistanceM: rimOf(rims), emptyings: floors.length };
}

/** The distance before emptyings is the rim only when several agree on it: a bin emptied half full tells nothing. */
function rimOf(rims: readonly number[]): number | null {
  const sorted = rims.toSorted((a, b) => a - b);
  const nearest = sorted[0];
  if (nearest === undefined || sorted.length < 3) return null;
  const agreeing = sorted.filter((distanceM) => distanceM - nearest <= 0.05);
  return agreeing.length >= 3 ? median(agreeing) : null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
