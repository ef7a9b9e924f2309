import { intersect } from '../constraints/hours.ts';
import type { Problem, QuietHours, Stop, Window } from '../problem.ts';

/** A window that no truck can use: the place is never open. */
const NEVER: Window = [-2e6, -1e6];

function isQuiet({ fractions, stops }: QuietHours, stop: Stop, index: number): boolean {
  const held = stop.parts?.map(({ fraction }) => fraction) ?? [stop.fraction ?? 0];
  return (!fractions || held.some((fraction) => fractions.includes(fraction))) && (!stops || stops.includes(index));
}

/** Starts of a service of some length that touch none of the spans; spans in any order. */
function startsOutside(spans: readonly Window[], serviceS: number): Window[] {
  const sorted = [...spans].sort((x, y) => x[0] - y[0]);
  const allowed: Window[] = [];
  let from = -Infinity;
  for (const [beginS, endS] of sorted) {
    if (beginS - serviceS >= from) allowed.push([from, beginS - serviceS]);
    from = Math.max(from, endS);
  }
  return [...allowed, [from, Infinity]];
}

/** Takes the hours in which work would break the silence out of the windows of the stops concerned. */
export function withQuietHours(problem: Problem): Problem {
  const { quietHours } = problem;
  if (!quietHours?.length) return problem;
  const stops = problem.stops.map((stop, index): Stop => {
    const spans = quietHours.filter((quiet) => isQuiet(quiet, stop, index)).flatMap(({ spans }) => spans);
    if (spans.length === 0) return stop;
    const own = stop.windows?.length ? stop.windows : [[-Infinity, Infinity] as const];
    const windows = intersect(own, startsOutside(spans, stop.serviceS ?? 0));
    return { ...stop, windows: windows.length ? windows : [NEVER] };
  });
  return { ...problem, stops };
}
