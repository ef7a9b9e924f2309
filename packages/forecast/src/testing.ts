import type { SeriesPoint } from './series.ts';

/** Seeded generator of uniform numbers (mulberry32), so that every run sees the same series. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface KnownSeries {
  points: SeriesPoint[];
  /** First reading after each emptying. */
  emptiedAtMs: number[];
  /** Fill without noise, censoring or spikes, per point. */
  truth: number[];
  spikesAtMs: number[];
}

export interface KnownOptions {
  days: number;
  seed?: number;
  /** Mean fill per hour. */
  ratePerHour?: number;
  /** Emptied at 06:00 on every n-th day. */
  emptyEveryDays?: number;
  spikeShare?: number;
  noise?: number;
  /** Share of demand of a local hour of the week, mean 1. */
  demand?: (hourOfDay: number, weekday: number) => number;
}

export const HOUR = 3_600_000;
export const MONDAY = Date.UTC(2025, 0, 6);

/** People drop waste by day; the mean over a day is 1. */
export function dayDemand(hourOfDay: number): number {
  return hourOfDay >= 8 && hourOfDay < 20 ? 1.8 : 0.2;
}

/** Makes an hourly series whose truth is known: single deposits, emptyings, sensor noise, spikes, the end of the scale. */
export function knownSeries(options: KnownOptions): KnownSeries {
  const {
    days,
    seed = 1,
    ratePerHour = 0.012,
    emptyEveryDays = 4,
    spikeShare = 0,
    noise = 0.01,
    demand = dayDemand,
  } = options;
  const random = seeded(seed);
  const made: KnownSeries = { points: [], emptiedAtMs: [], truth: [], spikesAtMs: [] };
  let level = 0;
  for (let hour = 0; hour < days * 24; hour++) {
    const atMs = MONDAY + hour * HOUR;
    const [hourOfDay, day] = [hour % 24, Math.floor(hour / 24)];
    const deposits = Math.floor(random() * 2 * demand(hourOfDay, day % 7) * 3 + random());
    for (let i = 0; i < deposits; i++) level += (ratePerHour / 3.5) * 2 * random();
    if (hourOfDay === 6 && day > 0 && day % emptyEveryDays === 0) {
      level = 0;
      made.emptiedAtMs.push(atMs);
    }
    const spike = random() < spikeShare;
    if (spike) made.spikesAtMs.push(atMs);
    const seen = spike ? (level > 0.5 ? 0.02 : 0.97) : level + (random() + random() - 1) * noise;
    made.truth.push(level);
    made.points.push({ atMs, fill: Math.min(1, Math.max(0, Math.round(seen * 100) / 100)) });
  }
  return made;
}
