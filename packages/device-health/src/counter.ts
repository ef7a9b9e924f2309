/** What a frame counter says about an uplink, compared with what came before. */
export type CounterStep =
  /** The very next one, or the first of all. */
  | { kind: 'next' }
  /** Some are missing: counters `from` to `to`, both included, unwrapped. */
  | { kind: 'gap'; from: number; to: number }
  /** One from before, late or fetched: it fills a hole. */
  | { kind: 'late' }
  /** The device starts over: a join, another session, or power that was gone. */
  | { kind: 'reset' };

/** State of one device's counter; plain data, so that it can be stored. */
export interface CounterTrack {
  session: string;
  /** Counter as if it were endless; its low bits are what the device sends. */
  last: number;
}

/** A counter this far behind is a late uplink; farther, the device has started over. */
const LATE_SPAN = 64;
/** Beyond this, missing counters in one step mean that the device started over at a higher count. */
const GAP_LIMIT = 16_384;

/**
 * Follows a counter of so many bits over wraps (8 bits wrap every 256 uplinks: "went down" is no reboot) and resets.
 * @returns the step and the new track; the given one is not changed
 */
export function followCounter(
  track: CounterTrack | undefined,
  seen: { session: string; counter: number; bits: 8 | 12 | 16 | 32; joined?: boolean | undefined },
): { step: CounterStep; track: CounterTrack; unwrapped: number } {
  const { session, counter, bits, joined } = seen;
  const fresh = { session, last: counter };
  if (!track) return { step: { kind: 'next' }, track: fresh, unwrapped: counter };
  const isOther = joined === true || (session !== '' && track.session !== '' && session !== track.session);
  if (isOther) return { step: { kind: 'reset' }, track: fresh, unwrapped: counter };
  const span = 2 ** bits;
  const ahead = (((counter - track.last) % span) + span) % span;
  const behind = span - ahead;
  if (ahead === 0) return { step: { kind: 'late' }, track, unwrapped: track.last };
  if (behind <= Math.min(LATE_SPAN, span / 4) && track.last - behind >= 0)
    return { step: { kind: 'late' }, track, unwrapped: track.last - behind };
  if (ahead > Math.min(GAP_LIMIT, span / 2)) return { step: { kind: 'reset' }, track: fresh, unwrapped: counter };
  const unwrapped = track.last + ahead;
  const next = { session: session || track.session, last: unwrapped };
  if (ahead === 1) return { step: { kind: 'next' }, track: next, unwrapped };
  return { step: { kind: 'gap', from: track.last + 1, to: unwrapped - 1 }, track: next, unwrapped };
}
