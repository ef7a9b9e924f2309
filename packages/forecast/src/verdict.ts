/** What the sensor says about an emptying the crew reported. */
export type Verdict = 'pending' | 'confirmed' | 'contradicted';

export interface CrewEmptied {
  emptiedAtMs: number;
  /** Fill (0..1) last known before the crew came. */
  before: number;
  /** Sensor readings (no crew marks) in any order; those before emptiedAtMs are ignored. */
  readingsAfter: readonly { atMs: number; fill: number }[];
}

/** The first reading may have been taken while the lid was open or the bag still hung; the second must be low. */
const READINGS = 2;
const LOW = 0.15;
/** Below this share of the level before, the bin was clearly emptied even when its floor does not read as zero. */
const LOW_SHARE = 0.45;

/**
 * Tells whether the sensor confirms a crew's "emptied": one of the next two readings is low.
 * A bin that was nearly empty before cannot contradict: its low readings confirm.
 */
export function crewVerdict(event: CrewEmptied): Verdict {
  const after = event.readingsAfter
    .filter((reading) => reading.atMs > event.emptiedAtMs && Number.isFinite(reading.fill))
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, READINGS);
  if (after.some((reading) => reading.fill <= Math.max(LOW, LOW_SHARE * event.before))) return 'confirmed';
  return after.length < READINGS ? 'pending' : 'contradicted';
}
