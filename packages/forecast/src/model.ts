import { judgeDrop } from './emptyings.ts';
import type { Emptying } from './emptyings.ts';
import { HOUR_MS, emptyProfile, expectedPath, observe, ratesOf } from './profile.ts';
import type { OffsetAt, Profile, Rates } from './profile.ts';
import { cleanSeries, isSpike } from './series.ts';
import type { CleanPoint, SeriesPoint } from './series.ts';
import { HORIZONS_H, learn, priorSpread } from './spread.ts';
import type { Spread } from './spread.ts';
import { emptyVisits, observeVisit } from './visits.ts';
import type { Visits } from './visits.ts';

/** What assets of this kind do on average: fill per hour, believed like this many hours of own observation. */
export interface RatePrior {
  ratePerHour: number;
  weight: number;
}

export interface FitOptions {
  /** Readings after this moment are ignored. */
  nowMs: number;
  prior?: RatePrior;
  /** Local time minus UTC at a moment, ms; default UTC. */
  offsetAt?: OffsetAt;
}

/** A forecast of the past that waits for its outcome. */
interface Origin {
  atMs: number;
  level: number;
  /** Expected fill per HORIZONS_H. */
  expected: number[];
  /** First horizon not yet marked. */
  next: number;
}

/** All that was learnt of one asset: plain numbers, so that it can be stored and sent as JSON. */
export interface FillModel {
  version: 1;
  profile: Profile;
  /** Errors over spans in which nobody emptied the asset: what its next readings will show. */
  spread: Spread;
  /**
   * Errors with the spans an emptying cut short counted as "at least": what it would hold had nobody come.
   * Crews come to fast bins first, so the survivors alone make a bin look slower than it is.
   */
  demand: Spread;
  visits: Visits;
  origins: Origin[];
  /** Last reading taken in, then at most two that wait for the readings which judge them. */
  tail: CleanPoint[];
  lastEmptying: Emptying | null;
  readings: number;
  emptyings: number;
}

const DEFAULT_PRIOR: RatePrior = { ratePerHour: 0.005, weight: 24 };
/** Readings that judge a drop: itself and two more (see judgeDrop). */
const LOOK = 3;
const ORIGIN_EVERY_MS = 3 * HOUR_MS;
/** A silence this long hides emptyings; its rise says nothing. */
const MAX_GAP_MS = 72 * HOUR_MS;
/** Readings of a full bin wander this much under the end of the scale; a bound at such a plateau is no more exact. */
const PLATEAU = 0.05;
const OUTCOME_NEAR_MS = 1.5 * HOUR_MS;

/**
 * Learns one asset's fill behaviour from its readings (any order; faults are cleaned away).
 * @returns a plain object; with no readings at all it is the prior with wide intervals
 */
export function fitModel(series: readonly SeriesPoint[], options: FitOptions): FillModel {
  const first = series[0]?.atMs ?? options.nowMs;
  const blank: FillModel = {
    version: 1,
    profile: emptyProfile(first, options.prior ?? DEFAULT_PRIOR),
    spread: priorSpread(),
    demand: priorSpread(),
    visits: emptyVisits(),
    origins: [],
    tail: [],
    lastEmptying: null,
    readings: 0,
    emptyings: 0,
  };
  return absorb(blank, series, options);
}

/**
 * Takes in new readings; the given model stays as it is. Readings not newer than the last one taken in are ignored:
 * after a late backlog fit again. Cheap enough for every uplink.
 */
export function updateModel(model: FillModel, newPoints: readonly SeriesPoint[], options: FitOptions): FillModel {
  return absorb(copyOf(model), newPoints, options);
}

function copyOf(model: FillModel): FillModel {
  const { profile, visits } = model;
  return {
    ...model,
    profile: {
      ...profile,
      rise: profile.rise.slice(),
      hours: profile.hours.slice(),
      levelRise: profile.levelRise.slice(),
      levelExpected: profile.levelExpected.slice(),
    },
    visits: { count: visits.count.slice(), hours: visits.hours.slice() },
    spread: model.spread.slice(),
    demand: model.demand.slice(),
    origins: model.origins.map((origin) => ({ ...origin })),
    tail: model.tail.slice(),
  };
}

function absorb(model: FillModel, points: readonly SeriesPoint[], options: FitOptions): FillModel {
  const lastMs = model.tail.at(-1)?.atMs ?? -Infinity;
  const fresh = cleanSeries(points).filter((point) => point.atMs > lastMs && point.atMs <= options.nowMs);
  const memo: RatesMemo = { rates: undefined, atMs: 0 };
  for (const point of fresh) {
    model.tail.push(point);
    model.readings++;
    while (model.tail.length > LOOK || model.tail[1]?.crew) step(model, memo, options.offsetAt);
  }
  return model;
}

interface RatesMemo {
  rates: Rates | undefined;
  atMs: number;
}

function freshRates(model: FillModel, memo: RatesMemo, nowMs: number): Rates {
  if (!memo.rates || nowMs - memo.atMs >= ORIGIN_EVERY_MS) {
    memo.rates = ratesOf(model.profile, nowMs);
    memo.atMs = nowMs;
  }
  return memo.rates;
}

/** Takes the second point of the tail in, judged by the ones after it. */
function step(model: FillModel, memo: RatesMemo, offsetAt?: OffsetAt): void {
  const [last, point, next] = model.tail as [CleanPoint, CleanPoint, CleanPoint | undefined];
  if (point.spike || (next && !next.crew && !point.crew && isSpike(last.fill, point.fill, next.fill))) {
    model.tail.splice(1, 1);
    return;
  }
  model.tail.shift();
  const emptied = judgeDrop(last, model.tail);
  observeVisit(model.visits, { last, point, emptied: typeof emptied === 'object', offsetAt });
  const rates = freshRates(model, memo, point.atMs);
  if (typeof emptied === 'object') {
    model.lastEmptying = emptied;
    model.emptyings++;
    cutOrigins(model, last);
  } else if (point.atMs - last.atMs > MAX_GAP_MS) {
    model.origins = [];
  } else {
    takeRise(model, { last, point, rates, offsetAt });
  }
  addOrigin(model, { point, rates, offsetAt });
}

function takeRise(
  model: FillModel,
  seen: { last: CleanPoint; point: CleanPoint; rates: Rates; offsetAt?: OffsetAt },
): void {
  const { last, point, rates, offsetAt } = seen;
  if (!last.censored) {
    const span = { fromMs: last.atMs, toMs: point.atMs, offsetAt };
    observe(model.profile, { ...span, fromLevel: last.fill, toLevel: point.fill, censored: point.censored }, rates);
  }
  for (const origin of model.origins) markOrigin(model, origin, { last, point });
  model.origins = model.origins.filter((origin) => origin.next < HORIZONS_H.length);
}

function markOrigin(model: FillModel, origin: Origin, between: { last: CleanPoint; point: CleanPoint }): void {
  while (origin.next < HORIZONS_H.length) {
    const dueMs = origin.atMs + HORIZONS_H[origin.next]! * HOUR_MS;
    if (dueMs > between.point.atMs) return;
    const outcome = outcomeAt(between.last, between.point, dueMs);
    const marked = { horizon: origin.next, from: origin.level, expected: origin.expected[origin.next]!, ...outcome };
    learn(model.spread, marked);
    learn(model.demand, marked);
    origin.next++;
  }
}

/** An emptying ends what can be known: demand had brought the asset at least to its last level. */
function cutOrigins(model: FillModel, last: CleanPoint): void {
  for (const { level, expected, next } of model.origins) {
    for (let horizon = next; horizon < HORIZONS_H.length; horizon++) {
      learn(model.demand, {
        horizon,
        from: level,
        expected: expected[horizon]!,
        actual: last.fill - PLATEAU,
        censored: true,
      });
    }
  }
  model.origins = [];
}

/** The reading near the due time, else the straight line between the two around it. */
function outcomeAt(last: CleanPoint, point: CleanPoint, dueMs: number): { actual: number; censored: boolean } {
  const nearest = dueMs - last.atMs < point.atMs - dueMs ? last : point;
  if (Math.abs(nearest.atMs - dueMs) <= OUTCOME_NEAR_MS) return { actual: nearest.fill, censored: nearest.censored };
  const share = (dueMs - last.atMs) / (point.atMs - last.atMs);
  return { actual: last.fill + share * (point.fill - last.fill), censored: last.censored && point.censored };
}

function addOrigin(model: FillModel, from: { point: CleanPoint; rates: Rates; offsetAt?: OffsetAt }): void {
  const { point, rates, offsetAt } = from;
  const newest = model.origins.at(-1);
  if (point.censored || (newest && point.atMs - newest.atMs < ORIGIN_EVERY_MS)) return;
  const due = HORIZONS_H.map((hours) => point.atMs + hours * HOUR_MS);
  const expected = expectedPath(rates, { level: point.fill, fromMs: point.atMs, offsetAt }, due);
  model.origins.push({ atMs: point.atMs, level: point.fill, expected, next: 0 });
}
