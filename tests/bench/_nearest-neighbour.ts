import type { Problem } from '../../packages/solver/src/index.ts';

/** Cost of a plan, and how many required stops it leaves. */
export interface SimplePlan {
  readonly cost: number;
  readonly left: number;
}

interface Truck {
  at: number;
  clock: number;
  load: number[];
}

/**
 * Plans as a dispatcher without a planner would: each truck drives to the nearest stop it can still take, tips at the
 * nearest site when full, and goes home when nothing fits. Optional stops are all taken. Heeds the first window only.
 */
export function nearestNeighbour(problem: Problem): SimplePlan {
  const open = new Set(problem.stops.keys());
  let cost = 0;
  for (const index of problem.vehicles.keys()) {
    if (open.size) cost += driveOne(problem, index, open);
  }
  const left = [...open].filter((stop) => problem.stops[stop]!.prize === undefined).length;
  for (const stop of open) cost += problem.stops[stop]!.prize ?? 0;
  return { cost, left };
}

function driveOne(problem: Problem, index: number, open: Set<number>): number {
  const vehicle = problem.vehicles[index]!;
  const { distanceM, durationS } = problem.profiles[vehicle.profile ?? 0]!;
  const n = problem.locations;
  const latestS = vehicle.shift?.[1] ?? Infinity;
  const sites = problem.sites ?? [];
  const truck: Truck = { at: vehicle.startLocation, clock: vehicle.shift?.[0] ?? 0, load: [] };
  let metres = 0;
  const go = (to: number, startS: number, workS: number): void => {
    metres += distanceM[truck.at * n + to]!;
    truck.clock = startS + workS;
    truck.at = to;
  };
  /** Home by way of the worst site, so that the truck can always end empty in time. */
  const homeS = (from: number): number =>
    Math.max(
      durationS[from * n + vehicle.endLocation]!,
      ...sites.map(
        ({ location, tippingS = 0 }) =>
          durationS[from * n + location]! + tippingS + durationS[location * n + vehicle.endLocation]!,
      ),
    );
  const startAt = (stop: number): number =>
    Math.max(
      truck.clock + durationS[truck.at * n + problem.stops[stop]!.location]!,
      problem.stops[stop]!.windows?.[0]?.[0] ?? 0,
    );
  const inTime = (stop: number): boolean => {
    const { location, serviceS = 0, windows } = problem.stops[stop]!;
    const startS = startAt(stop);
    return startS <= (windows?.[0]?.[1] ?? Infinity) && startS + serviceS + homeS(location) <= latestS;
  };
  const fits = (stop: number): boolean =>
    (problem.stops[stop]!.load ?? []).every(
      (amount, k) => (truck.load[k] ?? 0) + amount <= (vehicle.capacity?.[k] ?? Infinity),
    );
  const nearest = (stops: number[]): number | undefined =>
    stops.sort(
      (x, y) =>
        distanceM[truck.at * n + problem.stops[x]!.location]! - distanceM[truck.at * n + problem.stops[y]!.location]!,
    )[0];
  for (;;) {
    const stop = nearest([...open].filter((candidate) => fits(candidate) && inTime(candidate)));
    if (stop !== undefined) {
      const { location, serviceS = 0, load = [] } = problem.stops[stop]!;
      go(location, startAt(stop), serviceS);
      for (const [k, amount] of load.entries()) truck.load[k] = (truck.load[k] ?? 0) + amount;
      open.delete(stop);
      continue;
    }
    const [site] = [...sites].sort(
      (x, y) => distanceM[truck.at * n + x.location]! - distanceM[truck.at * n + y.location]!,
    );
    if (!site || !truck.load.some((amount) => amount > 0)) break;
    const arriveS = truck.clock + durationS[truck.at * n + site.location]!;
    if (arriveS + (site.tippingS ?? 0) + homeS(site.location) > latestS) break;
    go(site.location, arriveS, site.tippingS ?? 0);
    truck.load = [];
  }
  if (metres === 0) return 0;
  go(vehicle.endLocation, truck.clock + durationS[truck.at * n + vehicle.endLocation]!, 0);
  const seconds = truck.clock - (vehicle.shift?.[0] ?? 0);
  return (vehicle.fixedCost ?? 0) + metres * (vehicle.costPerM ?? 1) + seconds * (vehicle.costPerS ?? 0);
}
