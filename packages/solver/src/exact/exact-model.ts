import { compileBreaks } from '../constraints/breaks.ts';
import type { BreakModel } from '../constraints/breaks.ts';
import { compileHours } from '../constraints/hours.ts';
import type { HoursOfVehicle } from '../constraints/hours.ts';
import { compileQueues } from '../constraints/queue.ts';
import type { Queue } from '../constraints/queue.ts';
import { compilePaces } from '../constraints/travel-by-hour.ts';
import type { Paces } from '../constraints/travel-by-hour.ts';
import type { Problem } from '../problem.ts';

/** What only driving a whole sequence can tell. A member is undefined when no vehicle or stop uses its rule. */
export interface ExactModel {
  /** per vehicle */
  readonly paces: readonly (Paces | undefined)[] | undefined;
  /** per vehicle */
  readonly hours: readonly HoursOfVehicle[] | undefined;
  /** per site */
  readonly queues: readonly (Queue | undefined)[] | undefined;
  /** per vehicle */
  readonly breaks: readonly (BreakModel | undefined)[] | undefined;
  /** per vehicle */
  readonly cleanOutS: Float64Array | undefined;
}

/** Compiles the rules that need whole sequences; undefined when the problem uses none, so that the search never asks. */
export function compileExact(problem: Problem): ExactModel | undefined {
  const paces = problem.profiles.map(compilePaces);
  const exact: ExactModel = {
    paces: paces.some(Boolean) ? problem.vehicles.map(({ profile }) => paces[profile ?? 0]) : undefined,
    hours: compileHours(problem),
    queues: compileQueues(problem),
    breaks: compileBreaks(problem),
    cleanOutS: problem.vehicles.some(({ cleanOutS }) => cleanOutS)
      ? Float64Array.from(problem.vehicles, ({ cleanOutS }) => cleanOutS ?? 0)
      : undefined,
  };
  const charging = problem.vehicles.some(({ battery }) => battery) && problem.sites?.some(({ chargeKw }) => chargeKw);
  if (charging) return exact;
  return Object.values(exact).some((member) => member !== undefined) ? exact : undefined;
}
