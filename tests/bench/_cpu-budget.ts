import type { StopRule } from '../../packages/solver/src/index.ts';

/** Processor time of this process so far [s]. */
export const cpuSeconds = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;

/**
 * Ends after processor time, so that what else runs on the machine does not count.
 * @param askEvery attempts between two looks at the clock
 */
export function afterCpuSeconds(limitS: number, askEvery = 32): StopRule {
  const began = cpuSeconds();
  let [asked, used] = [0, 0];
  return () => {
    if (asked++ % askEvery === 0) used = (cpuSeconds() - began) / limitS;
    return used;
  };
}
