import type { WeightedLinks } from '../../packages/travel/src/graph/weigh.ts';
import { createHeap } from '../../packages/travel/src/hierarchy/heap.ts';

/** One-to-all Dijkstra on the links of a search graph, from some nodes with weights to begin with. */
export function createDijkstra({ nodes, start, to, weight }: WeightedLinks) {
  const heap = createHeap(1024);
  const distance = new Float64Array(nodes);
  return (seeds: { node: number; weight: number }[]): Float64Array => {
    distance.fill(Infinity);
    heap.clear();
    for (const seed of seeds) {
      if (seed.weight >= distance[seed.node]!) continue;
      distance[seed.node] = seed.weight;
      heap.push(seed.weight, seed.node);
    }
    while (heap.size() > 0) {
      const key = heap.firstKey();
      const node = heap.pop();
      if (key > distance[node]!) continue;
      for (let link = start[node]!; link < start[node + 1]!; link++) {
        const through = key + weight[link]!;
        if (through >= distance[to[link]!]!) continue;
        distance[to[link]!] = through;
        heap.push(through, to[link]!);
      }
    }
    return distance;
  };
}
