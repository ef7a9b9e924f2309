import type { Hierarchy } from './hierarchy.ts';
import { createUpwardSearch, type Seeds } from './upward-search.ts';

/** What each target left at one rank: entries of rank r are start[r] … start[r+1]-1. */
interface Buckets {
  start: Int32Array;
  target: Int32Array;
  weight: Float64Array;
}

/**
 * Gives the weights of the fastest paths from all sources to all targets, row by row. Searches from targets leave their
 * weights in buckets at the ranks they pass; searches from sources look into these.
 * @param onRow gets the weights of one source to every target; the array is used again for the next
 * @see Knopp, Sanders, Schultes, Schulz, Wagner 2007
 */
export function manyToMany(
  hierarchy: Hierarchy,
  { sources, targets }: { sources: Seeds[]; targets: Seeds[] },
  onRow: (source: number, weights: Float64Array) => void,
): void {
  const buckets = fillBuckets(hierarchy, targets);
  const search = createUpwardSearch(hierarchy.up, hierarchy.down);
  const row = new Float64Array(targets.length);
  const { start, target, weight } = buckets;
  sources.forEach((seeds, source) => {
    row.fill(Infinity);
    const found = search.run(seeds);
    for (let i = 0; i < found; i++) {
      const rank = search.settled[i]!;
      const before = search.distance[rank]!;
      for (let entry = start[rank]!; entry < start[rank + 1]!; entry++) {
        const whole = before + weight[entry]!;
        if (whole < row[target[entry]!]!) row[target[entry]!] = whole;
      }
    }
    onRow(source, row);
  });
}

function fillBuckets({ nodes, up, down }: Hierarchy, targets: Seeds[]): Buckets {
  const search = createUpwardSearch(down, up);
  let ranks = new Int32Array(1 << 16);
  let owners = new Int32Array(1 << 16);
  let weights = new Float64Array(1 << 16);
  let count = 0;
  const start = new Int32Array(nodes + 1);
  targets.forEach((seeds, index) => {
    const found = search.run(seeds);
    if (count + found > ranks.length) {
      const size = Math.max(ranks.length * 2, count + found);
      const [oldRanks, oldOwners, oldWeights] = [ranks, owners, weights];
      (ranks = new Int32Array(size)).set(oldRanks);
      (owners = new Int32Array(size)).set(oldOwners);
      (weights = new Float64Array(size)).set(oldWeights);
    }
    for (let i = 0; i < found; i++) {
      const rank = search.settled[i]!;
      ranks[count] = rank;
      owners[count] = index;
      weights[count++] = search.distance[rank]!;
      start[rank + 1]!++;
    }
  });
  for (let rank = 0; rank < nodes; rank++) start[rank + 1]! += start[rank]!;
  const next = start.slice();
  const buckets: Buckets = { start, target: new Int32Array(count), weight: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const at = next[ranks[i]!]!++;
    buckets.target[at] = owners[i]!;
    buckets.weight[at] = weights[i]!;
  }
  return buckets;
}
