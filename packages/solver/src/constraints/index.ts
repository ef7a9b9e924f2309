import type { Model } from '../model.ts';
import { access } from './access.ts';
import { compartments } from './compartments.ts';
import type { Constraint } from './constraint.ts';
import { duty } from './duty.ts';
import { energy } from './energy.ts';
import { fraction } from './fraction.ts';
import { load } from './load.ts';
import { randomLoad } from './random-load.ts';
import { territory } from './territory.ts';
import { time } from './time.ts';

/** All rules, cheapest to check first; those that look at a whole sequence are asked about what the others let through. */
export const CONSTRAINTS: readonly Constraint[] = [
  access,
  territory,
  load,
  compartments,
  randomLoad,
  fraction,
  energy,
  time,
  duty,
];

/** The rules that a problem uses. */
export function activeConstraints(model: Model): readonly Constraint[] {
  return CONSTRAINTS.filter((constraint) => constraint.supports(model));
}
