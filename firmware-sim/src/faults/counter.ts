import { DAY_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';
import type { FaultMix } from './model.ts';

export type CounterBits = 8 | 12 | 16 | 32;

/**
 * Measured: a counter of 8 bits wraps 2,532 times in 515,000 messages, which "it went down, so it restarted" takes for
 * 2,532 restarts. Rejoins and restarts without a join (ABP) are own assumptions: one in 45 and in 300 days.
 */
const REJOINS_PER_DAY = 1 / 45;
const ABP_RESETS_PER_DAY = 1 / 300;
/** A device with the wrap before it starts this close to it. */
const BEFORE_WRAP = 60;

/** What becomes of a counter at a message. */
export type CounterEvent = 'rejoin' | 'abp-reset' | 'counter' | undefined;

/** Frame counters of a fleet. */
export interface Counters {
  /** Gives the number of the next message, as wide as the network shows it. */
  next(device: number): number;
  /** Says what happened before the next message: a join (where there are sessions), a restart, a wrap. */
  happens(device: number, sinceMs: number, given: { rng: Rng; joins: boolean }): CounterEvent;
  /** Grows with every join. */
  sessionOf(device: number): number;
  memoryOf(device: number): [fCnt: number, session: number];
  restore(device: number, memory: [fCnt: number, session: number]): void;
}

/** Makes the counters; `bitsOf` gives the width, `startOf` luck in 0…1 for where it starts. */
export function createCounters(
  count: number,
  { mix, bitsOf, luckOf }: { mix: FaultMix; bitsOf(device: number): CounterBits; luckOf(device: number): number },
): Counters {
  const counts = new Float64Array(count);
  const sessions = new Uint32Array(count);
  const widths = new Float64Array(count);
  for (let device = 0; device < count; device++) {
    widths[device] = 2 ** bitsOf(device);
    const luck = luckOf(device);
    const near = luck < (mix.counter ?? 0);
    counts[device] = near
      ? widths[device]! - 1 - Math.floor((luck / mix.counter!) * BEFORE_WRAP)
      : Math.floor(luck * 20_000) % widths[device]!;
  }
  return {
    next(device) {
      const value = counts[device]!;
      counts[device] = (value + 1) % widths[device]!;
      return value;
    },
    happens(device, sinceMs, { rng, joins }) {
      const days = sinceMs / DAY_MS;
      if (joins && mix.rejoin && rng.chance(REJOINS_PER_DAY * mix.rejoin * days)) {
        sessions[device]! += 1;
        counts[device] = 0;
        return 'rejoin';
      }
      if (mix['abp-reset'] && rng.chance(ABP_RESETS_PER_DAY * mix['abp-reset'] * days)) {
        counts[device] = 0;
        return 'abp-reset';
      }
      return counts[device] === 0 ? 'counter' : undefined;
    },
    sessionOf: (device) => sessions[device]!,
    memoryOf: (device) => [counts[device]!, sessions[device]!],
    restore(device, [fCnt, session]) {
      counts[device] = fCnt;
      sessions[device] = session;
    },
  };
}
