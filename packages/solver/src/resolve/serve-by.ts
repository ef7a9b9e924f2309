import type { Problem, Stop, Window } from '../problem.ts';

const NEVER: Window = [-2e6, -1e6];

/** Makes stops that have waited as long as they may required, and their windows end by then. */
export function withServeBy(problem: Problem): Problem {
  if (!problem.stops.some(({ serveByS }) => serveByS !== undefined)) return problem;
  const stops = problem.stops.map((stop): Stop => {
    const { serveByS } = stop;
    if (serveByS === undefined) return stop;
    const own = stop.windows?.length ? stop.windows : [[-Infinity, Infinity] as const];
    const windows = own
      .filter(([openS]) => openS <= serveByS)
      .map(([openS, closeS]): Window => [openS, Math.min(closeS, serveByS)]);
    return { ...stop, prize: undefined, windows: windows.length ? windows : [NEVER] };
  });
  return { ...problem, stops };
}
