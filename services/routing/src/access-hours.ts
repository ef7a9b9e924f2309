import type { StopLearning, TimeWindow } from '@ronde/contracts';
import type { Window } from '@ronde/solver';
import { openSpans, type Span } from './shifts.ts';
import { toWallMs } from './zoned-time.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A car in the way once, or on one bad day, is chance; on three days it is the street. */
const LEAST_DAYS = 3;
/** Chance of being shut out from which an hour is avoided. */
const AVOIDED_FROM = 0.5;
/** Visits that weigh as much as what is usual, and how often a place is usually blocked. */
const USUAL_WEIGHT = 2;
const USUAL_CHANCE = 0.1;
/** What happened an hour before or after says half as much. */
const NEIGHBOUR_WEIGHT = 0.5;
/** Less than this left to start in is no choice. */
const LEAST_OPEN_S = 3_600;

/**
 * Finds the hours of the day, local time, at which crews mostly could not get at an asset. A place that is blocked at every
 * hour at which anybody came has none: there is no better one to send them at.
 */
export function blockedHours(visits: NonNullable<StopLearning['visits']>, timeZone: string): number[] {
  const walls = visits.map(({ at, reached }) => ({ wallMs: toWallMs(timeZone, Date.parse(at)), reached }));
  const avoided = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => {
    let [blocked, total] = [0, 0];
    const days = new Set<number>();
    for (const { wallMs, reached } of walls) {
      const weight = weightAt(Math.floor((wallMs % DAY_MS) / HOUR_MS), hour);
      total += weight;
      if (reached || weight === 0) continue;
      blocked += weight;
      days.add(Math.floor(wallMs / DAY_MS));
    }
    const chance = (blocked + USUAL_CHANCE * USUAL_WEIGHT) / (total + USUAL_WEIGHT);
    return days.size >= LEAST_DAYS && chance >= AVOIDED_FROM;
  });
  const tried = walls.map(({ wallMs }) => Math.floor((wallMs % DAY_MS) / HOUR_MS));
  return tried.every((hour) => avoided.includes(hour)) ? [] : avoided;
}

function weightAt(seen: number, hour: number): number {
  const apart = Math.min((seen - hour + 24) % 24, (hour - seen + 24) % 24);
  return apart === 0 ? 1 : apart === 1 ? NEIGHBOUR_WEIGHT : 0;
}

/** Takes hours of the day out of the starts of service that a plan allows, unless that leaves hardly any. */
export function withoutHours(
  windows: Window[] | undefined,
  hours: readonly number[],
  { timeZone, within }: { timeZone: string; within: Span },
): { windows?: Window[] } {
  if (hours.length === 0) return windows ? { windows } : {};
  const toS = (atMs: number): number => Math.round((atMs - within.startMs) / 1000);
  const closed = openSpans(hours.map(wholeHour), timeZone, within);
  const endS = toS(within.endMs);
  const left = closed.reduce(
    (open, span) => open.flatMap((window) => apart(window, [toS(span.startMs), toS(span.endMs)])),
    windows ?? [[0, endS] as const],
  );
  const openS = left.reduce((sum, [from, until]) => sum + Math.min(until, endS) - Math.max(from, 0), 0);
  if (openS < LEAST_OPEN_S) return windows ? { windows } : {};
  return { windows: left };
}

function wholeHour(hour: number): TimeWindow {
  const text = (value: number): string => `${String(value).padStart(2, '0')}:00`;
  return { from: text(hour), to: text(hour + 1) };
}

/** A window without the starts of service in a span. */
function apart([openS, closeS]: Window, [fromS, untilS]: Window): Window[] {
  if (closeS < fromS || openS >= untilS) return [[openS, closeS]];
  return [
    ...(openS < fromS ? [[openS, fromS - 1] as const] : []),
    ...(closeS >= untilS ? [[untilS, closeS] as const] : []),
  ];
}
