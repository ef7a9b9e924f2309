import type { WeightedLinks } from '../graph/weigh.ts';
import { createHeap } from './heap.ts';
import { createDynamicGraph, type DynamicGraph } from './dynamic-graph.ts';
import { createWitness, type Witness } from './witness.ts';

/** Links of the hierarchy as contraction finds them, in the numbering of the search graph. */
export interface Contraction {
  /** Nodes in the order in which they were contracted, the most important last. */
  order: Int32Array;
  /** Links from each node, at its contraction, to those that came later; `mid` = node skipped, -1 for a link of the graph. */
  up: RawLinks;
  /** Links to each node, at its contraction, from those that came later. */
  down: RawLinks;
}

export interface RawLinks {
  /** Links of the i-th node of the order: start[i] … start[i+1]-1. */
  start: Int32Array;
  node: Int32Array;
  weight: Float64Array;
  mid: Int32Array;
}

export interface ContractOptions {
  /** The order of an earlier contraction of the same graph with other weights: an order fits many weights. */
  order?: Int32Array | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Settled nodes after which a witness search gives up, while orders are tried and when a node is contracted. Porto: 400 instead of 50 doubles the time and saves 2 % of the shortcuts. */
const TRIAL_LIMIT = 12;
const FINAL_LIMIT = 50;

/**
 * Builds a contraction hierarchy: nodes leave one by one, and shortcuts keep the fastest paths between the rest.
 * @see Geisberger, Sanders, Schultes, Delling 2008
 */
export function contract(links: WeightedLinks, { order: given, onProgress }: ContractOptions = {}): Contraction {
  const graph = createDynamicGraph(links);
  const witness = createWitness(graph);
  const up = createRaw(links);
  const down = createRaw(links);
  const order = new Int32Array(links.nodes);
  const take = (node: number, position: number): void => {
    order[position] = node;
    shortcuts(graph, witness, { node, limit: FINAL_LIMIT, add: true });
    up.add(graph.out, node);
    down.add(graph.in, node);
    graph.remove(node);
    if (position % 2048 === 0) onProgress?.(position, links.nodes);
  };
  if (given) given.forEach(take);
  else inOwnOrder(graph, witness, take);
  onProgress?.(links.nodes, links.nodes);
  return { order, up: up.done(), down: down.done() };
}

/** Takes the node next whose leaving costs least; a cost is looked at again when a neighbour has left. */
function inOwnOrder(graph: DynamicGraph, witness: Witness, take: (node: number, position: number) => void): void {
  const { nodes } = graph;
  const level = new Int32Array(nodes);
  const isStale = new Uint8Array(nodes);
  const queue = createHeap(nodes + 1);
  const cost = (node: number): number => {
    const { added, removed, hopsAdded, hopsRemoved } = shortcuts(graph, witness, {
      node,
      limit: TRIAL_LIMIT,
      add: false,
    });
    return removed === 0 ? level[node]! : level[node]! + (2 * added) / removed + hopsAdded / hopsRemoved;
  };
  for (let node = 0; node < nodes; node++) queue.push(cost(node), node);
  let position = 0;
  while (queue.size() > 0) {
    const node = queue.pop();
    if (isStale[node]) {
      isStale[node] = 0;
      const now = cost(node);
      if (queue.size() > 0 && now > queue.firstKey()) {
        queue.push(now, node);
        continue;
      }
    }
    for (const side of [graph.out, graph.in]) {
      for (let link = side.head[node]!; link >= 0; link = side.next[link]!) {
        const neighbour = side.node[link]!;
        isStale[neighbour] = 1;
        level[neighbour] = Math.max(level[neighbour]!, level[node]! + 1);
      }
    }
    take(node, position++);
  }
}

interface Shortcuts {
  added: number;
  removed: number;
  hopsAdded: number;
  hopsRemoved: number;
}

const tally: Shortcuts = { added: 0, removed: 0, hopsAdded: 0, hopsRemoved: 0 };

/** Finds, and on wish adds, the shortcuts that a node needs to leave. The result is overwritten by the next call. */
function shortcuts(
  graph: DynamicGraph,
  witness: Witness,
  { node, limit, add }: { node: number; limit: number; add: boolean },
): Shortcuts {
  const { out, in: into } = graph;
  tally.added = tally.removed = tally.hopsAdded = tally.hopsRemoved = 0;
  let farthest = 0;
  for (let link = out.head[node]!; link >= 0; link = out.next[link]!) {
    tally.removed++;
    tally.hopsRemoved += out.hops[link]!;
    if (out.weight[link]! > farthest) farthest = out.weight[link]!;
  }
  witness.aim(node);
  for (let first = into.head[node]!; first >= 0; first = into.next[first]!) {
    const from = into.node[first]!;
    const weight = into.weight[first]!;
    tally.removed++;
    tally.hopsRemoved += into.hops[first]!;
    const isSearched = mayHaveWitness(graph, node, from);
    if (isSearched) witness.search(from, { bound: weight + farthest, limit });
    for (let second = out.head[node]!; second >= 0; second = out.next[second]!) {
      const to = out.node[second]!;
      const through = weight + out.weight[second]!;
      if (to === from || (isSearched && witness.reached(to) <= through)) continue;
      tally.added++;
      const hops = into.hops[first]! + out.hops[second]!;
      tally.hopsAdded += hops;
      if (add) graph.link(from, to, { weight: through, mid: node, hops });
    }
  }
  return tally;
}

/** Without another way out of `from`, or when nothing lies ahead but `from` itself, there is nothing to search. */
function mayHaveWitness({ out }: DynamicGraph, node: number, from: number): boolean {
  const first = out.head[from]!;
  const isOnlyWay = first >= 0 && out.node[first] === node && out.next[first]! < 0;
  const ahead = out.head[node]!;
  return !isOnlyWay && ahead >= 0 && !(out.node[ahead] === from && out.next[ahead]! < 0);
}

type Side = DynamicGraph['out'];

function createRaw({ nodes, to }: WeightedLinks): { add(side: Side, node: number): void; done(): RawLinks } {
  const start = new Int32Array(nodes + 1);
  let node = new Int32Array(to.length * 2 + 16);
  let weight = new Float64Array(node.length);
  let mid = new Int32Array(node.length);
  let count = 0;
  let position = 0;
  const grow = (): void => {
    const size = node.length * 2;
    const [oldNode, oldWeight, oldMid] = [node, weight, mid];
    (node = new Int32Array(size)).set(oldNode);
    (weight = new Float64Array(size)).set(oldWeight);
    (mid = new Int32Array(size)).set(oldMid);
  };
  return {
    add(side, of) {
      for (let link = side.head[of]!; link >= 0; link = side.next[link]!) {
        if (count === node.length) grow();
        node[count] = side.node[link]!;
        weight[count] = side.weight[link]!;
        mid[count++] = side.mid[link]!;
      }
      start[++position] = count;
    },
    done: () => ({ start, node: node.slice(0, count), weight: weight.slice(0, count), mid: mid.slice(0, count) }),
  };
}
