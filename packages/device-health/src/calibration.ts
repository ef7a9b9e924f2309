/** A jump of the distance that lasted: what lay before it and the floor behind it, metres. */
export interface LastingJump {
  beforeM: number;
  floorM: number;
}

/** What emptyings say about the place: the distance to the empty floor, and to the rim when it was ever full. */
export interface Calibration {
  emptyDistanceM: number;
  /** Distance that came again and again just before an emptying; null when it was never full. */
  fullDistanceM: number | null;
  emptyings: number;
}

/** A jump that is an emptying whatever the bin's size. */
const LEAST_JUMP_M = 0.25;
/** Half of all one-step jumps of real sensors do not last. */
const STAYS = 0.6;
/** Readings that a judgement needs: one before the jump and three behind it, when the lowest waste has not come yet. */
export const JUMP_WINDOW = 4;

/** Tells whether the distance jumped after the first of four readings in a row, and stayed there. */
export function lastingJump(distancesM: readonly number[]): LastingJump | undefined {
  const [beforeM, ...after] = distancesM;
  if (beforeM === undefined || after.length !== JUMP_WINDOW - 1) return undefined;
  const jumpM = after[0]! - beforeM;
  if (jumpM < LEAST_JUMP_M || after.some((distanceM) => distanceM - beforeM < STAYS * jumpM)) return undefined;
  return { beforeM, floorM: median(after) };
}

/**
 * Learns the mounting from emptyings, so that an installer needs no ruler: right after one a sensor sees the floor.
 * @returns undefined before the first emptying that lasts
 */
export function calibrationOf(jumps: readonly LastingJump[]): Calibration | undefined {
  if (jumps.length === 0) return undefined;
  const emptyDistanceM = median(jumps.map(({ floorM }) => floorM));
  return { emptyDistanceM, fullDistanceM: rimOf(jumps.map(({ beforeM }) => beforeM)), emptyings: jumps.length };
}

/** The distance before emptyings is the rim only when several agree on it: a bin emptied half full tells nothing. */
function rimOf(rims: readonly number[]): number | null {
  const nearest = Math.min(...rims);
  const agreeing = rims.filter((distanceM) => distanceM - nearest <= 0.05);
  return agreeing.length >= 3 ? median(agreeing) : null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
