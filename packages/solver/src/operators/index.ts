import type { Model } from '../model.ts';
import type { Operator } from './operator.ts';
import { orOpt } from './or-opt.ts';
import { relocate } from './relocate.ts';
import { swap } from './swap.ts';
import { twoOptStar } from './two-opt-star.ts';
import { twoOpt } from './two-opt.ts';

/** All local-search moves, cheapest first. */
export const OPERATORS: readonly Operator[] = [relocate, swap, twoOptStar, twoOpt, ...orOpt];

/** The moves that can matter for a problem. */
export function activeOperators(model: Model): readonly Operator[] {
  return OPERATORS.filter((operator) => operator.supports(model));
}
