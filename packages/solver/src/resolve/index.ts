import type { Problem } from '../problem.ts';
import { withChambers } from './chambers.ts';
import { orderLocations } from './locality.ts';
import { withQuietHours } from './quiet-hours.ts';
import { withServeBy } from './serve-by.ts';
import { withSkills } from './skills.ts';

/**
 * Rewrites the rules that come down to windows, allowed vehicles and required stops, which then cost the search nothing,
 * and the order of locations.
 */
export function resolve(problem: Problem): Problem {
  return orderLocations(withChambers(withSkills(withServeBy(withQuietHours(problem)))));
}
