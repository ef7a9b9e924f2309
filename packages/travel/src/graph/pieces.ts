import { createInt32List, type RoadNetwork } from '../osm/network.ts';
import type { Profile } from '../profiles/index.ts';
import type { HourlyUse } from './hours.ts';

/** A stretch of one way between two vertices. Milliseconds are -1 where a direction is closed. */
export interface Piece {
  from: number;
  to: number;
  /** Nodes of the network: wayNodes[first … last], both included. */
  first: number;
  last: number;
  way: number;
  forwardMs: number;
  backwardMs: number;
  lengthM: number;
  /** Tag set that decides by the hour, or -1; then the milliseconds hold only what barriers and signals cost. */
  condition: number;
}

export interface Pieces {
  pieces: Piece[];
  vertices: number;
  /** Vertices that must not be joined over: a rule names them. */
  fixed: Uint8Array;
  /** Vertex by node, -1 for nodes in between; closed barriers have one for each side. */
  vertexOf: Int32Array;
}

const EARTH_M_PER_E7 = (6_371_008.8 * Math.PI) / 180 / 1e7;

/** Cuts the ways that are ever open where they meet, end, carry a rule or are barred. */
export function cutWays(network: RoadNetwork, profile: Profile, hourly: HourlyUse): Pieces {
  const passMs = passTimes(network, profile);
  const usable = Uint8Array.from(network.wayTags, (set) => (isOpen(hourly, set) ? 1 : 0));
  const cuts = cutNodes(network, usable);
  const vertexOf = new Int32Array(network.lat.length).fill(-1);
  const isFixed = createInt32List();
  const newVertex = (fixed: number): number => {
    isFixed.push(fixed);
    return isFixed.length() - 1;
  };
  const vertexAt = (node: number): number => {
    // nobody gets past: every way that ends here has an end of its own
    if (passMs[node]! < 0) return newVertex(1);
    if (vertexOf[node]! < 0) vertexOf[node] = newVertex(cuts[node]! & FIXED ? 1 : 0);
    return vertexOf[node]!;
  };
  const pieces: Piece[] = [];
  for (let way = 0; way < usable.length; way++) {
    if (!usable[way]) continue;
    const end = network.wayStart[way + 1]!;
    let first = network.wayStart[way]!;
    let from = first + 1 < end ? vertexAt(network.wayNodes[first]!) : -1;
    for (let i = first + 1; i < end; i++) {
      const node = network.wayNodes[i]!;
      if (i + 1 < end && !cuts[node] && passMs[node]! >= 0) continue;
      const to = vertexAt(node);
      pieces.push(measure({ from, to, first, last: i, way }, { network, hourly, passMs }));
      from = passMs[node]! < 0 ? vertexAt(node) : to;
      first = i;
    }
  }
  return { pieces, vertices: isFixed.length(), fixed: Uint8Array.from(isFixed.done()), vertexOf };
}

const MEETING = 1;
const FIXED = 2;

/** Marks nodes where ways meet or end, and those that restrictions speak of. */
function cutNodes({ wayStart, wayNodes, lat, restrictions }: RoadNetwork, usable: Uint8Array): Uint8Array {
  const cuts = new Uint8Array(lat.length);
  const seen = new Uint8Array(lat.length);
  const mark = (node: number, as: number): void => void (cuts[node]! |= as);
  for (let way = 0; way < usable.length; way++) {
    if (!usable[way] || wayStart[way + 1]! - wayStart[way]! < 2) continue;
    for (let i = wayStart[way]!; i < wayStart[way + 1]!; i++) {
      const node = wayNodes[i]!;
      if (seen[node]) mark(node, MEETING);
      seen[node] = 1;
    }
    mark(wayNodes[wayStart[way]!]!, MEETING);
    mark(wayNodes[wayStart[way + 1]! - 1]!, MEETING);
  }
  for (const { from, to, via } of restrictions) {
    if ('node' in via) mark(via.node, MEETING | FIXED);
    for (const way of [...from, ...to, ...('ways' in via ? via.ways : [])]) {
      if (wayStart[way + 1]! - wayStart[way]! < 2) continue;
      mark(wayNodes[wayStart[way]!]!, MEETING | FIXED);
      mark(wayNodes[wayStart[way + 1]! - 1]!, MEETING | FIXED);
    }
  }
  return cuts;
}

function isOpen({ ever }: HourlyUse, set: number): boolean {
  return ever[set]!.forwardKmh > 0 || ever[set]!.backwardKmh > 0;
}

/** Milliseconds lost at each node, -1 where there is no way through. */
function passTimes({ nodeTags, tagSets }: RoadNetwork, profile: Profile): Int32Array {
  const bySet = new Map<number, number>();
  return nodeTags.map((set) => {
    if (set < 0) return 0;
    let ms = bySet.get(set);
    if (ms === undefined) {
      const seconds = profile.passS(tagSets[set]!);
      bySet.set(set, (ms = seconds === undefined ? -1 : Math.round(seconds * 1000)));
    }
    return ms;
  });
}

type Place = Pick<Piece, 'from' | 'to' | 'first' | 'last' | 'way'>;

function measure(
  place: Place,
  { network, hourly, passMs }: { network: RoadNetwork; hourly: HourlyUse; passMs: Int32Array },
): Piece {
  const { wayNodes } = network;
  const set = network.wayTags[place.way]!;
  let lengthM = 0;
  let between = 0;
  for (let i = place.first; i < place.last; i++) {
    lengthM += segmentM(network, wayNodes[i]!, wayNodes[i + 1]!);
    if (i > place.first) between += passMs[wayNodes[i]!]!;
  }
  const isConditional = hourly.changes[set]!;
  const use = hourly.ever[set]!;
  // who arrives at signals waits; who leaves them does not
  const time = (kmh: number, end: number): number =>
    kmh === 0 ? -1 : (isConditional ? 0 : (lengthM * 3600) / kmh) + between + Math.max(0, passMs[wayNodes[end]!]!);
  return {
    ...place,
    lengthM,
    forwardMs: time(use.forwardKmh, place.last),
    backwardMs: time(use.backwardKmh, place.first),
    condition: isConditional ? set : -1,
  };
}

/** Metres between two nodes: flat between neighbours, which are never far apart. */
export function segmentM({ lat, lon }: Pick<RoadNetwork, 'lat' | 'lon'>, a: number, b: number): number {
  const middle = Math.cos((((lat[a]! + lat[b]!) / 2) * 1e-7 * Math.PI) / 180);
  return Math.hypot(lat[a]! - lat[b]!, (lon[a]! - lon[b]!) * middle) * EARTH_M_PER_E7;
}
