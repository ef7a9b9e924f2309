import type { StopRule } from '@ronde/solver';

/** How a search cooled: [call of its stop rule, share of the budget used from that call on], ascending. */
export type Cooling = [call: number, used: number][];

/** Calls between two looks at the budget, and steps in which it is told. */
const LOOK_EVERY = 8;
const STEPS = 256;

/**
 * Notes what a stop rule said, in steps. A search asks nothing of the outside but this, so the notes alone make the same
 * search again, also where the rule went by the clock.
 */
export function noteCooling(stop: StopRule): { rule: StopRule; cooling: Cooling } {
  const cooling: Cooling = [];
  let [calls, used] = [0, -1];
  return {
    cooling,
    rule(progress) {
      if (calls++ % LOOK_EVERY !== 0 && used < 1) return used;
      const now = Math.min(1, Math.floor(stop(progress) * STEPS) / STEPS);
      if (now !== used) cooling.push([calls - 1, now]);
      return (used = now);
    },
  };
}

/** Gives the rule that says again what was noted. */
export function repeatCooling(cooling: Readonly<Cooling>): StopRule {
  let [calls, next, used] = [0, 0, 1];
  return () => {
    while (next < cooling.length && cooling[next]![0] <= calls) used = cooling[next++]![1];
    calls++;
    return used;
  };
}
