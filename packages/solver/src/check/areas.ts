import type { Problem } from '../problem.ts';
import { TOLERANCE } from './violation.ts';

/** Areas of which more is left out than their bound allows, each with a sentence. */
export function neglectedAreas(problem: Problem, unserved: readonly number[]): { area: number; message: string }[] {
  return (problem.areas ?? []).flatMap(({ maxUnserved = Infinity, leastPrizeShare = 0 }, area) => {
    const all = problem.stops.filter((stop) => stop.area === area && stop.alternativeTo === undefined);
    const out = unserved.map((index) => problem.stops[index]!).filter((stop) => stop.area === area);
    const total = all.reduce((sum, { prize }) => sum + (prize ?? 0), 0);
    const lost = out.reduce((sum, { prize }) => sum + (prize ?? 0), 0);
    if (out.length > maxUnserved) return [{ area, message: `${out.length} stops are left out, ${maxUnserved} may be` }];
    if (lost > (1 - leastPrizeShare) * total + TOLERANCE)
      return [{ area, message: `${total - lost} of ${total} in prizes are served, too small a share` }];
    return [];
  });
}
