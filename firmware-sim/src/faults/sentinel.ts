import type { SensorFault } from './model.ts';

/** Measured: 0.74 % of rows at 250 or above. */
const PER_MESSAGE = 0.0074;

/** A code in place of a distance: one of those that the type has for "no value". */
export const sentinel: SensorFault = {
  name: 'sentinel',
  levelOnly: true,
  perMessage: PER_MESSAGE,
  act(sample, { rng, probe }) {
    sample.distanceM = rng.pick(probe.codesM);
    sample.samples = 0;
  },
};
