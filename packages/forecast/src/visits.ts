import { eachHour, hourOfWeek, levelBin, LEVEL_BINS } from './profile.ts';
import type { OffsetAt } from './profile.ts';
import type { CleanPoint } from './series.ts';

const CLOCK = 0;
const DAY = 24;
const LEVEL = 31;
const ALL = LEVEL + LEVEL_BINS;
const SIZE = ALL + 1;

/** When this asset is emptied: counts and hours observed per local hour of day (24), weekday (7), level bin and in all. */
export interface Visits {
  count: number[];
  hours: number[];
}

/** Emptyings of evidence at which an hour, a weekday or a level counts as much as the mean. */
const PRIOR_VISITS = 1;
/** Before any emptying was seen: one a month. */
const PRIOR_HOURS = 720;

export function emptyVisits(): Visits {
  return { count: new Array<number>(SIZE).fill(0), hours: new Array<number>(SIZE).fill(0) };
}

/** Adds one interval between readings, in which the asset was emptied or not. */
export function observeVisit(
  visits: Visits,
  seen: { last: CleanPoint; point: CleanPoint; emptied: boolean; offsetAt?: OffsetAt },
): void {
  const { last, point, emptied, offsetAt } = seen;
  const span = { fromMs: last.atMs, toMs: point.atMs, offsetAt };
  const spanHours = (span.toMs - span.fromMs) / 3_600_000;
  if (spanHours > 72) return;
  const level = LEVEL + levelBin(last.fill);
  eachHour(span, (bucket, hours) => {
    for (const index of [CLOCK + (bucket % 24), DAY + ((bucket / 24) | 0), level, ALL]) {
      visits.hours[index]! += hours;
      if (emptied) visits.count[index]! += hours / spanHours;
    }
  });
}

/** Gives the chance per hour that the asset is emptied, at a local hour and a level. */
export function visitRate(visits: Visits, at: { atMs: number; level: number; offsetAt?: OffsetAt }): number {
  const bucket = hourOfWeek(at.atMs, at.offsetAt);
  const mean = (visits.count[ALL]! + PRIOR_VISITS) / (visits.hours[ALL]! + PRIOR_HOURS);
  const factor = (index: number) =>
    (visits.count[index]! + PRIOR_VISITS) / (visits.hours[index]! * mean + PRIOR_VISITS);
  return mean * factor(CLOCK + (bucket % 24)) * factor(DAY + ((bucket / 24) | 0)) * factor(LEVEL + levelBin(at.level));
}
