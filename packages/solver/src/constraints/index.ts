import type { Model } from '../model.ts';
import { access } from './access.ts';
import type { Constraint } from './constraint.ts';
import { fraction } from './fraction.ts';
import { load } from './load.ts';
import { time } from './time.ts';

/** All rules, cheapest to check first; time last, since it is asked about what the others let through. */
export const CONSTRAINTS: readonly Constraint[] = [access, load, fraction, time];

/** The rules that a problem uses. */
export function activeConstraints(model: Model): readonly Constraint[] {
  return CONSTRAINTS.filter((constraint) => constraint.supports(model));
}
