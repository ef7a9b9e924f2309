import type { SensorFault } from './model.ts';

/**
 * Measured against the running median of seven, in steps of 2 cm: 73 % exactly zero, p90 4 cm, p95 10 cm, p99 40 cm (the
 * isolated spikes included). Most echoes are sharp, others come from a heap, from its slope, or from somewhere else.
 * [share up to, deviation in metres]
 */
const KINDS = [
  [0.775, 0.003],
  [0.92, 0.02],
  [0.98, 0.105],
  [1, 0.32],
] as const;

const MEASURED_AT_M = 1.1;

/** The scatter of every single measurement. */
export const noise: SensorFault = {
  name: 'noise',
  levelOnly: true,
  silent: true,
  trait: (_rng, _probe, factor) => factor,
  act(sample, { rng, trait, probe }) {
    const kind = rng.next();
    const deviationM = KINDS.find(([upTo]) => kind < upTo)![1];
    // measured in bins of a good metre; a shallow one has no room for as much
    const scale = trait * Math.min(1, probe.emptyM / MEASURED_AT_M);
    if (sample.distanceM !== null) sample.distanceM += scale * rng.normal(0, deviationM);
    sample.samples = rng.chance(0.05) ? rng.int(6) + 1 : 15;
  },
};
