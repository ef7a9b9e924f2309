import { CLOSED, weightOf } from '../hierarchy/weight.ts';
import type { RoadNetwork } from '../osm/network.ts';
import type { Moment, Profile } from '../profiles/index.ts';
import { largestComponent } from './components.ts';
import type { HourlyUse } from './hours.ts';
import { isForward, reverseOf, type RoadGraph } from './road-graph.ts';
import type { SearchGraph } from './search-graph.ts';
import { isInForce } from './turn-rules.ts';

/** The graph of one profile before it is known what hour it is and what is closed. */
export interface Topology {
  network: RoadNetwork;
  profile: Profile;
  hourly: HourlyUse;
  graph: RoadGraph;
  search: SearchGraph;
  drivingSide: 'right' | 'left';
}

/** Open links with their weights: those of node v are start[v] … start[v+1]-1. */
export interface WeightedLinks {
  nodes: number;
  start: Int32Array;
  to: Int32Array;
  weight: Float64Array;
  drives: Int32Array;
}

/** A topology at an hour, with closures. */
export interface Weighted {
  arcWeight: Float64Array;
  links: WeightedLinks;
  /** 1 for search nodes from which one gets everywhere and back. */
  isConnected: Uint8Array;
  /** 1 for search nodes that may turn round. */
  mayReverse: Uint8Array;
}

// Two rounds reach ends behind ends; each round costs a search for components
const DEAD_END_ROUNDS = 3;

/**
 * Weighs a topology: what is open at this moment (undefined: what is open at every hour), without the closed sections.
 * Turning round is allowed only where no open way leads on and back: at dead ends, and where the way on leaves the map.
 */
export function weigh(topology: Topology, at: Moment | undefined, closedSections: Uint8Array | undefined): Weighted {
  const { search } = topology;
  const arcWeight = weighArcs(topology, at, closedSections);
  const open = openLinks(topology, arcWeight, at);
  const mayReverse = new Uint8Array(search.nodes);
  let isConnected: Uint8Array = new Uint8Array(search.nodes).fill(1);
  let links = collect(search, { arcWeight, open, mayReverse });
  for (let round = 0; round < DEAD_END_ROUNDS; round++) {
    const added = search.arcOf ? markDeadEnds(search, { open, isConnected, mayReverse }) : 0;
    if (round > 0 && added === 0) break;
    if (added > 0) links = collect(search, { arcWeight, open, mayReverse });
    isConnected = largestComponent(links);
  }
  return { arcWeight, links, isConnected, mayReverse };
}

function weighArcs(
  { network, profile, hourly, graph }: Topology,
  at: Moment | undefined,
  closedSections: Uint8Array | undefined,
): Float64Array {
  const bySet = new Map<number, { forwardKmh: number; backwardKmh: number }>();
  const useOf = (set: number): { forwardKmh: number; backwardKmh: number } => {
    if (at === undefined) return hourly.always[set]!;
    if (!bySet.has(set)) bySet.set(set, profile.useOf(network.tagSets[set]!, at));
    return bySet.get(set)!;
  };
  return Float64Array.from(graph.arcMs, (ms, arc) => {
    if (closedSections?.[graph.arcSection[arc]!]) return CLOSED;
    const dm = graph.arcDm[arc]!;
    const condition = graph.arcCondition[arc]!;
    if (condition < 0) return weightOf(ms, dm);
    const use = useOf(condition);
    const kmh = isForward(graph, arc) ? use.forwardKmh : use.backwardKmh;
    return kmh > 0 ? weightOf(ms + Math.round((dm * 360) / kmh), dm) : CLOSED;
  });
}

/** 0 = closed, 1 = open, 2 = the way back along the same section. */
function openLinks(topology: Topology, arcWeight: Float64Array, at: Moment | undefined): Uint8Array {
  const { graph, search } = topology;
  const isBanned = search.bans.map((rules) => rules.some((rule) => isInForce(rule, at, topology)));
  const open = new Uint8Array(search.to.length);
  for (let node = 0; node < search.nodes; node++) {
    const arc = search.arcOf?.[node] ?? -1;
    if (arc >= 0 && arcWeight[arc] === CLOSED) continue;
    const back = arc < 0 ? -1 : reverseOf(graph, arc);
    for (let link = search.start[node]!; link < search.start[node + 1]!; link++) {
      const drives = search.drives[link]!;
      const ban = search.ban[link]!;
      if (arcWeight[drives] === CLOSED || (ban >= 0 && isBanned[ban])) continue;
      open[link] = drives === back ? 2 : 1;
    }
  }
  return open;
}

/** Lets arcs turn round from which no other open link leads into the component; gives how many are new. */
function markDeadEnds(
  search: SearchGraph,
  { open, isConnected, mayReverse }: { open: Uint8Array; isConnected: Uint8Array; mayReverse: Uint8Array },
): number {
  let added = 0;
  for (let node = 0; node < search.nodes; node++) {
    if (mayReverse[node]) continue;
    let leadsOn = false;
    let hasBack = false;
    for (let link = search.start[node]!; link < search.start[node + 1]!; link++) {
      if (open[link] === 1 && isConnected[search.to[link]!]) leadsOn = true;
      if (open[link] === 2) hasBack = true;
    }
    if (leadsOn || !hasBack) continue;
    mayReverse[node] = 1;
    added++;
  }
  return added;
}

function collect(
  search: SearchGraph,
  { arcWeight, open, mayReverse }: { arcWeight: Float64Array; open: Uint8Array; mayReverse: Uint8Array },
): WeightedLinks {
  const start = new Int32Array(search.nodes + 1);
  const to = new Int32Array(search.to.length);
  const weight = new Float64Array(search.to.length);
  const drives = new Int32Array(search.to.length);
  let count = 0;
  for (let node = 0; node < search.nodes; node++) {
    for (let link = search.start[node]!; link < search.start[node + 1]!; link++) {
      if (open[link] === 0 || (open[link] === 2 && !mayReverse[node])) continue;
      to[count] = search.to[link]!;
      drives[count] = search.drives[link]!;
      weight[count++] = weightOf(search.turnMs[link]!, 0) + arcWeight[search.drives[link]!]!;
    }
    start[node + 1] = count;
  }
  return {
    nodes: search.nodes,
    start,
    to: to.slice(0, count),
    weight: weight.slice(0, count),
    drives: drives.slice(0, count),
  };
}
