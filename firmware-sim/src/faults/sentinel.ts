import type { SensorFault } from './model.ts';

/** Measured: 0.74 % of rows at 250 or above. */
const PER_MESSAGE = 0.0074;

/**
 * Distances, metres, that stand for "no value" in the devices' own codes; null is what the encoder has for it.
 * Milesight: 65533 no target, 65534 disabled, 65535 fault; Dragino LDDS75: 0 no sensor, 20 nearer than 280 mm.
 */
const CODES: Record<string, readonly (number | null)[]> = {
  'milesight-em310-udl': [65.533, 65.534, 65.535],
  'milesight-em400-tld': [65.533, 65.534, 65.535],
  'dragino-ldds75': [null, 0.02],
  // a one-byte distance in centimetres: 254
  plain: [2.54],
};
const OTHERS = [null] as const;

/** A code in place of a distance. */
export const sentinel: SensorFault = {
  name: 'sentinel',
  levelOnly: true,
  perMessage: PER_MESSAGE,
  act(sample, { rng, probe }) {
    sample.distanceM = rng.pick(CODES[probe.typeId] ?? OTHERS);
    sample.samples = 0;
  },
};
