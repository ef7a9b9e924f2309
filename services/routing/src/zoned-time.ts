const MINUTE_MS = 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
}

/** Gives the wall time of a zone, as if it were UTC, to the minute. */
export function toWallMs(timeZone: string, atMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(atMs)) part[type] = Number(value);
  return Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!);
}

/** Gives the moment at which a zone's wall shows `wallMs`; a wall time that spring skips becomes the moment after the gap. */
export function fromWallMs(timeZone: string, wallMs: number): number {
  const offsetAt = (atMs: number): number => toWallMs(timeZone, atMs) - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const first = wallMs - offsetAt(wallMs);
  const second = wallMs - offsetAt(first);
  return Math.max(first, second) === first || toWallMs(timeZone, second) === wallMs ? second : first;
}

const HOUR_MS = 3_600_000;
const MAX_HOURS = 50_000;

/** Gives local time minus UTC, ms, of a zone; clocks change on full hours only, so one answer an hour is kept. */
export function createOffset(timeZone: () => string): (atMs: number) => number {
  const known = new Map<number, number>();
  let zone = timeZone();
  return (atMs) => {
    if (zone !== timeZone() || known.size > MAX_HOURS) known.clear();
    zone = timeZone();
    const hour = Math.floor(atMs / HOUR_MS);
    const kept = known.get(hour);
    if (kept !== undefined) return kept;
    const offsetMs = toWallMs(zone, hour * HOUR_MS) - hour * HOUR_MS;
    known.set(hour, offsetMs);
    return offsetMs;
  };
}
