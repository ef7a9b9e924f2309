import { SPARED, type SensorFault } from './model.ts';

/** Measured: the temperature is one byte read without its sign, so -1 °C stands in the data as 255. */
const BYTE = 256;

/** A temperature below zero that comes out 256 degrees too warm. */
export const int8: SensorFault = {
  name: 'int8',
  trait: (rng, _probe, factor) => (rng.chance(factor) ? 1 : SPARED),
  act(sample) {
    sample.temperatureC = Math.round(sample.temperatureC);
    if (sample.temperatureC < 0) sample.temperatureC += BYTE;
  },
};
