/**
 * What was learned of a device's losses: of every arrival, how many uplinks had been missed just before it.
 * Three numbers are enough: losses come alone or in bursts, and each has its own probability.
 */
export interface LossMemory {
  arrivals: number;
  /** Arrivals that at least one missed uplink preceded. */
  bursts: number;
  missed: number;
}

/*
 * Before a device has shown its own habits it is taken for one of the 77 container sensors of Frankfurt: 16 of 100
 * arrivals follow a loss, and one loss in four is followed by another. Weighted as so many arrivals.
 */
const PRIOR_START = { yes: 0.96, no: 5.04 };
const PRIOR_NEXT = { yes: 10, no: 30 };
/** Older arrivals fade out, so that a device may improve: the memory holds about this many. */
const WINDOW = 400;

export function emptyLoss(): LossMemory {
  return { arrivals: 0, bursts: 0, missed: 0 };
}

/** Notes an arrival before which so many uplinks were missed. */
export function learnArrival(memory: LossMemory, missedBefore: number): void {
  if (memory.arrivals >= WINDOW) {
    memory.arrivals *= 0.5;
    memory.bursts *= 0.5;
    memory.missed *= 0.5;
  }
  memory.arrivals += 1;
  memory.missed += missedBefore;
  if (missedBefore > 0) memory.bursts += 1;
}

/** Share of uplinks that never arrived, 0…1; null before the first arrival. */
export function lossRateOf({ arrivals, missed }: LossMemory): number | null {
  return arrivals === 0 ? null : missed / (arrivals + missed);
}

/**
 * Gives the probability that a device which is well misses at least so many uplinks in a row: a burst starts with
 * probability p and goes on with probability q, both known only as far as the device has shown them (Beta posteriors,
 * integrated out, so that little knowledge gives a long tail).
 */
export function gapProbability({ arrivals, bursts, missed }: LossMemory, missedInARow: number): number {
  if (missedInARow <= 0) return 1;
  let probability = (PRIOR_START.yes + bursts) / (PRIOR_START.yes + PRIOR_START.no + arrivals);
  const again = PRIOR_NEXT.yes + missed - bursts;
  const total = again + PRIOR_NEXT.no + bursts;
  for (let i = 0; i < missedInARow - 1; i++) probability *= (again + i) / (total + i);
  return probability;
}
