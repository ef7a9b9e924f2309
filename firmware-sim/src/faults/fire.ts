import { MINUTE_MS } from '../clock.ts';
import type { SensorFault } from './model.ts';

/** One bin in about eight years (own assumption); the ramp follows smouldering paper: 60 degrees more in twenty minutes. */
const PER_DAY = 1 / 3_000;
const RAMP_MS = 20 * MINUTE_MS;
const ALARM_C = 60;

/** Fire: the temperature climbs steeply and falls when it is out. */
export const fire: SensorFault = {
  name: 'fire',
  episode: {
    perDay: PER_DAY,
    lastsMs: (rng) => rng.between(40, 180) * MINUTE_MS,
    strength: (rng) => rng.between(45, 75),
  },
  act(sample, { atMs, beganMs, strength }) {
    sample.temperatureC += strength * Math.min(1, (atMs - beganMs + MINUTE_MS) / RAMP_MS);
    sample.fire = sample.temperatureC > ALARM_C;
  },
};
