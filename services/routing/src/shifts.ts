import type { Calendar, TimeWindow, Vehicle } from '@ronde/contracts';
import { fromWallMs, toWallMs } from './zoned-time.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A stretch of time, ms since 1970. */
export interface Span {
  startMs: number;
  endMs: number;
}

/** Gives the spans in which weekly windows are open between two moments, in order; `to` not after `from` crosses midnight. */
export function openSpans(windows: TimeWindow[], timeZone: string, within: Span): Span[] {
  const firstDayMs = Math.floor(toWallMs(timeZone, within.startMs) / DAY_MS) * DAY_MS - DAY_MS;
  const lastDayMs = toWallMs(timeZone, within.endMs);
  const spans: Span[] = [];
  for (let dayMs = firstDayMs; dayMs <= lastDayMs; dayMs += DAY_MS) {
    const weekday = isoWeekday(dayMs);
    for (const window of windows) {
      if (window.days && !window.days.includes(weekday)) continue;
      const fromMs = minutesOf(window.from) * MINUTE_MS;
      const toMs = minutesOf(window.to) * MINUTE_MS;
      const span = {
        startMs: fromWallMs(timeZone, dayMs + fromMs),
        endMs: fromWallMs(timeZone, dayMs + toMs + (toMs <= fromMs ? DAY_MS : 0)),
      };
      if (span.endMs > within.startMs && span.startMs < within.endMs) spans.push(span);
    }
  }
  return spans.sort((a, b) => a.startMs - b.startMs);
}

/** Gives a vehicle's shifts between two moments; none on holidays and days without service. */
export function shiftsOf(vehicle: Vehicle, calendar: Calendar, within: Span): Span[] {
  return openSpans(vehicle.shifts, calendar.timeZone, within).filter(({ startMs }) => {
    const wallMs = toWallMs(calendar.timeZone, startMs);
    const date = new Date(wallMs).toISOString().slice(0, 10);
    return calendar.serviceDays.includes(isoWeekday(wallMs)) && !calendar.holidays.includes(date);
  });
}

/**
 * Finds until when an asset that a plan leaves alone must hold out: the end of the first shift that starts
 * after the plan, over the vehicles that may serve it; a day later when there is none in sight.
 */
export function nextOpportunityMs(vehicles: Vehicle[], calendar: Calendar, planEndMs: number): number {
  const within = { startMs: planEndMs, endMs: planEndMs + 8 * DAY_MS };
  const ends = vehicles.flatMap((vehicle) => {
    const next = shiftsOf(vehicle, calendar, within).find(({ startMs }) => startMs >= planEndMs);
    return next ? [next.endMs] : [];
  });
  return ends.length > 0 ? Math.min(...ends) : planEndMs + DAY_MS;
}

function isoWeekday(wallMs: number): number {
  return new Date(wallMs).getUTCDay() || 7;
}

function minutesOf(clockTime: string): number {
  const [hours, minutes] = clockTime.split(':').map(Number);
  return hours! * 60 + minutes!;
}
