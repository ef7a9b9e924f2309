import type { TimedValue, Valued } from './item.ts';
import { marked } from './check.ts';
import { isPlausible, type Timekeeper } from './clock.ts';

export interface Placed extends TimedValue {
  atMs: number;
}

/** Gives every value its measurement time; `fixedAtMs` is the time an earlier reading of this uplink was stored under. */
export function placeInTime(item: Valued, timekeeper: Timekeeper, fixedAtMs?: number): Placed[] {
  const { uplink, frame, device } = item;
  const moved = new Map<number | null, number>();
  const receiveTime = (claimedMs: number | null): number => {
    const known = moved.get(claimedMs);
    if (known !== undefined) return known;
    const atMs =
      fixedAtMs !== undefined && moved.size === 0 ? fixedAtMs : timekeeper.take(device.id, frame.receivedAtMs);
    moved.set(claimedMs, atMs);
    return atMs;
  };
  return item.values.map((value) => {
    const claimedMs = value.atMs ?? uplink.atMs;
    if (claimedMs === null) {
      // measured some time ago, and nobody says when
      const placed = uplink.late === true ? marked(value, 'suspect', 'CLOCK_IMPLAUSIBLE') : value;
      return { ...placed, atMs: receiveTime(null) };
    }
    if (isPlausible(claimedMs, frame.receivedAtMs)) {
      timekeeper.note(device.id, claimedMs);
      return { ...value, atMs: claimedMs };
    }
    // what a device kept is of some past moment: where nobody knows which, it must not pass for the present
    const quality = value.flags.includes('BACKFILLED') ? 'invalid' : 'suspect';
    return { ...marked(value, quality, 'CLOCK_IMPLAUSIBLE'), atMs: receiveTime(claimedMs) };
  });
}

/** Tells whether any value of an uplink will be placed at the time of receipt. */
export function needsReceiveTime({ uplink, values, frame }: Valued): boolean {
  return values.some((value) => {
    const claimedMs = value.atMs ?? uplink.atMs;
    return claimedMs === null || !isPlausible(claimedMs, frame.receivedAtMs);
  });
}
