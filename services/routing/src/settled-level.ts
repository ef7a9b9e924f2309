/** A reading in a model's tail: the first is taken in, the others wait for the readings that judge them. */
export interface TailPoint {
  atMs: number;
  fill: number;
  crew: boolean;
}

// A step this large on one reading alone is as likely an echo or an open lid as it is waste
const DOUBTFUL_STEP = 0.25;

/**
 * Gives the level to plan with: the newest reading, unless it jumps away from the one before and stands alone. When it
 * comes back to the one before that, the reading in between was the odd one.
 */
export function settledLevel(tail: readonly TailPoint[]): TailPoint | undefined {
  const [earlier, before, newest] = [tail.at(-3), tail.at(-2), tail.at(-1)];
  if (!newest || !before || newest.crew || before.crew) return newest;
  const comesBack = earlier !== undefined && !isJump(earlier, newest);
  return isJump(before, newest) && !comesBack ? before : newest;
}

function isJump(from: TailPoint, to: TailPoint): boolean {
  return Math.abs(to.fill - from.fill) > DOUBTFUL_STEP;
}
