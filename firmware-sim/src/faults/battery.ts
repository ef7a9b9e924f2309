import { createRng, mixSeed, seedOf } from '../rng.ts';

/**
 * Measured: 3,570 to 3,630 mV all year, rising by 20 mV: the voltage of a lithium cell says nothing until its end. A cell
 * lasts five to nine years at one message in half an hour; a message costs more the slower it is sent.
 */
const MESSAGES = [90_000, 160_000] as const;
const COST_PER_STEP = 1.35;
const AVERAGE_SPREADING = 8;
const FRESH = [0.3, 1] as const;
/** Share of a fleet whose cells are at their end. */
const NEARLY_EMPTY = 0.02;
const KNEE = 0.08;
/** Below this the radio browns out now and then. */
export const DYING = 0.02;

/** The cells of a fleet. */
export interface Batteries {
  /** Takes what one message costs. */
  spend(device: number, spreadingFactor: number): void;
  chargeOf(device: number): number;
  /** What the device itself says of its charge: flat, until the voltage falls at the end. */
  saidBy(device: number): number;
  /** Chance that a message does not get out because the cell is at its end: 0 … 1 (empty). */
  failure(device: number): number;
  restore(device: number, charge: number): void;
}

/** Fills the cells of a fleet; factor 0: they never wear. */
export function createBatteries(
  count: number,
  { factor, seed, ids }: { factor: number; seed: number; ids: (device: number) => string },
): Batteries {
  const charges = new Float64Array(count).fill(0.95);
  const costs = new Float32Array(count);
  const rng = createRng(0);
  for (let device = 0; factor > 0 && device < count; device++) {
    rng.seek(mixSeed(seedOf(seed, ids(device)), 102));
    charges[device] = rng.chance(NEARLY_EMPTY * factor) ? rng.between(0.001, DYING) : rng.between(...FRESH);
    costs[device] = 1 / rng.between(...MESSAGES);
  }
  return {
    spend(device, spreadingFactor) {
      const cost = costs[device]! * COST_PER_STEP ** (spreadingFactor - AVERAGE_SPREADING);
      charges[device] = Math.max(0, charges[device]! - cost);
    },
    chargeOf: (device) => charges[device]!,
    saidBy(device) {
      const charge = charges[device]!;
      return charge > KNEE ? 0.93 + 0.07 * charge : Math.max(0.01, (0.935 * charge) / KNEE);
    },
    failure(device) {
      if (factor <= 0) return 0;
      const charge = charges[device]!;
      if (charge <= 0) return 1;
      return charge >= DYING ? 0 : 0.6 * (1 - charge / DYING);
    },
    restore: (device, charge) => void (charges[device] = charge),
  };
}
