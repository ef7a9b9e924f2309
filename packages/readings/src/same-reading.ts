import type { Reading, ReadingFlag } from '@ronde/contracts';

/** Flags that tell how a reading came to be stored, not what was measured. */
export const PROVENANCE_FLAGS: readonly ReadingFlag[] = ['REPLAYED', 'CORRECTED', 'CANARY'];

// Decoding the same bytes again gives the same number, but for the last digits where a unit is converted otherwise.
const TOLERANCE = 1e-9;

/** Tells whether two readings of one identity say the same: value, quality and flags, leaving provenance aside. */
export function saysTheSame(
  a: Pick<Reading, 'value' | 'quality' | 'flags'>,
  b: Pick<Reading, 'value' | 'quality' | 'flags'>,
): boolean {
  return a.quality === b.quality && isSameValue(a.value, b.value) && flagsText(a.flags) === flagsText(b.flags);
}

/** Tells whether two values are the same number, or both none. */
export function isSameValue(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a));
}

function flagsText(flags: readonly ReadingFlag[]): string {
  return flags
    .filter((flag) => !PROVENANCE_FLAGS.includes(flag))
    .sort()
    .join();
}
