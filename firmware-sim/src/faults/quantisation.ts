import type { SensorFault } from './model.ts';

/** Measured: steps of 2 cm in the whole fleet. `factor` is the share of such devices; the others have 1 cm or 1 mm. */
const COARSE_M = 0.02;
const FINER_M = [0.01, 0.001] as const;

/** Steps in which a device gives a distance. */
export const quantisation: SensorFault = {
  name: 'quantisation',
  levelOnly: true,
  silent: true,
  trait: (rng, _probe, factor) => (rng.chance(factor) ? COARSE_M : rng.pick(FINER_M)),
  act(sample, { trait }) {
    if (sample.distanceM !== null) sample.distanceM = Math.round(sample.distanceM / trait) * trait;
  },
};
