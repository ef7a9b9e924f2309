import { MINUTE_MS } from '../clock.ts';
import type { SensorFault } from './model.ts';

/** Daviteq's manual: a sensor under the lid reads garbage while the lid is open. How often is an assumption: once in 30 days. */
const PER_DAY = 1 / 30;

/** A lid left open: the sensor looks past the bin. */
export const lidOpen: SensorFault = {
  name: 'lid-open',
  levelOnly: true,
  episode: { perDay: PER_DAY, lastsMs: (rng) => rng.between(10, 70) * MINUTE_MS },
  act(sample, { rng, probe }) {
    sample.lidOpen = true;
    sample.tiltDeg = Math.max(sample.tiltDeg, rng.between(35, 110));
    sample.distanceM = rng.between(1.1, 3) * probe.emptyM;
  },
};
