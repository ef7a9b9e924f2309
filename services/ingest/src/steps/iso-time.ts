const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const PREFIX = 'yyyy-mm-ddThh:mm:'.length;

let minute = NaN;
let prefix = '';

/**
 * Gives what `Date.toISOString` gives, for a thirtieth of its price where moments follow each other within a minute.
 * @throws RangeError for what is no moment between the years 0 and 9999
 */
export function isoTime(atMs: number): string {
  const wholeMs = Math.trunc(atMs);
  const ownMinute = Math.floor(wholeMs / MINUTE_MS);
  if (ownMinute !== minute) {
    const text = new Date(ownMinute * MINUTE_MS).toISOString();
    if (text[0] === '+' || text[0] === '-') throw new RangeError(`${atMs} ms is no moment of a four-digit year`);
    prefix = text.slice(0, PREFIX);
    minute = ownMinute;
  }
  const restMs = wholeMs - ownMinute * MINUTE_MS;
  const seconds = Math.floor(restMs / SECOND_MS);
  const ms = restMs - seconds * SECOND_MS;
  return `${prefix}${seconds < 10 ? '0' : ''}${seconds}.${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
}
