import type { Problem, Profile } from '../problem.ts';

/** Paces of one profile, ascending; paceFrom[0] is -Infinity. A pace is a matrix of seconds and a factor on it. */
export interface Paces {
  readonly fromS: Float64Array;
  readonly matrices: readonly Int32Array[];
  readonly factors: Float64Array;
}

/** Gives the paces of a profile; undefined when it has one pace all day. */
export function compilePaces(profile: Profile): Paces | undefined {
  const periods = profile.byTime ?? [];
  if (periods.length === 0) return undefined;
  return {
    fromS: Float64Array.from([-Infinity, ...periods.map(({ fromS }) => fromS)]),
    matrices: [profile.durationS, ...periods.map(({ durationS }) => durationS ?? profile.durationS)],
    factors: Float64Array.from([1, ...periods.map(({ durationS, factor }) => (durationS ? 1 : (factor ?? 1)))]),
  };
}

/** The least seconds of each leg at any time of day: what the O(1) checks may count on. Whole seconds, rounded down. */
export function leastDurations(profile: Profile): Int32Array {
  const paces = compilePaces(profile);
  if (!paces) return profile.durationS;
  return profile.durationS.map((_, leg) => {
    let least = Infinity;
    for (let k = 0; k < paces.factors.length; k++)
      least = Math.min(least, paces.matrices[k]![leg]! * paces.factors[k]!);
    return Math.floor(Math.min(least, 2_000_000_000));
  });
}

/**
 * When a leg ends that begins at leaveS. A leg under way at a change of pace goes on at the new one, so that leaving
 * later never means arriving earlier (Ichoua, Gendreau & Potvin 2003, §3).
 */
export function arrival(paces: Paces, leg: number, leaveS: number): number {
  const { fromS, matrices, factors } = paces;
  const last = fromS.length - 1;
  let k = last;
  while (k > 0 && fromS[k]! > leaveS) k--;
  let share = 1;
  let clock = leaveS;
  for (; k < last; k++) {
    const whole = matrices[k]![leg]! * factors[k]!;
    const until = fromS[k + 1]!;
    if (clock + share * whole <= until) return clock + share * whole;
    share -= (until - clock) / whole;
    clock = until;
  }
  return clock + share * matrices[last]![leg]! * factors[last]!;
}

/** The latest moment to begin a leg that must end by arriveS: what arrival does, backwards. */
export function latestLeave({ fromS, matrices, factors }: Paces, leg: number, arriveS: number): number {
  let k = fromS.length - 1;
  while (k > 0 && fromS[k]! >= arriveS) k--;
  let share = 1;
  let clock = arriveS;
  for (; k > 0; k--) {
    const whole = matrices[k]![leg]! * factors[k]!;
    const since = fromS[k]!;
    if (clock - share * whole >= since) return clock - share * whole;
    share -= (clock - since) / whole;
    clock = since;
  }
  return clock - share * matrices[0]![leg]! * factors[0]!;
}

/** Whether any profile has travel times by time of day. */
export function usesPaces(problem: Problem): boolean {
  return problem.profiles.some(({ byTime }) => byTime?.length);
}
