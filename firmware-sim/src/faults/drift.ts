import type { SensorFault } from './model.ts';

/** Measured after the sensors' own compensation, metres a degree: median 0.00013, p10 -0.0012, p90 +0.0017. */
const MEAN_M = 0.000_19;
const DEVIATION_M = 0.001_13;
const CALIBRATED_AT_C = 20;

/** What a change of temperature does to a distance. */
export const drift: SensorFault = {
  name: 'drift',
  levelOnly: true,
  silent: true,
  trait: (rng, _probe, factor) => factor * rng.normal(MEAN_M, DEVIATION_M),
  act(sample, { trait }) {
    if (sample.distanceM !== null) sample.distanceM += trait * (sample.temperatureC - CALIBRATED_AT_C);
  },
};
