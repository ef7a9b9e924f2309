import { HOUR_MS } from '../clock.ts';

const TIME_ZONE = 'Europe/Amsterdam';
const format = new Intl.DateTimeFormat('en-GB', {
  timeZone: TIME_ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  hourCycle: 'h23',
});
const offsets = new Map<number, number>();

/** Gives the city's wall clock as if it were UTC, ms since 1970. Zone offsets change on whole UTC hours only. */
export function toLocalMs(atMs: number): number {
  const hour = Math.floor(atMs / HOUR_MS);
  let offsetMs = offsets.get(hour);
  if (offsetMs === undefined) {
    const part = Object.fromEntries(
      format.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, Number(value)]),
    );
    offsetMs = Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!) - hour * HOUR_MS;
    if (offsets.size > 20_000) offsets.clear();
    offsets.set(hour, offsetMs);
  }
  return atMs + offsetMs;
}

/** Gives the moment at which the city's wall clock shows a time; not for the hour in which it is put back. */
export function toUtcMs(localMs: number): number {
  const guessMs = localMs - HOUR_MS;
  return localMs - (toLocalMs(guessMs) - guessMs);
}

/** Hour of the week on the city's wall clock: 0 = Monday 00:00 to 167. */
export function hourOfWeek(atMs: number): number {
  const hours = Math.floor(toLocalMs(atMs) / HOUR_MS);
  // 1970-01-01 was a Thursday
  return (((hours + 72) % 168) + 168) % 168;
}
