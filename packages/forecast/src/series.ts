import type { Quality, ReadingFlag } from '@ronde/contracts';

/** One fill reading as it comes from a store; `fill` is a fraction, `atMs` milliseconds since 1970. */
export interface SeriesPoint {
  atMs: number;
  fill: number;
  quality?: Quality;
  flags?: readonly ReadingFlag[];
}

/** A reading fit for use: sorted, one per moment, clamped to 0..1. */
export interface CleanPoint {
  atMs: number;
  fill: number;
  /** The scale ended here: the true fill is at least this value. */
  censored: boolean;
  /** One sample far off both neighbours, which agree with each other. Kept for the record, not for the model. */
  spike: boolean;
  /** A crew said the bin was emptied at this moment: an exact zero. */
  crew: boolean;
}

/** From this fill upwards a reading says "at least": sensors report 99 or 100 for anything above. */
export const CENSORED_FROM = 0.99;
/** A lone sample this far from both neighbours is a spike; Prague and Frankfurt sensors show 0.4 to 1.4 % of these. */
const SPIKE_STEP = 0.2;
/** Neighbours this close to each other agree; waste seldom rises more between two readings around a glitch. */
const NEIGHBOURS_AGREE = 0.1;
/** Values a rounding error outside 0..1 are clamped, anything further is not a fill. */
const RANGE_SLACK = 0.05;

/** Tells whether `middle` jumps away from two neighbours that agree. */
export function isSpike(before: number, middle: number, after: number): boolean {
  const up = middle - before;
  const back = middle - after;
  if (Math.sign(up) !== Math.sign(back)) return false;
  const step = Math.min(Math.abs(up), Math.abs(back));
  return step >= SPIKE_STEP && Math.abs(after - before) <= Math.min(NEIGHBOURS_AGREE, step / 2);
}

/** Gives the point in clean form, or undefined when it must not reach the model. */
function toCleanPoint(point: SeriesPoint): CleanPoint | undefined {
  const crew = point.flags?.includes('CREW_EMPTIED') ?? false;
  if (!Number.isFinite(point.atMs)) return undefined;
  if (crew) return { atMs: point.atMs, fill: 0, censored: false, spike: false, crew: true };
  const outside = !(point.fill >= -RANGE_SLACK && point.fill <= 1 + RANGE_SLACK);
  if (point.quality === 'invalid' || outside) return undefined;
  const fill = Math.min(1, Math.max(0, point.fill));
  const saidFull = point.flags?.includes('CREW_FULL') ?? false;
  const censored = saidFull || fill >= CENSORED_FROM || point.quality === 'censored';
  return { atMs: point.atMs, fill, censored, spike: point.flags?.includes('SPIKE') ?? false, crew };
}

/**
 * Makes a series fit for detection and fitting: drops invalid readings, sorts, keeps one reading per moment
 * (a crew mark wins, else the later one in the list) and flags isolated single-sample spikes without deleting them.
 */
export function cleanSeries(points: readonly SeriesPoint[]): CleanPoint[] {
  const byTime = new Map<number, CleanPoint>();
  for (const point of points) {
    const clean = toCleanPoint(point);
    if (clean && !byTime.get(clean.atMs)?.crew) byTime.set(clean.atMs, clean);
  }
  const series = [...byTime.values()].sort((a, b) => a.atMs - b.atMs);
  for (let i = 1; i + 1 < series.length; i++) {
    const [before, middle, after] = [series[i - 1]!, series[i]!, series[i + 1]!];
    if (middle.crew || after.crew || before.spike) continue;
    middle.spike ||= isSpike(before.fill, middle.fill, after.fill);
  }
  return series;
}
