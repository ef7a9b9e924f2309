import { Id } from '@ronde/contracts';
import type { Measurement } from './measurement.ts';
import { pick } from './pick.ts';

/** One value that a line found, and where it belongs. */
export interface Part {
  raw: unknown;
  chamber?: string;
  atMs?: number;
}

/**
 * Parts what a line found into values: one, or one for each entry of a list that has a chamber or a time of its own.
 * A single value takes no chamber from the list: its device knows where it hangs.
 */
export function partsOf(line: Measurement, found: unknown, data: Record<string, unknown>): Part[] {
  const { chamberFrom, timeFrom } = line;
  if (chamberFrom === undefined && timeFrom === undefined) return [{ raw: found }];
  const list: unknown[] = Array.isArray(found) ? found : [found];
  const chambers = list.length > 1 ? besides(data, chamberFrom) : [];
  const times = besides(data, timeFrom);
  return list.map((raw, i) => {
    const chamber = Id.safeParse(String(chambers[i] ?? ''));
    const atMs = timeOf(times[i]);
    return { raw, ...(chamber.success && { chamber: chamber.data }), ...(atMs !== undefined && { atMs }) };
  });
}

function besides(data: Record<string, unknown>, path: string | undefined): unknown[] {
  const found = path === undefined ? undefined : pick(data, path);
  return Array.isArray(found) ? found : [found];
}

/** Later than this a number of seconds would lie in the year 5138: it counts milliseconds. */
const SECONDS_BELOW = 1e11;

/** Reads a time as milliseconds since 1970; undefined when it is none. */
export function timeOf(given: unknown): number | undefined {
  if (typeof given === 'string') {
    // without a zone the sandbox meant UTC, where Date.parse would take this machine's own
    const parsed = Date.parse(given.trim().replace(/^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/, '$1T$2Z'));
    return Number.isNaN(parsed) ? undefined : parsed;
  }
  if (typeof given !== 'number' || !Number.isFinite(given) || given <= 0) return undefined;
  return Math.round(given < SECONDS_BELOW ? given * 1000 : given);
}
