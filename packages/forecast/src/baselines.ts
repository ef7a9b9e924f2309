import { HOUR_MS, WEEK_HOURS, eachHour } from './profile.ts';
import { clamp01 } from './quantiles.ts';
import type { CleanPoint } from './series.ts';

export const BASELINES = ['persistence', 'meanRate', 'hourOfWeek'] as const;
export type BaselineName = (typeof BASELINES)[number];

/** Simple forecasters beside which the model is measured; they learn as they go, like the model. */
export interface Baselines {
  learn(last: CleanPoint, point: CleanPoint): void;
  predict(from: CleanPoint, hours: number): Record<BaselineName, number>;
  /** Hours the mean rate needs from a level to a threshold. */
  hoursTo(from: CleanPoint, threshold: number): number;
}

/** Hours of the mean rate added to each bucket of the hour-of-week profile. */
const SHRINK_HOURS = 10;

/** Makes the three baselines: last value, mean rise per hour, rise per hour of the week shrunk to the mean. */
export function createBaselines(): Baselines {
  const rise = new Float64Array(WEEK_HOURS);
  const hours = new Float64Array(WEEK_HOURS);
  let allRise = 0;
  let allHours = 0;
  const mean = () => (allHours > 0 ? Math.max(0, allRise / allHours) : 0);
  const weekly = (from: CleanPoint, horizonH: number) => {
    let level = from.fill;
    const average = mean();
    eachHour({ fromMs: from.atMs, toMs: from.atMs + horizonH * HOUR_MS }, (bucket, share) => {
      level += (share * (rise[bucket]! + average * SHRINK_HOURS)) / (hours[bucket]! + SHRINK_HOURS);
    });
    return level;
  };
  return {
    learn(last, point) {
      const span = (point.atMs - last.atMs) / HOUR_MS;
      const perHour = (point.fill - last.fill) / span;
      allRise += point.fill - last.fill;
      allHours += span;
      eachHour({ fromMs: last.atMs, toMs: point.atMs }, (bucket, share) => {
        rise[bucket]! += perHour * share;
        hours[bucket]! += share;
      });
    },
    predict: (from, horizonH) => ({
      persistence: from.fill,
      meanRate: clamp01(from.fill + mean() * horizonH),
      hourOfWeek: clamp01(weekly(from, horizonH)),
    }),
    hoursTo: (from, threshold) => (mean() > 0 ? (threshold - from.fill) / mean() : Infinity),
  };
}
