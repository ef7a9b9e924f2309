import type { Problem } from '../problem.ts';
import { withChambers } from './chambers.ts';
import { withQuietHours } from './quiet-hours.ts';
import { withServeBy } from './serve-by.ts';
import { withSkills } from './skills.ts';

/** Rewrites the rules that come down to windows, allowed vehicles and required stops; they cost the search nothing. */
export function resolve(problem: Problem): Problem {
  return withChambers(withSkills(withServeBy(withQuietHours(problem))));
}
