import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';

/** Most radio devices have no clock; a device with a wrong one is an own assumption: it starts at 1970, or is hours off. */
const WRONG = [
  { name: 'since-1970', weight: 4 },
  { name: 'time-zone', weight: 3 },
  { name: 'slow', weight: 2 },
  { name: 'ahead', weight: 1 },
] as const;

/** How many ms a device's clock is off; NaN = it has none, 0 = right. */
export function drawDeviceClock(rng: Rng, { none, wrong }: { none: number; wrong: number }): number {
  const luck = rng.next();
  if (luck < none) return NaN;
  if (luck >= none + wrong) return 0;
  const kind = rng.weighted(WRONG.map(({ name, weight }) => [name, weight] as const));
  if (kind === 'since-1970') return -Infinity;
  if (kind === 'time-zone') return rng.pick([1, 2]) * HOUR_MS;
  return kind === 'slow' ? -rng.between(2 * MINUTE_MS, 5 * HOUR_MS) : rng.between(HOUR_MS, 2 * DAY_MS);
}

/** The time that a device's clock shows; null = none. `upMs` is how long it has been running. */
export function shownMs(offsetMs: number, { atMs, upMs }: { atMs: number; upMs: number }): number | null {
  if (Number.isNaN(offsetMs)) return null;
  return Math.floor(offsetMs === -Infinity ? upMs : atMs + offsetMs);
}

/** GPS time that nobody corrected for its 1980 start, as some gateways give it, and one that lost its battery. */
const GPS_EPOCH_MS = Date.UTC(1980, 0, 6);
const GATEWAY_MISSING = 0.3;
const GATEWAY_WRONG = 0.03;

/** A gateway's own time of reception: undefined when it has no clock (also common without any fault). */
export function gatewayMs(atMs: number, { factor, rng }: { factor: number; rng: Rng }): number | undefined {
  if (factor <= 0) return atMs;
  const luck = rng.next();
  if (luck < GATEWAY_MISSING * factor) return undefined;
  if (luck > 1 - GATEWAY_WRONG * factor) return rng.chance(0.5) ? atMs - GPS_EPOCH_MS : GPS_EPOCH_MS + (atMs % DAY_MS);
  return atMs;
}
