import type { SensorFault } from './model.ts';

/** Measured: isolated jumps of one sample, 1.36 % of messages. */
const PER_MESSAGE = 0.0136;

/** One wrong measurement between right ones. */
export const spike: SensorFault = {
  name: 'spike',
  levelOnly: true,
  perMessage: PER_MESSAGE,
  act(sample, { rng, probe }) {
    sample.distanceM = rng.between(0.1, 1) * probe.emptyM;
  },
};
