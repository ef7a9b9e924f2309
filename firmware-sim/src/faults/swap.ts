import type { SensorFault } from './model.ts';

/** Bins are exchanged or moved about once in two years, and nobody tells the platform (own assumption: not measured). */
const PER_DAY = 1 / 700;

/** Another container under the same sensor: the distances that are on file no longer hold. */
export const swap: SensorFault = {
  name: 'swap',
  levelOnly: true,
  episode: {
    perDay: PER_DAY,
    lastsMs: () => Infinity,
    strength: (rng) => (rng.chance(0.5) ? rng.between(0.6, 0.85) : rng.between(1.2, 1.6)),
  },
  act(sample, { strength }) {
    if (sample.distanceM !== null) sample.distanceM *= strength;
  },
};
