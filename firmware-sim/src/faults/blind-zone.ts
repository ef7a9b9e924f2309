import type { SensorFault } from './model.ts';

/** Nearer than its blind zone a sensor says the blind zone's distance: a full bin looks the same however full it is. */
export const blindZone: SensorFault = {
  name: 'blind-zone',
  levelOnly: true,
  act(sample, { probe }) {
    if (sample.distanceM !== null && sample.distanceM < probe.blindM) sample.distanceM = probe.blindM;
  },
};
