import type { ChamberDemand } from '../city/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';
import { toLocalMs } from './local-time.ts';

/** A visit passes bins that are nearly empty. */
const NOT_WORTH_IT = 0.25;
const MISSED = 0.03;
const PUNCTUAL_MS = 25 * MINUTE_MS;

type Schedule = Pick<ChamberDemand, 'visitEveryDays' | 'visitHour'>;

/** First visit after a moment, when bins are emptied on fixed days. */
export function firstVisitMs({ visitEveryDays, visitHour }: Schedule, fromMs: number, rng: Rng): number {
  const midnightMs = fromMs - (toLocalMs(fromMs) % DAY_MS);
  const firstMs = midnightMs + visitHour * HOUR_MS + rng.int(Math.ceil(visitEveryDays)) * DAY_MS;
  return firstMs <= fromMs ? firstMs + visitEveryDays * DAY_MS : firstMs;
}

/** The visit after one, within half an hour of its time. */
export function visitTimeMs({ visitEveryDays }: Schedule, lastMs: number, rng: Rng): number {
  const scatterMs = Math.max(-HOUR_MS, Math.min(HOUR_MS, rng.normal(0, PUNCTUAL_MS)));
  return Math.round(lastMs + visitEveryDays * DAY_MS + scatterMs / 2);
}

/** Tells whether the crew empties what it finds. */
export function isWorthIt(level: number, rng: Rng): boolean {
  return level >= NOT_WORTH_IT && !rng.chance(MISSED);
}
