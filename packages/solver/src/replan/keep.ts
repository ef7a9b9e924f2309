import type { State } from '../search/state.ts';

/** What a new plan keeps of the one that crews work by. Stops are indices into problem.stops. */
export interface Keep {
  /**
   * per vehicle, the stops it has now in their order, without locked visits and disposal sites; undefined for one whose
   * crew has not left yet: what changes there does not count
   */
  readonly previous: readonly (readonly number[] | undefined)[];
  /** most stops that may be added, left out, moved to another vehicle or moved in the order of theirs */
  readonly changes: number;
  /** search warmly, for rounds that nobody drives yet; only worth it with seconds to spend */
  readonly loose?: boolean;
  /** stops that may change without being counted: those of a vehicle that fell out */
  readonly free?: readonly number[];
  /** stops that may not be left out, whatever else would pay, as long as they fit where the plan starts */
  readonly held?: readonly number[];
  /** stops that come directly behind another one while both are with the same vehicle (disposal visits aside) */
  readonly follows?: readonly (readonly [stop: number, before: number])[];
}

/** Counts how far a state is from the plan before it, route by route. */
export interface ChangeCount {
  /** counts the routes again that were touched; gives the number of stops changed in all */
  update(vehicles: readonly { readonly vehicle: number }[]): number;
  /** no more held stops are out, and no more pairs apart, than at first */
  keepsPins(): boolean;
}

/** Creates the count for a state; a stop whose change does not count is no part of it. */
export function createChangeCount(state: State, keep: Keep, free: ReadonlySet<number>): ChangeCount {
  const { stopCount } = state.model;
  const home = new Int32Array(stopCount).fill(-1);
  const rank = new Int32Array(stopCount);
  const homeSize = new Int32Array(state.routes.length);
  keep.previous.forEach((stops, vehicle) =>
    stops?.forEach((stop, place) => {
      home[stop] = vehicle;
      rank[stop] = place;
      if (!free.has(stop)) homeSize[vehicle]!++;
    }),
  );
  const counts = new Int32Array(state.routes.length);
  // tails[k]: least last rank of a rising chain of k + 1 stops (patience sorting)
  const tails = new Int32Array(stopCount + 1);
  let sum = 0;

  const countOf = (vehicle: number): number => {
    if (!keep.previous[vehicle]) return 0;
    const route = state.routes[vehicle]!;
    let [chain, added] = [0, 0];
    for (let i = route.locked; i < route.len; i++) {
      const stop = route.seq[i]!;
      if (stop >= stopCount || free.has(stop)) continue;
      if (home[stop]! < 0) added++;
      if (home[stop] !== vehicle) continue;
      let low = 0;
      for (let high = chain; low < high;) {
        const middle = (low + high) >> 1;
        if (tails[middle]! < rank[stop]!) low = middle + 1;
        else high = middle;
      }
      tails[low] = rank[stop]!;
      if (low === chain) chain++;
    }
    return homeSize[vehicle]! - chain + added;
  };
  const update: ChangeCount['update'] = (touched) => {
    for (const { vehicle } of touched) {
      sum -= counts[vehicle]!;
      counts[vehicle] = countOf(vehicle);
      sum += counts[vehicle]!;
    }
    return sum;
  };
  update(state.routes);

  const stopBefore = (stop: number): number => {
    const { seq } = state.routes[state.routeOf[stop]!]!;
    let at = state.posOf[stop]! - 1;
    while (at >= 0 && seq[at]! >= stopCount) at--;
    return at < 0 ? -1 : seq[at]!;
  };
  const pairs = keep.follows ?? [];
  const apart = (): number => {
    let found = 0;
    for (const [stop, before] of pairs) {
      const route = state.routeOf[stop]!;
      if (route >= 0 && state.routeOf[before] === route && stopBefore(stop) !== before) found++;
    }
    return found;
  };
  const held = keep.held ?? [];
  const out = (): number => held.reduce((sum, stop) => sum + (state.routeOf[stop]! < 0 ? 1 : 0), 0);
  const [apartAtFirst, outAtFirst] = [apart(), out()];
  return { update, keepsPins: () => out() <= outAtFirst && apart() <= apartAtFirst };
}
