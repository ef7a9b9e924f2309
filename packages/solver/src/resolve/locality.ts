import type { Problem } from '../problem.ts';
import { mapMatrices } from './matrices.ts';

/** Locations from which on their order matters: smaller matrices lie in the cache whatever it is. */
const LARGE = 800;

/** Old indices in a new order: always on to the nearest one that is not named yet. */
function chain({ locations: n, profiles }: Problem): Int32Array {
  const { distanceM } = profiles[0]!;
  const open = Int32Array.from({ length: n }, (_, i) => i);
  const order = new Int32Array(n);
  let [count, next] = [n, 0];
  for (let named = 0; named < n; named++) {
    const at = open[next]!;
    order[named] = at;
    open[next] = open[--count]!;
    let least = Infinity;
    for (let i = 0; i < count; i++) {
      const far = distanceM[at * n + open[i]!]!;
      if (far < least) [least, next] = [far, i];
    }
  }
  return order;
}

/** Gives places that are near each other neighbouring rows and columns: in matrices of many megabytes a search then waits less for memory. */
export function orderLocations(problem: Problem): Problem {
  const n = problem.locations;
  if (n < LARGE || problem.profiles.length === 0) return problem;
  const order = chain(problem);
  const rank = new Int32Array(n);
  for (let i = 0; i < n; i++) rank[order[i]!] = i;
  const profiles = mapMatrices(problem, (matrix) => {
    const copy = new Int32Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) copy[i * n + j] = matrix[order[i]! * n + order[j]!]!;
    return copy;
  });
  const moved = <T extends { readonly location: number }>(place: T): T => ({
    ...place,
    location: rank[place.location]!,
  });
  return {
    ...problem,
    profiles,
    stops: problem.stops.map(moved),
    ...(problem.sites && { sites: problem.sites.map(moved) }),
    vehicles: problem.vehicles.map((vehicle) => ({
      ...vehicle,
      startLocation: rank[vehicle.startLocation]!,
      endLocation: rank[vehicle.endLocation]!,
    })),
  };
}
