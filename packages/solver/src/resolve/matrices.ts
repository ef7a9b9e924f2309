import type { Problem, Profile } from '../problem.ts';

/** Puts another matrix in the place of every one of the profiles; one that several profiles share is changed once and stays shared. */
export function mapMatrices({ profiles }: Problem, change: (matrix: Int32Array) => Int32Array): Profile[] {
  const changed = new Map<Int32Array, Int32Array>();
  const once = (matrix: Int32Array): Int32Array => {
    const known = changed.get(matrix);
    if (known) return known;
    const made = change(matrix);
    changed.set(matrix, made);
    return made;
  };
  return profiles.map((profile) => ({
    ...profile,
    distanceM: once(profile.distanceM),
    durationS: once(profile.durationS),
    ...(profile.byTime && {
      byTime: profile.byTime.map((period) => ({
        ...period,
        ...(period.durationS && { durationS: once(period.durationS) }),
      })),
    }),
  }));
}
