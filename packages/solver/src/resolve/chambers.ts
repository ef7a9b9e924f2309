import type { Problem, Stop, Vehicle } from '../problem.ts';

function mayTake(parts: readonly { readonly fraction: number }[], { compartments }: Vehicle): boolean {
  // Without compartments what chambers keep apart would be mixed.
  if (!compartments) return new Set(parts.map(({ fraction }) => fraction)).size < 2;
  return parts.every(({ fraction }) => compartments.some(({ fractions }) => fractions.includes(fraction)));
}

/** Gives stops of several chambers their whole load, and leaves each stop to vehicles with a compartment for all it holds. */
export function withChambers(problem: Problem): Problem {
  const { stops, vehicles } = problem;
  if (!stops.some(({ parts }) => parts?.length) && !vehicles.some(({ compartments }) => compartments)) return problem;
  const all = vehicles.map((_, vehicle) => vehicle);
  return {
    ...problem,
    stops: stops.map((stop): Stop => {
      const parts = stop.parts ?? [{ fraction: stop.fraction ?? 0, load: stop.load ?? [] }];
      const dims = Math.max(0, ...parts.map(({ load }) => load.length));
      const sums = Array.from({ length: dims }, (_, k) => parts.reduce((sum, { load }) => sum + (load[k] ?? 0), 0));
      const able = (stop.allowedVehicles ?? all).filter((vehicle) => mayTake(parts, vehicles[vehicle]!));
      return { ...stop, parts, load: stop.load ?? sums, allowedVehicles: able };
    }),
  };
}
