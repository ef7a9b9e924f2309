import type { WeightedLinks } from '../graph/weigh.ts';

/** Links of every node in one direction, as lists: head[v], then next[…], -1 at the end. */
interface Side {
  head: Int32Array;
  next: Int32Array;
  /** The node at the other end. */
  node: Int32Array;
  weight: Float64Array;
  mid: Int32Array;
  hops: Int32Array;
}

/** A graph that loses nodes and gains shortcuts; at most one link from a node to another. */
export interface DynamicGraph {
  nodes: number;
  out: Side;
  in: Side;
  /** Adds a link, or makes an existing one as short as this. */
  link(from: number, to: number, by: { weight: number; mid: number; hops: number }): void;
  /** Takes a node out of its neighbours' lists; its own lists stay as they are. */
  remove(node: number): void;
}

/** Gives the links of a graph in lists. Loops are left out: no fastest path has one. */
export function createDynamicGraph(links: WeightedLinks): DynamicGraph {
  const out = createSide(links);
  const into = createSide(links);
  let free = -1;
  let count = 0;

  const take = (): number => {
    if (free >= 0) {
      const link = free;
      free = out.next[link]!;
      return link;
    }
    if (count === out.node.length) for (const side of [out, into]) grow(side);
    return count++;
  };
  // a link has the same number on both sides, so that it is found without a search
  const link: DynamicGraph['link'] = (from, to, { weight, mid, hops }) => {
    for (let at = out.head[from]!; at >= 0; at = out.next[at]!) {
      if (out.node[at] !== to) continue;
      if (out.weight[at]! <= weight) return;
      set(out, at, { node: to, weight, mid, hops });
      set(into, at, { node: from, weight, mid, hops });
      return;
    }
    const at = take();
    set(out, at, { node: to, weight, mid, hops });
    set(into, at, { node: from, weight, mid, hops });
    out.next[at] = out.head[from]!;
    out.head[from] = at;
    into.next[at] = into.head[to]!;
    into.head[to] = at;
  };
  const graph: DynamicGraph = {
    nodes: links.nodes,
    out,
    in: into,
    link,
    remove(node) {
      for (let at = out.head[node]!; at >= 0; at = out.next[at]!) unlink(into, out.node[at]!, at);
      for (let at = into.head[node]!; at >= 0; at = into.next[at]!) unlink(out, into.node[at]!, at);
      for (let at = into.head[node]!; at >= 0; at = into.next[at]!) {
        out.next[at] = free;
        free = at;
      }
      for (let at = out.head[node]!; at >= 0;) {
        const next = out.next[at]!;
        out.next[at] = free;
        free = at;
        at = next;
      }
      out.head[node] = into.head[node] = -1;
    },
  };
  for (let from = 0; from < links.nodes; from++)
    for (let i = links.start[from]!; i < links.start[from + 1]!; i++)
      if (links.to[i] !== from) link(from, links.to[i]!, { weight: links.weight[i]!, mid: -1, hops: 1 });
  return graph;
}

function createSide({ nodes, to }: WeightedLinks): Side {
  const size = Math.max(64, to.length * 2);
  return {
    head: new Int32Array(nodes).fill(-1),
    next: new Int32Array(size),
    node: new Int32Array(size),
    weight: new Float64Array(size),
    mid: new Int32Array(size),
    hops: new Int32Array(size),
  };
}

function grow(side: Side): void {
  const size = side.node.length * 2;
  for (const key of ['next', 'node', 'mid', 'hops'] as const) {
    const larger = new Int32Array(size);
    larger.set(side[key]);
    side[key] = larger;
  }
  const larger = new Float64Array(size);
  larger.set(side.weight);
  side.weight = larger;
}

function set(
  side: Side,
  at: number,
  { node, weight, mid, hops }: { node: number; weight: number; mid: number; hops: number },
): void {
  side.node[at] = node;
  side.weight[at] = weight;
  side.mid[at] = mid;
  side.hops[at] = hops;
}

function unlink(side: Side, node: number, link: number): void {
  let at = side.head[node]!;
  if (at === link) {
    side.head[node] = side.next[link]!;
    return;
  }
  while (side.next[at] !== link) at = side.next[at]!;
  side.next[at] = side.next[link]!;
}
