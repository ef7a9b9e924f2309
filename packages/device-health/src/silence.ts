import { gapProbability } from './loss.ts';
import type { LossMemory } from './loss.ts';
import { missedIn } from './cadence.ts';

/** How often a device that is well may be called silent wrongly, times a year. */
export const FALSE_ALARMS_PER_YEAR = 1;
const YEAR_MS = 365.25 * 86_400_000;
/** One missing uplink alone never makes a device silent. */
const LEAST_MISSED = 2;

export interface SilenceVerdict {
  silent: boolean;
  /** Probability of a gap this long if the device were well, given its own losses. */
  probability: number;
  missed: number;
}

/**
 * Judges a gap that still lasts. Silent means: a well device with these losses would show such a gap less than
 * FALSE_ALARMS_PER_YEAR times, counting that it has a chance at each of its arrivals.
 */
export function judgeSilence(losses: LossMemory, gapMs: number, everyMs: number): SilenceVerdict {
  // the next uplink is overdue only when its own time and half an interval more have passed
  const missed = missedIn(gapMs, everyMs);
  const probability = gapProbability(losses, missed);
  const chancesPerYear = YEAR_MS / everyMs;
  const silent = missed >= LEAST_MISSED && probability * chancesPerYear < FALSE_ALARMS_PER_YEAR;
  return { silent, probability, missed };
}
