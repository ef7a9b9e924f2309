/** What became of one line; `invalid` = the value was recognised as no valid value. */
export type Outcome = { kind: 'right' } | { kind: 'invalid' | 'wrong' | 'unmapped'; why: string };

export const RIGHT: Outcome = { kind: 'right' };

export function wrong(why: string): Outcome {
  return { kind: 'wrong', why };
}

/** Tells whether two numbers are the same but for binary noise. */
export function near(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a));
}
