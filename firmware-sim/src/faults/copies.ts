import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Rng } from '../rng.ts';
import type { FaultMix } from './model.ts';

/** Measured: 174 exact duplicates in 515,037 messages; networks with several ways in have far more (factor 30: one in a hundred). */
const DUPLICATE = 174 / 515_037;
/** Own assumptions: copies that a queue somewhere held back, and messages that came late themselves. */
const LATE_COPY = 0.002;
const LATE = 0.004;

/** How one message reaches the platform. */
export interface Journey {
  /** 0 = at once; more: it came late, so that younger ones overtake it. */
  delayMs: number;
  /** A second copy: how much later, and as what. */
  copy?: { afterMs: number; kind: 'redelivery' | 'other-gateway' | 'late-copy' };
}

const PLAIN: Journey = { delayMs: 0 };

/** Draws the way of a message. */
export function journeyOf(mix: FaultMix, rng: Rng): Journey {
  const duplicate = DUPLICATE * (mix.duplicate ?? 0);
  const lateCopy = LATE_COPY * (mix['late-copy'] ?? 0);
  const late = LATE * (mix['out-of-order'] ?? 0);
  if (duplicate + lateCopy + late <= 0) return PLAIN;
  const delayMs = rng.chance(late) ? rng.between(1, 45) * MINUTE_MS : 0;
  const luck = rng.next();
  if (luck < duplicate) {
    const kind = rng.chance(0.5) ? 'redelivery' : 'other-gateway';
    return {
      delayMs,
      copy: { kind, afterMs: kind === 'redelivery' ? rng.between(5_000, 20_000) : rng.between(50, 900) },
    };
  }
  if (luck < duplicate + lateCopy)
    return { delayMs, copy: { kind: 'late-copy', afterMs: rng.between(2 * MINUTE_MS, HOUR_MS) } };
  return delayMs > 0 ? { delayMs } : PLAIN;
}
