import { round } from './scores.ts';

/** How well the time at which fill reaches a threshold was foreseen; hours. */
export interface ThresholdScore {
  /** Fraction 0..1 that had to be reached. */
  threshold: number;
  /** Forecasts whose threshold was indeed reached within a week, without an emptying before. */
  n: number;
  maeH: number | null;
  medianErrorH: number | null;
  /** Share of moments reached within the stated 5..95 % range. */
  coverage90: number | null;
  meanRateMaeH: number | null;
}

export interface ThresholdTally {
  add(outcome: { actualH: number; p05H: number; p50H: number; p95H: number; meanRateH: number }): void;
  score(): ThresholdScore;
}

/** Forecasts that name no time within this are scored as if they named this one. */
export const LONGEST_H = 168;

/** Collects foreseen and actual hours to the threshold. */
export function createThresholdTally(threshold: number): ThresholdTally {
  const errors: number[] = [];
  let covered = 0;
  let meanRate = 0;
  return {
    add({ actualH, p05H, p50H, p95H, meanRateH }) {
      errors.push(Math.abs(Math.min(p50H, LONGEST_H) - actualH));
      meanRate += Math.abs(Math.min(meanRateH, LONGEST_H) - actualH);
      if (actualH >= p05H && actualH <= p95H) covered++;
    },
    score() {
      const n = errors.length;
      const sorted = [...errors].sort((a, b) => a - b);
      const per = (total: number, digits: number) => (n > 0 ? round(total / n, digits) : null);
      return {
        threshold,
        n,
        maeH: per(
          errors.reduce((sum, error) => sum + error, 0),
          2,
        ),
        medianErrorH: n > 0 ? round(sorted[n >> 1]!, 2) : null,
        coverage90: per(covered, 4),
        meanRateMaeH: per(meanRate, 2),
      };
    },
  };
}
