import type { DynamicGraph } from './dynamic-graph.ts';
import { createHeap } from './heap.ts';

/** Looks whether a path past a node is as good as the one over it. */
export interface Witness {
  /** Marks the nodes behind the one to be avoided: a search ends when all of them are settled. */
  aim(avoid: number): void;
  /** Searches from a node around the one aimed past, as far as a bound and no more than `limit` settled nodes. */
  search(from: number, within: { bound: number; limit: number }): void;
  /** Weight of a path found by the last search, Infinity for none: never less than the true one. */
  reached(node: number): number;
}

/** Gives a witness search over a graph; its arrays are used again by every search. */
export function createWitness({ nodes, out }: DynamicGraph): Witness {
  const distance = new Float64Array(nodes);
  const stamp = new Int32Array(nodes);
  const isAim = new Int32Array(nodes);
  const heap = createHeap();
  let round = 0;
  let aimed = 0;
  let aims = 0;
  let avoid = -1;
  return {
    aim(node) {
      avoid = node;
      aims = 0;
      aimed++;
      for (let link = out.head[node]!; link >= 0; link = out.next[link]!) {
        isAim[out.node[link]!] = aimed;
        aims++;
      }
    },
    search(from, { bound, limit }) {
      round++;
      let left = aims;
      heap.clear();
      distance[from] = 0;
      stamp[from] = round;
      heap.push(0, from);
      const { head, next, node, weight } = out;
      let settled = 0;
      while (heap.size() > 0) {
        const key = heap.firstKey();
        if (key > bound) return;
        const v = heap.pop();
        if (key > distance[v]!) continue;
        if ((isAim[v] === aimed && --left === 0) || ++settled > limit) return;
        for (let link = head[v]!; link >= 0; link = next[link]!) {
          const w = node[link]!;
          if (w === avoid) continue;
          const through = key + weight[link]!;
          if (through > bound || (stamp[w] === round && distance[w]! <= through)) continue;
          distance[w] = through;
          stamp[w] = round;
          heap.push(through, w);
        }
      }
    },
    reached: (node) => (stamp[node] === round ? distance[node]! : Infinity),
  };
}
