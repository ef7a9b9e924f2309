/** Minutes-exact offset of local time from UTC at a moment, ms; hour-of-week habits follow the local clock. */
export type OffsetAt = (atMs: number) => number;

export const HOUR_MS = 3_600_000;
export const WEEK_HOURS = 168;
const DAY_HOURS = 24;
/** 1 January 1970 was a Thursday: three days after the Monday that starts bucket 0. */
const MONDAY_SHIFT_HOURS = 72;
export const LEVEL_BINS = 5;

/**
 * What one asset has shown of its demand, as sums that fade with age.
 * `rise` and `hours` have one entry per local hour of the week, Monday 00:00 first.
 */
export interface Profile {
  /** Array 168, fill risen (net) in that hour of the week. */
  rise: number[];
  /** Array 168, hours observed. */
  hours: number[];
  /** Array LEVEL_BINS, fill risen while the level was in the bin, and the rise the profile expected there. */
  levelRise: number[];
  levelExpected: number[];
  /** Sums are in units of the weight at this moment, ms since 1970; newer observations weigh more. */
  weightAtMs: number;
  /** Prior of the kind of asset: fill per hour, worth this many observed hours. */
  priorPerHour: number;
  priorHours: number;
}

/** Half-life of an observation: long enough to learn 168 buckets, short enough to follow the seasons. */
const HALF_LIFE_MS = 120 * DAY_HOURS * HOUR_MS;
/**
 * Shrinkage is counted in fill risen (1 = one full bin), as in a Gamma-Poisson model: a bin that fills daily earns
 * its own weekly pattern within weeks, one that fills monthly keeps to its mean.
 */
const DAY_PRIOR_RISE = 1;
const CLOCK_PRIOR_RISE = 0.25;
const BUCKET_PRIOR_RISE = 0.5;
const LEVEL_PRIOR_RISE = 1;
const RESCALE_AT = 1e6;
/** A bin nobody uses still fills a little: keeps every ratio finite. */
const MIN_RATE = 1e-6;
const MAX_LEVEL_FACTOR = 3;
const MIN_LEVEL_FACTOR = 0.3;

export function emptyProfile(atMs: number, prior: { ratePerHour: number; weight: number }): Profile {
  return {
    rise: new Array<number>(WEEK_HOURS).fill(0),
    hours: new Array<number>(WEEK_HOURS).fill(0),
    levelRise: new Array<number>(LEVEL_BINS).fill(0),
    levelExpected: new Array<number>(LEVEL_BINS).fill(0),
    weightAtMs: atMs,
    priorPerHour: prior.ratePerHour,
    priorHours: prior.weight,
  };
}

export function hourOfWeek(atMs: number, offsetAt?: OffsetAt): number {
  const hours = Math.floor((atMs + (offsetAt ? offsetAt(atMs) : 0)) / HOUR_MS) + MONDAY_SHIFT_HOURS;
  return ((hours % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
}

export function levelBin(level: number): number {
  return Math.min(LEVEL_BINS - 1, Math.max(0, Math.floor(level * LEVEL_BINS)));
}

/** What the sums say: fill per hour for each hour of the week, and the factor of each level bin. */
export interface Rates {
  perHour: Float64Array;
  levelFactor: Float64Array;
  meanPerHour: number;
}

/** Sums over the week by weekday and by hour of day. */
interface Margins {
  dayRise: Float64Array;
  dayHours: Float64Array;
  clockRise: Float64Array;
  clockHours: Float64Array;
  rise: number;
  hours: number;
}

/** Gives the rates at `nowMs`: each bucket shrunk to hour of day × weekday, these to the mean, that to the prior. */
export function ratesOf(profile: Profile, nowMs: number): Rates {
  const fade = 2 ** ((profile.weightAtMs - nowMs) / HALF_LIFE_MS);
  const sums = marginsOf(profile, fade);
  const { priorPerHour, priorHours } = profile;
  const mean = Math.max(MIN_RATE, (sums.rise + priorPerHour * priorHours) / (sums.hours + priorHours));
  const perHour = new Float64Array(WEEK_HOURS);
  for (let i = 0; i < WEEK_HOURS; i++) {
    const day = (i / DAY_HOURS) | 0;
    const clock = i % DAY_HOURS;
    const byDay = shrunk(sums.dayRise[day]!, sums.dayHours[day]! * mean, DAY_PRIOR_RISE);
    const byClock = shrunk(sums.clockRise[clock]!, sums.clockHours[clock]! * mean, CLOCK_PRIOR_RISE);
    const expected = mean * byDay * byClock;
    perHour[i] = expected * shrunk(profile.rise[i]! * fade, profile.hours[i]! * fade * expected, BUCKET_PRIOR_RISE);
  }
  const levelFactor = new Float64Array(LEVEL_BINS);
  for (let b = 0; b < LEVEL_BINS; b++) {
    const factor = shrunk(profile.levelRise[b]! * fade, profile.levelExpected[b]! * fade, LEVEL_PRIOR_RISE);
    levelFactor[b] = Math.min(MAX_LEVEL_FACTOR, factor);
  }
  return { perHour, levelFactor, meanPerHour: mean };
}

/** Observed over expected rise, pulled toward 1 by a prior counted in rise; never negative. */
function shrunk(rise: number, expected: number, prior: number): number {
  return Math.max(0, (rise + prior) / (expected + prior));
}

function marginsOf(profile: Profile, fade: number): Margins {
  const sums: Margins = {
    dayRise: new Float64Array(7),
    dayHours: new Float64Array(7),
    clockRise: new Float64Array(DAY_HOURS),
    clockHours: new Float64Array(DAY_HOURS),
    rise: 0,
    hours: 0,
  };
  for (let i = 0; i < WEEK_HOURS; i++) {
    const rise = profile.rise[i]! * fade;
    const hours = profile.hours[i]! * fade;
    sums.dayRise[(i / DAY_HOURS) | 0]! += rise;
    sums.dayHours[(i / DAY_HOURS) | 0]! += hours;
    sums.clockRise[i % DAY_HOURS]! += rise;
    sums.clockHours[i % DAY_HOURS]! += hours;
    sums.rise += rise;
    sums.hours += hours;
  }
  return sums;
}

export interface Span {
  fromMs: number;
  toMs: number;
  offsetAt?: OffsetAt;
}

/** Calls back for each piece of the span that lies within one hour of the week. */
export function eachHour(span: Span, visit: (bucket: number, hours: number) => void): void {
  let atMs = span.fromMs;
  while (atMs < span.toMs) {
    const next = Math.min(span.toMs, (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS);
    visit(hourOfWeek(atMs, span.offsetAt), (next - atMs) / HOUR_MS);
    atMs = next;
  }
}

/**
 * Gives the expected fill at each time of `atMs` (ascending, none before `fromMs`), starting from `level`.
 * Not held below 1: a figure above 1 says how far demand overshoots.
 */
export function expectedPath(
  rates: Rates,
  start: { level: number; fromMs: number; offsetAt?: OffsetAt },
  atMs: readonly number[],
): number[] {
  const out: number[] = [];
  let level = start.level;
  let now = start.fromMs;
  for (const until of atMs) {
    while (now < until) {
      const next = Math.min(until, (Math.floor(now / HOUR_MS) + 1) * HOUR_MS);
      const rate = rates.perHour[hourOfWeek(now, start.offsetAt)]! * rates.levelFactor[levelBin(level)]!;
      level += (rate * (next - now)) / HOUR_MS;
      now = next;
    }
    out.push(level);
  }
  return out;
}

export interface Observed extends Span {
  fromLevel: number;
  toLevel: number;
  /** The rise is a lower bound: the scale ended. */
  censored: boolean;
}

/** Adds one observed interval without an emptying to the sums. */
export function observe(profile: Profile, seen: Observed, rates: Rates): void {
  let weight = 2 ** ((seen.toMs - profile.weightAtMs) / HALF_LIFE_MS);
  if (weight > RESCALE_AT) {
    rescale(profile, 1 / weight);
    profile.weightAtMs = seen.toMs;
    weight = 1;
  }
  let expected = 0;
  eachHour(seen, (bucket, hours) => (expected += rates.perHour[bucket]! * hours));
  const factor = rates.levelFactor[levelBin((seen.fromLevel + seen.toLevel) / 2)]!;
  let rise = seen.toLevel - seen.fromLevel;
  if (seen.censored) rise = Math.max(rise, expected * factor);
  const spanHours = (seen.toMs - seen.fromMs) / HOUR_MS;
  // The bin's own demand, freed of the level effect, goes to the hours by their expected shares.
  const demand = rise / Math.max(MIN_LEVEL_FACTOR, factor);
  eachHour(seen, (bucket, hours) => {
    const even = hours / spanHours;
    const share = expected > 0 ? 0.5 * even + (0.5 * rates.perHour[bucket]! * hours) / expected : even;
    profile.rise[bucket]! += weight * demand * share;
    profile.hours[bucket]! += weight * hours;
  });
  const bin = levelBin((seen.fromLevel + seen.toLevel) / 2);
  profile.levelRise[bin]! += weight * rise;
  profile.levelExpected[bin]! += weight * expected;
}

function rescale(profile: Profile, by: number): void {
  for (const sums of [profile.rise, profile.hours, profile.levelRise, profile.levelExpected]) {
    for (let i = 0; i < sums.length; i++) sums[i]! *= by;
  }
}
