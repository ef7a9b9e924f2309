/** A reading in a model's tail: the first is taken in, the others wait for the readings that judge them. */
export interface TailPoint {
  atMs: number;
  fill: number;
  crew: boolean;
}

// A step this large on one reading alone is as likely an echo or an open lid as it is waste
const DOUBTFUL_STEP = 0.25;

/** Gives the level to plan with: the newest reading, unless it jumps away from the one before and stands alone. */
export function settledLevel(tail: readonly TailPoint[]): TailPoint | undefined {
  const newest = tail.at(-1);
  const before = tail.at(-2);
  if (!newest || !before || newest.crew) return newest;
  const jumps = Math.abs(newest.fill - before.fill) > DOUBTFUL_STEP;
  return jumps && !before.crew ? before : newest;
}
