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
      const span = spanOn(window, timeZone, dayMs);
      if (span.endMs > within.startMs && span.startMs < within.endMs) spans.push(span);
    }
  }
  return spans.sort((a, b) => a.startMs - b.startMs);
}

/**
 * Turns a value by the hour into steps, seconds since `originMs`; where several entries hold, the first one counts, and
 * `usual` where none does.
 */
export function stepsOf<E extends TimeWindow>(
  entries: readonly E[],
  { timeZone, within, originMs }: { timeZone: string; within: Span; originMs: number },
  { valueOf, usual }: { valueOf: (entry: E) => number; usual: number },
): { fromS: number; value: number }[] {
  const spans = entries.flatMap((entry) =>
    openSpans([entry], timeZone, within).map((span) => ({ ...span, value: valueOf(entry) })),
  );
  const valueAt = (ms: number): number =>
    spans.find(({ startMs, endMs }) => startMs <= ms && ms < endMs)?.value ?? usual;
  const changes = [...new Set(spans.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const steps = changes.map((ms) => ({ fromS: Math.round((ms - originMs) / 1000), value: valueAt(ms) }));
  return steps.filter(({ value }, index) => value !== (steps[index - 1]?.value ?? usual));
}

function spanOn(window: TimeWindow, timeZone: string, dayMs: number): Span {
  const fromMs = minutesOf(window.from) * MINUTE_MS;
  const toMs = minutesOf(window.to) * MINUTE_MS;
  return {
    startMs: fromWallMs(timeZone, dayMs + fromMs),
    endMs: fromWallMs(timeZone, dayMs + toMs + (toMs <= fromMs ? DAY_MS : 0)),
  };
}

/** Gives a vehicle's shifts between two moments; none on holidays and days without service, but those that make up for a holiday. */
export function shiftsOf(vehicle: Vehicle, calendar: Calendar, within: Span): Span[] {
  const regular = regularShifts(vehicle, calendar, within);
  const extra = (calendar.catchUps ?? []).flatMap(({ holiday, on }) => {
    const weekday = isoWeekday(Date.parse(holiday));
    const windows = vehicle.shifts.filter(({ days }) => !days || days.includes(weekday));
    return windows.map((window) => spanOn(window, calendar.timeZone, Date.parse(on)));
  });
  // who is on duty already that day catches up within the shift
  const added = extra.filter((span) => meets(span, within) && !regular.some((shift) => meets(span, shift)));
  return [...regular, ...added].sort((a, b) => a.startMs - b.startMs);
}

function meets(one: Span, two: Span): boolean {
  return one.endMs > two.startMs && one.startMs < two.endMs;
}

function regularShifts(vehicle: Vehicle, calendar: Calendar, within: Span): Span[] {
  return openSpans(vehicle.shifts, calendar.timeZone, within).filter(({ startMs }) => {
    const wallMs = toWallMs(calendar.timeZone, startMs);
    const date = new Date(wallMs).toISOString().slice(0, 10);
    return calendar.serviceDays.includes(isoWeekday(wallMs)) && !calendar.holidays.includes(date);
  });
}

/**
 * Finds until when an asset that a plan leaves alone must hold out: the end of the first shift that starts
 * after the plan, over the vehicles that may serve it; a day later when there is none in sight.
 * @param canTip whether what is collected in a shift can be tipped; a shift in which every tip is closed is no opportunity
 */
export function nextOpportunityMs(
  vehicles: Vehicle[],
  calendar: Calendar,
  planEndMs: number,
  canTip: (shift: Span) => boolean = () => true,
): number {
  const within = { startMs: planEndMs, endMs: planEndMs + 8 * DAY_MS };
  const ends = vehicles.flatMap((vehicle) => {
    const next = shiftsOf(vehicle, calendar, within).find((shift) => shift.startMs >= planEndMs && canTip(shift));
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
