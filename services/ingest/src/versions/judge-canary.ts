import type { CanaryTally } from '@ronde/contracts';

/** Chance that a canary no worse than the active version is rolled back in all its life, however often it is judged. */
export const FALSE_ALARM_RATE = 0.001;
/** Fewer uplinks than this are no ground for a verdict. */
const MIN_UPLINKS = 20;
/** A canary may fail on this share of uplinks more than the active version: one odd device takes no version down. */
const TOLERATED_EXCESS = 0.01;

export interface CanaryVerdict {
  worse: boolean;
  /** Evidence that it is worse: how many times better that explains the tally than "as good" does. */
  evidence: number;
}

/**
 * Judges a canary beside the active version on the very same uplinks. Only uplinks on which exactly one of them fails say
 * anything; if the canary is no worse, each of those is the active one's failure at least half of the time. The evidence
 * is a mixture of likelihood ratios over all worse canaries, a test martingale, so that looking after every uplink costs
 * nothing: by Ville's inequality it ever reaches 1 / FALSE_ALARM_RATE with that chance at most.
 * @see H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Statist. 41 (1970)
 */
export function judgeCanary({ canary, newlyFailing, newlyReadable }: CanaryTally): CanaryVerdict {
  const evidence = evidenceOf(newlyFailing, newlyReadable);
  const excess = (newlyFailing - newlyReadable) / Math.max(1, canary.uplinks);
  const worse = canary.uplinks >= MIN_UPLINKS && excess > TOLERATED_EXCESS && evidence >= 1 / FALSE_ALARM_RATE;
  return { worse, evidence };
}

/**
 * Gives the integral over p from 1/2 to 1 of 2 (2p)^failing (2(1 − p))^readable. By the binomial form of the incomplete
 * beta function it is the sum over k ≤ failing of failing! readable! / (k! (failing + readable + 1 − k)!), whose terms
 * follow from one another.
 */
function evidenceOf(failing: number, readable: number): number {
  const n = failing + readable;
  let term = 1 / (readable + 1);
  let sum = term;
  for (let k = failing; k > 0 && term > 0 && sum < Infinity; k -= 1) {
    term *= k / (n + 2 - k);
    sum += term;
  }
  return sum;
}
