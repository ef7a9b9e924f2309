import { createHeap } from './heap.ts';
import type { RankedLinks } from './hierarchy.ts';

/** A search that only climbs; `settled` holds the ranks it left by, each with its distance and the rank it came from. */
export interface UpwardSearch {
  /**
   * Searches from some ranks, each with a weight to begin with.
   * @returns how many ranks of `settled` are filled
   */
  run(seeds: Seeds): number;
  settled: Int32Array;
  distance: Float64Array;
  /** Rank before, -1 at a seed; only for settled ranks. */
  parent: Int32Array;
}

/** Where a search begins: ranks and weights, of which the first `count` are meant. */
export interface Seeds {
  count: number;
  rank: Int32Array;
  weight: Float64Array;
}

/**
 * Gives a search over the links that climb, with stall-on-demand: a rank that a more important one reaches sooner over
 * `across` lies on no fastest path and is not left.
 * @param links links that the search follows, `across` those of the other direction
 */
export function createUpwardSearch(links: RankedLinks, across: RankedLinks): UpwardSearch {
  const nodes = links.start.length - 1;
  const distance = new Float64Array(nodes);
  const stamp = new Int32Array(nodes);
  const parent = new Int32Array(nodes);
  const settled = new Int32Array(nodes);
  const heap = createHeap();
  let round = 0;

  const isStalled = (rank: number, key: number): boolean => {
    for (let i = across.start[rank]!; i < across.start[rank + 1]!; i++) {
      const other = across.other[i]!;
      if (stamp[other] === round && distance[other]! + across.weight[i]! < key) return true;
    }
    return false;
  };
  return {
    settled,
    distance,
    parent,
    run({ count, rank, weight }) {
      round++;
      heap.clear();
      for (let i = 0; i < count; i++) {
        const r = rank[i]!;
        if (stamp[r] === round && distance[r]! <= weight[i]!) continue;
        stamp[r] = round;
        distance[r] = weight[i]!;
        parent[r] = -1;
        heap.push(weight[i]!, r);
      }
      let found = 0;
      while (heap.size() > 0) {
        const key = heap.firstKey();
        const r = heap.pop();
        if (key > distance[r]! || isStalled(r, key)) continue;
        // equal keys of one rank stand in the heap once: only smaller ones are pushed
        settled[found++] = r;
        for (let i = links.start[r]!; i < links.start[r + 1]!; i++) {
          const other = links.other[i]!;
          const through = key + links.weight[i]!;
          if (stamp[other] === round && distance[other]! <= through) continue;
          stamp[other] = round;
          distance[other] = through;
          parent[other] = r;
          heap.push(through, other);
        }
      }
      return found;
    },
  };
}
