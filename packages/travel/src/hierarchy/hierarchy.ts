import type { Contraction, RawLinks } from './contract.ts';

/**
 * A contraction hierarchy, numbered by importance: 0 is the node contracted last, so that what every search meets lies close
 * together in memory.
 */
export interface Hierarchy {
  nodes: number;
  /** Number in the hierarchy by node of the search graph, and back. */
  rankOf: Int32Array;
  nodeOf: Int32Array;
  /** Links to more important nodes. */
  up: RankedLinks;
  /** Links from more important nodes, kept at their less important end. */
  down: RankedLinks;
}

export interface RankedLinks {
  /** Links of rank r: start[r] … start[r+1]-1. */
  start: Int32Array;
  /** The more important end. */
  other: Int32Array;
  weight: Float64Array;
  /** Rank of the node a shortcut goes over, -1 for a link of the search graph. */
  mid: Int32Array;
}

/** Numbers what contraction found by importance. */
export function rank({ order, up, down }: Contraction): Hierarchy {
  const nodes = order.length;
  const rankOf = new Int32Array(nodes);
  const nodeOf = new Int32Array(nodes);
  for (let i = 0; i < nodes; i++) {
    rankOf[order[i]!] = nodes - 1 - i;
    nodeOf[nodes - 1 - i] = order[i]!;
  }
  return { nodes, rankOf, nodeOf, up: turn(up, rankOf), down: turn(down, rankOf) };
}

function turn(raw: RawLinks, rankOf: Int32Array): RankedLinks {
  const nodes = rankOf.length;
  const size = raw.node.length;
  const links: RankedLinks = {
    start: new Int32Array(nodes + 1),
    other: new Int32Array(size),
    weight: new Float64Array(size),
    mid: new Int32Array(size),
  };
  let count = 0;
  for (let r = 0; r < nodes; r++) {
    const position = nodes - 1 - r;
    for (let i = raw.start[position]!; i < raw.start[position + 1]!; i++) {
      links.other[count] = rankOf[raw.node[i]!]!;
      links.weight[count] = raw.weight[i]!;
      links.mid[count++] = raw.mid[i]! < 0 ? -1 : rankOf[raw.mid[i]!]!;
    }
    links.start[r + 1] = count;
  }
  return links;
}
