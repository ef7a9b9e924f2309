import type { Problem, Window } from '../problem.ts';

/** Allowed starts per node, as open, close, open, close…; nodes without hours of their own are absent. */
export type HoursOfVehicle = ReadonlyMap<number, Float64Array>;

/** Times in all of several lists of windows. */
export function intersect(first: readonly Window[], second: readonly Window[]): Window[] {
  const found: Window[] = [];
  for (const [openA, closeA] of first) {
    for (const [openB, closeB] of second) {
      const [open, close] = [Math.max(openA, openB), Math.min(closeA, closeB)];
      if (open <= close) found.push([open, close]);
    }
  }
  return found.sort((x, y) => x[0] - y[0]);
}

/** Gives per vehicle the places where it has narrower hours than others; undefined when none has. */
export function compileHours(problem: Problem): HoursOfVehicle[] | undefined {
  if (!problem.stops.some(({ hours }) => hours?.length)) return undefined;
  return problem.vehicles.map((_, vehicle) => {
    const own = new Map<number, Float64Array>();
    for (const [index, stop] of problem.stops.entries()) {
      const lists = (stop.hours ?? []).filter(({ vehicles }) => vehicles.includes(vehicle));
      if (lists.length === 0) continue;
      let allowed: readonly Window[] = stop.windows?.length ? stop.windows : [[-Infinity, Infinity]];
      for (const { windows } of lists) allowed = windows.length ? intersect(allowed, windows) : allowed;
      own.set(index, Float64Array.from(allowed.flat()));
    }
    return own;
  });
}

/** First allowed start from readyS on; -1 when the place has closed for this vehicle. */
export function startInHours(windows: Float64Array, readyS: number): number {
  for (let k = 0; k < windows.length; k += 2) if (readyS <= windows[k + 1]!) return Math.max(readyS, windows[k]!);
  return -1;
}

/** Last allowed start up to a moment; -Infinity when there is none. */
export function lastStartInHours(windows: Float64Array, untilS: number): number {
  for (let k = windows.length - 2; k >= 0; k -= 2) if (windows[k]! <= untilS) return Math.min(windows[k + 1]!, untilS);
  return -Infinity;
}
