import { DAY_MS, HOUR_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';
import type { Begun } from './sensor-bench.ts';

/** Measured: 339 silences over a day in 77 sensor-years, the longest 123 days; the shorter ones are bursts of loss. */
const PER_DAY = 1 / 400;
const MEDIAN_MS = 30 * HOUR_MS;
const SPREAD = 1.3;

/** Times without network: a gateway without power, a mobile cell that is down. */
export interface Outages {
  /** Tells whether a device is cut off; an outage begins by chance over the time since its last message. */
  isOut(device: number, given: { atMs: number; sinceMs: number }, rng: Rng): boolean;
  untilMs(device: number): number;
}

/** Makes the outages of a fleet; factor 0 has none. */
export function createOutages(
  count: number,
  { factor, onBegin }: { factor: number; onBegin?: ((begun: Begun) => void) | undefined },
): Outages {
  const untilMs = new Float64Array(factor > 0 ? count : 0);
  return {
    untilMs: (device) => untilMs[device] ?? 0,
    isOut(device, { atMs, sinceMs }, rng) {
      if (factor <= 0) return false;
      if (untilMs[device]! > atMs) return true;
      if (!rng.chance((PER_DAY * factor * sinceMs) / DAY_MS)) return false;
      untilMs[device] = atMs + Math.round(rng.logNormal(MEDIAN_MS, SPREAD));
      onBegin?.({ name: 'outage', device, fromMs: atMs, toMs: untilMs[device]! });
      return true;
    },
  };
}
