import { language } from './language.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;

/** Says how long ago something was, in the reader's language: "8 min. geleden". */
export function formatAge(ageMs: number): string {
  if (ageMs < 45_000) return language.value === 'nl' ? 'zojuist' : 'just now';
  return relative().format(...inUnits(-ageMs));
}

/** Says in how long something will be: "over 3 uur". */
export function formatUntil(untilMs: number): string {
  return relative().format(...inUnits(untilMs));
}

/** Clock time of an instant, local: "14:02"; with the weekday when it is another day than `nowMs`. */
export function formatTime(atMs: number, nowMs?: number): string {
  const otherDay = nowMs !== undefined && new Date(atMs).toDateString() !== new Date(nowMs).toDateString();
  return date({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(otherDay && { weekday: 'short' }) }).format(
    atMs,
  );
}

/** Day without the clock: "ma 23 nov". */
export function formatDay(atMs: number): string {
  return date({ weekday: 'short', day: 'numeric', month: 'short' }).format(atMs);
}

/** Day, month and clock, with the year: "27 nov 2026 17:34". */
export function formatMinute(atMs: number): string {
  return date({ ...DAY, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs);
}

/** The same to the second. */
export function formatSecond(atMs: number): string {
  return date({ ...DAY, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(atMs);
}

/** Full local time with its zone, for tooltips. */
export function formatMoment(atMs: number): string {
  return date({ dateStyle: 'full', timeStyle: 'long' }).format(atMs);
}

/** A fraction 0…1 as a percentage: "92 %". */
export function formatPercent(fraction: number): string {
  return number({ style: 'percent', maximumFractionDigits: 0 }).format(fraction);
}

export function formatNumber(value: number): string {
  return number({ maximumFractionDigits: 1 }).format(value);
}

/** Euros and cents: "€ 7,91". */
export function formatEuro(euros: number): string {
  return number({ style: 'currency', currency: 'EUR' }).format(euros);
}

/** A change with its sign, its size said by `format`: "+2,2 km". */
export function signed(change: number, format: (size: number) => string): string {
  return `${change < 0 ? '−' : '+'}${format(Math.abs(change))}`;
}

/** Metres as people say them: "350 m", "12,4 km". */
export function formatDistance(distanceM: number): string {
  const isShort = distanceM < 1000;
  return number({
    style: 'unit',
    unit: isShort ? 'meter' : 'kilometer',
    maximumFractionDigits: isShort || distanceM >= 100_000 ? 0 : 1,
  }).format(isShort ? Math.round(distanceM / 10) * 10 : distanceM / 1000);
}

/** Seconds as hours and minutes: "3 u 20 min". */
export function formatDuration(durationS: number): string {
  const minutes = Math.round(durationS / 60);
  const hours = Math.floor(minutes / 60);
  const hourWord = language.value === 'nl' ? 'u' : 'h';
  return hours === 0 ? `${minutes} min` : `${hours} ${hourWord} ${minutes % 60} min`;
}

function inUnits(ms: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return [Math.round(ms / 1000), 'second'];
  if (size < 1.5 * HOUR_MS) return [Math.round(ms / MINUTE_MS), 'minute'];
  if (size < 2 * DAY_MS) return [Math.round(ms / HOUR_MS), 'hour'];
  return [Math.round(ms / DAY_MS), 'day'];
}

// Intl formatters cost up to a millisecond to build: one each per language and shape.
const cache = new Map<string, unknown>();
function cached<T>(kind: string, options: object, build: () => T): T {
  const key = `${language.value} ${kind} ${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, build());
  return cache.get(key) as T;
}
function relative(): Intl.RelativeTimeFormat {
  return cached('relative', {}, () => new Intl.RelativeTimeFormat(language.value, { style: 'short' }));
}
function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached('number', options, () => new Intl.NumberFormat(language.value, options));
}
function date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached('date', options, () => new Intl.DateTimeFormat(language.value, options));
}
