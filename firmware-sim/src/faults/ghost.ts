import { HOUR_MS } from '../clock.ts';
import { SPARED, type SensorFault } from './model.ts';

/** Few sensors have a wall, rim or bag fold in their beam (Compology; Addabbo et al., SAS 2019). Own estimate: 6 % of them. */
const SHARE = 0.06;
const PER_DAY = 1 / 6;

/** A wall's echo: a plateau at a fixed distance while the waste lies deeper. */
export const ghost: SensorFault = {
  name: 'ghost',
  levelOnly: true,
  trait: (rng, { emptyM }, factor) => (rng.chance(SHARE * factor) ? rng.between(0.35, 0.7) * emptyM : SPARED),
  episode: { perDay: PER_DAY, lastsMs: (rng) => rng.between(3, 30) * HOUR_MS },
  act(sample, { trait, rng }) {
    if (sample.distanceM !== null && sample.distanceM > trait) sample.distanceM = trait + rng.normal(0, 0.004);
  },
};
