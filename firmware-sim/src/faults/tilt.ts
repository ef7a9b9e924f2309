import { HOUR_MS } from '../clock.ts';
import type { SensorFault } from './model.ts';

/** Measured: 0.6 % of rows with more than 20 degrees. Spells of 4 h (median), mean 6.6 h, make that with one in 65 days (open lids tilt too). */
const PER_DAY = 1 / 65;

/** A bin that leans or fell over: the beam runs aslant. */
export const tilt: SensorFault = {
  name: 'tilt',
  levelOnly: true,
  episode: {
    perDay: PER_DAY,
    lastsMs: (rng) => rng.logNormal(4 * HOUR_MS, 1),
    strength: (rng) => rng.between(21, 55),
  },
  act(sample, { strength, rng }) {
    sample.tiltDeg = strength + rng.normal(0, 0.5);
    if (sample.distanceM !== null) sample.distanceM /= Math.cos((strength * Math.PI) / 180);
  },
};
