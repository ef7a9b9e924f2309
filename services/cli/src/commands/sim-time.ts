import { EXIT, Exit } from '../exit.ts';

/** The simulated time of a run, ms since 1970. */
export interface SimTime {
  startMs: number;
  /** Infinity: until Ctrl+C. */
  endMs: number;
  /** Simulated seconds in one host second; Infinity = as fast as it goes. */
  speed: number;
  /** What stands on the wire for a simulated moment, where that is another one. */
  wireMs?: (simMs: number) => number;
}

/**
 * Plans simulated time so that no message is ahead of the platform's clock: with a duration the end is the present;
 * without one, a simulation that runs faster writes host time on the wire.
 */
export function planTime(flags: { speed?: number; start?: number; duration?: number }, nowMs: number): SimTime {
  const { speed = 1, start, duration } = flags;
  if (speed === Infinity && duration === undefined)
    throw new Exit(EXIT.USAGE, '--speed max needs --duration, such as --duration 7d');
  const lengthMs = duration ?? Infinity;
  if (start !== undefined) return { startMs: start, endMs: start + lengthMs, speed };
  if (speed <= 1) return { startMs: nowMs, endMs: nowMs + lengthMs, speed };
  if (duration === undefined) {
    const wireMs = (simMs: number): number => Math.floor(nowMs + (simMs - nowMs) / speed);
    return { startMs: nowMs, endMs: Infinity, speed, wireMs };
  }
  const startMs = Math.floor(nowMs - duration + duration / speed);
  return { startMs, endMs: startMs + duration, speed };
}
