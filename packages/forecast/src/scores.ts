import { BASELINES } from './baselines.ts';
import type { BaselineName } from './baselines.ts';

/** A distribution forecast and what came, in one unit. */
export interface Scored {
  p05: number;
  p50: number;
  p95: number;
  mean: number;
  actual: number;
}

/** Scores of one horizon, in percentage points of fill; the baselines' figures are mean absolute errors. */
export interface HorizonScore {
  n: number;
  /** Null in this and the other figures when n is 0. */
  mae: number | null;
  rmse: number | null;
  /** Mean pinball loss over the 5, 50 and 95 % quantiles. */
  pinball: number | null;
  /** Share of outcomes within p05..p95. */
  coverage90: number | null;
  baselines: Record<BaselineName, number | null>;
}

export interface HorizonTally {
  add(forecast: Scored, baselines: Record<BaselineName, number>): void;
  score(): HorizonScore;
}

function pinball(quantile: number, level: number, actual: number): number {
  const error = actual - quantile;
  return error >= 0 ? level * error : (level - 1) * error;
}

/** Collects forecasts of one horizon and gives their mean scores; the median is the point forecast. */
export function createTally(): HorizonTally {
  const sum = { n: 0, absolute: 0, square: 0, pinball: 0, covered: 0 };
  const baseline = { persistence: 0, meanRate: 0, hourOfWeek: 0 };
  return {
    add(forecast, baselines) {
      const { actual } = forecast;
      sum.n++;
      sum.absolute += Math.abs(forecast.p50 - actual);
      sum.square += (forecast.mean - actual) ** 2;
      sum.pinball +=
        (pinball(forecast.p05, 0.05, actual) +
          pinball(forecast.p50, 0.5, actual) +
          pinball(forecast.p95, 0.95, actual)) /
        3;
      if (actual >= forecast.p05 && actual <= forecast.p95) sum.covered++;
      for (const name of BASELINES) baseline[name] += Math.abs(baselines[name] - actual);
    },
    score() {
      const per = (total: number, digits = 3) => (sum.n > 0 ? round(total / sum.n, digits) : null);
      return {
        n: sum.n,
        mae: per(sum.absolute),
        rmse: sum.n > 0 ? round(Math.sqrt(sum.square / sum.n), 3) : null,
        pinball: per(sum.pinball),
        coverage90: per(sum.covered, 4),
        baselines: {
          persistence: per(baseline.persistence),
          meanRate: per(baseline.meanRate),
          hourOfWeek: per(baseline.hourOfWeek),
        },
      };
    },
  };
}

export function round(x: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(x * factor) / factor;
}
