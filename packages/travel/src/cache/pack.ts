import type { RoadGraph } from '../graph/road-graph.ts';
import type { SearchGraph } from '../graph/search-graph.ts';
import type { TurnRule } from '../graph/turn-rules.ts';
import type { Hierarchy, RankedLinks } from '../hierarchy/hierarchy.ts';
import type { RoadNetwork } from '../osm/network.ts';
import type { ArrayFile } from './array-file.ts';

/* What is kept of each kind of thing: its arrays by name, the rest as JSON. The key of a file stands for its shape. */

/** Splits an object into its arrays and the rest. */
function split(value: object): ArrayFile {
  const arrays: ArrayFile['arrays'] = {};
  const meta: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    if (part instanceof Int32Array || part instanceof Float64Array || part instanceof Uint8Array) arrays[key] = part;
    else meta[key] = part;
  }
  return { arrays, meta };
}

const join = <T>({ arrays, meta }: ArrayFile): T => ({ ...(meta as object), ...arrays }) as T;

export const packNetwork = (network: RoadNetwork): ArrayFile => split(network);
export const unpackNetwork = (file: ArrayFile): RoadNetwork => join<RoadNetwork>(file);

interface Parts {
  graph: RoadGraph;
  search: SearchGraph;
}

export function packTopology({ graph, search }: Parts): ArrayFile {
  const [g, s] = [split(graph), split(search)];
  return {
    arrays: { ...prefixed('graph.', g.arrays), ...prefixed('search.', s.arrays) },
    meta: { graph: g.meta, search: s.meta },
  };
}

export function unpackTopology({ arrays, meta }: ArrayFile): Parts {
  const { graph, search } = meta as { graph: object; search: { bans: TurnRule[][] } };
  return {
    graph: { ...graph, ...unprefixed('graph.', arrays) } as unknown as RoadGraph,
    search: { arcOf: undefined, ...search, ...unprefixed('search.', arrays) } as unknown as SearchGraph,
  };
}

export function packHierarchy({ nodes, rankOf, nodeOf, up, down }: Hierarchy): ArrayFile {
  const arrays = { rankOf, nodeOf, ...prefixed('up.', { ...up }), ...prefixed('down.', { ...down }) };
  return { arrays, meta: { nodes } };
}

export function unpackHierarchy({ arrays, meta }: ArrayFile): Hierarchy {
  return {
    ...(meta as { nodes: number }),
    rankOf: arrays.rankOf as Int32Array,
    nodeOf: arrays.nodeOf as Int32Array,
    up: unprefixed('up.', arrays) as unknown as RankedLinks,
    down: unprefixed('down.', arrays) as unknown as RankedLinks,
  };
}

function prefixed(prefix: string, arrays: ArrayFile['arrays']): ArrayFile['arrays'] {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
}

function unprefixed(prefix: string, arrays: ArrayFile['arrays']): ArrayFile['arrays'] {
  return Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
    ),
  );
}
