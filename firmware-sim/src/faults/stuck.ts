import { DAY_MS } from '../clock.ts';
import type { SensorFault } from './model.ts';

/** Measured: 63 runs of three days or more without a change in 77 sensor-years, the longest 315 days. */
const PER_DAY = 1 / 340;

/** A sensor that says the same thing for days. */
export const stuck: SensorFault = {
  name: 'stuck',
  levelOnly: true,
  episode: { perDay: PER_DAY, lastsMs: (rng) => rng.logNormal(6 * DAY_MS, 1.5), strength: () => Number.NaN },
  act(sample, now) {
    // the first value of the spell stays
    if (Number.isNaN(now.strength)) now.strength = sample.distanceM ?? now.probe.emptyM;
    sample.distanceM = now.strength;
  },
};
