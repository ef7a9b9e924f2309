import type { FillModel } from './model.ts';
import type { FillForecast, ForecastOptions } from './predict.ts';
import { forecastTimes, quantilePath } from './predict.ts';
import { HOUR_MS, expectedPath, ratesOf } from './profile.ts';
import { clamp01, clampedMean, probabilityBelow } from './quantiles.ts';
import { quantilesAt } from './spread.ts';
import { visitRate } from './visits.ts';

interface Part {
  weight: number;
  quantiles: number[];
}

/** Emptyings within one block of this many hours are taken together. */
const BLOCK_HOURS = 3;

/**
 * Forecasts fill as it will be measured, emptyings included: mixes the forecast without an emptying with what the
 * bin would hold had it been emptied at any moment before, weighted by the asset's own habit (hour, weekday, level).
 * At most one emptying per forecast is reckoned with.
 */
export function forecastWithVisits(model: FillModel, options: ForecastOptions): FillForecast[] {
  const times = forecastTimes(options);
  const still = quantilePath(model, options, times);
  return times.map((atMs, i) => mix(atMs, partsAt(model, options, { atMs, quantiles: still[i]! })));
}

/** Forecast parts at one time: not emptied, and emptied around each step before it. */
function partsAt(model: FillModel, options: ForecastOptions, target: { atMs: number; quantiles: number[] }): Part[] {
  const { offsetAt, levelAtMs } = options;
  const rates = ratesOf(model.profile, options.nowMs);
  const parts: Part[] = [];
  let alive = 1;
  let level = options.level;
  let block = { weight: 0, time: 0 };
  const refilled = (emptiedMs: number) => {
    const expected = expectedPath(rates, { level: 0, fromMs: emptiedMs, offsetAt }, [target.atMs])[0]!;
    return quantilesAt(model.spread, { horizonH: (target.atMs - emptiedMs) / HOUR_MS, from: 0, expected });
  };
  const close = () => {
    if (block.weight > 0.002) parts.push({ weight: block.weight, quantiles: refilled(block.time / block.weight) });
    block = { weight: 0, time: 0 };
  };
  for (let from = levelAtMs, hour = 1; from < target.atMs; from += HOUR_MS, hour++) {
    const to = Math.min(target.atMs, from + HOUR_MS);
    const perHour = visitRate(model.visits, { atMs: (from + to) / 2, level: clamp01(level), offsetAt });
    const gone = alive * Math.min(1, (perHour * (to - from)) / HOUR_MS);
    alive -= gone;
    block.weight += gone;
    block.time += gone * ((from + to) / 2);
    if (hour % BLOCK_HOURS === 0) close();
    level = expectedPath(rates, { level, fromMs: from, offsetAt }, [to])[0]!;
  }
  close();
  parts.push({ weight: alive, quantiles: target.quantiles });
  return parts;
}

function mix(atMs: number, parts: readonly Part[]): FillForecast {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  const below = (x: number) =>
    parts.reduce((sum, part) => sum + part.weight * probabilityBelow(part.quantiles, x), 0) / total;
  const quantile = (level: number) => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 10; i++) {
      const middle = (low + high) / 2;
      if (below(middle) < level) low = middle;
      else high = middle;
    }
    return high > 0.999 ? 1 : low === 0 ? 0 : (low + high) / 2;
  };
  const mean = parts.reduce((sum, part) => sum + part.weight * clampedMean(part.quantiles), 0) / total;
  return { atMs, p05: quantile(0.05), p50: quantile(0.5), p95: quantile(0.95), mean };
}
