import type { FillModel } from './model.ts';
import { HOUR_MS, expectedPath, ratesOf } from './profile.ts';
import type { OffsetAt, Profile } from './profile.ts';
import { P05, P50, P95, clamp01, clampedMean, probabilityBelow } from './quantiles.ts';
import { quantilesAt } from './spread.ts';
import type { Spread } from './spread.ts';

/** Where a forecast starts: the last reliable level and its own time, and now. Times in ms since 1970, level 0..1. */
export interface ForecastStart {
  nowMs: number;
  level: number;
  levelAtMs: number;
  /** Local time minus UTC at a moment, ms; default UTC. Must be the one the model was fitted with. */
  offsetAt?: OffsetAt;
}

export interface ForecastOptions extends ForecastStart {
  /** Hours after nowMs; or give untilMs (and stepH, default 1). */
  horizonsH?: readonly number[];
  untilMs?: number;
  stepH?: number;
}

/** Fill expected at a moment if nobody empties the asset before: median, 90 % interval and mean, 0..1. */
export interface FillForecast {
  atMs: number;
  p05: number;
  p50: number;
  p95: number;
  mean: number;
}

/** Gives the quantiles of fill (LEVELS, not clamped) at each time, extrapolated from the last level at its own time. */
export function quantilePath(
  from: { profile: Profile; spread: Spread },
  start: ForecastStart,
  atMs: readonly number[],
): number[][] {
  const rates = ratesOf(from.profile, start.nowMs);
  const fromMs = Math.min(start.levelAtMs, atMs[0] ?? start.levelAtMs);
  const expected = expectedPath(rates, { level: start.level, fromMs, offsetAt: start.offsetAt }, atMs);
  return expected.map((level, i) =>
    quantilesAt(from.spread, { horizonH: (atMs[i]! - fromMs) / HOUR_MS, from: start.level, expected: level }),
  );
}

/**
 * Forecasts fill at the given horizons, on condition that the asset is not emptied in between.
 * @returns points in ascending time; every value within 0..1
 */
export function forecast(model: FillModel, options: ForecastOptions): FillForecast[] {
  const atMs = forecastTimes(options);
  return quantilePath(model, options, atMs).map((quantiles, i) => ({
    atMs: atMs[i]!,
    p05: clamp01(quantiles[P05]!),
    p50: clamp01(quantiles[P50]!),
    p95: clamp01(quantiles[P95]!),
    mean: clampedMean(quantiles),
  }));
}

/** Gives the moments the options ask for, ascending. */
export function forecastTimes(options: ForecastOptions): number[] {
  if (options.horizonsH) return options.horizonsH.map((hours) => options.nowMs + hours * HOUR_MS).sort((a, b) => a - b);
  const stepMs = (options.stepH ?? 1) * HOUR_MS;
  const untilMs = options.untilMs ?? options.nowMs + 48 * HOUR_MS;
  const times: number[] = [];
  for (let atMs = options.nowMs; atMs <= untilMs; atMs += stepMs) times.push(atMs);
  return times;
}

export interface TimeToFullOptions extends ForecastStart {
  /** Fill that counts as full; default 1. */
  threshold?: number;
  /** How far to look, hours after nowMs; default 720. */
  maxH?: number;
}

/** Moments (ms since 1970) by which the asset is full with 5, 50 and 95 % chance; null: not within the time looked at. */
export interface FullTimes {
  p05: number | null;
  p50: number | null;
  p95: number | null;
}

/** Finds when fill reaches the threshold if nobody empties the asset: the earliest plausible, median and latest moment. */
export function timeToFull(model: FillModel, options: TimeToFullOptions): FullTimes {
  const { threshold = 1, maxH = 720 } = options;
  const found: FullTimes = { p05: null, p50: null, p95: null };
  const rates = ratesOf(model.profile, options.nowMs);
  let level = options.level;
  let fromMs = options.levelAtMs;
  for (let hour = 0; hour <= maxH; hour++) {
    const atMs = options.nowMs + hour * HOUR_MS;
    level = expectedPath(rates, { level, fromMs, offsetAt: options.offsetAt }, [atMs])[0]!;
    fromMs = Math.max(fromMs, atMs);
    const horizonH = Math.max(0, (atMs - options.levelAtMs) / HOUR_MS);
    const quantiles = quantilesAt(model.demand, { horizonH, from: options.level, expected: level });
    if (found.p05 === null && quantiles[P95]! >= threshold) found.p05 = atMs;
    if (found.p50 === null && quantiles[P50]! >= threshold) found.p50 = atMs;
    if (quantiles[P05]! < threshold) continue;
    return { p05: found.p05 ?? atMs, p50: found.p50 ?? atMs, p95: atMs };
  }
  return found;
}

export interface RiskOptions extends ForecastStart {
  byMs: number;
  /** Fill that counts as full; default 1. */
  threshold?: number;
}

/**
 * Gives the chance (0..1) that fill reaches the threshold (default 1) before `byMs`, if nobody empties the asset.
 * A level already there gives 1.
 */
export function overflowRisk(model: FillModel, options: RiskOptions): number {
  const threshold = options.threshold ?? 1;
  if (options.level >= threshold) return 1;
  const atMs: number[] = [];
  const fromMs = Math.max(options.nowMs, options.levelAtMs);
  for (let at = fromMs; at < options.byMs; at += 6 * HOUR_MS) atMs.push(at);
  atMs.push(Math.max(fromMs, options.byMs));
  let risk = 0;
  for (const quantiles of quantilePath({ profile: model.profile, spread: model.demand }, options, atMs)) {
    risk = Math.max(risk, 1 - probabilityBelow(quantiles, threshold));
  }
  return risk;
}
