import { createInt32List, type Int32List, type RoadNetwork } from '../osm/network.ts';
import type { Profile } from '../profiles/index.ts';
import type { HourlyUse } from './hours.ts';
import { cutWays, type Piece, type Pieces } from './pieces.ts';
import { groupBy, type RoadGraph } from './road-graph.ts';

/** First and last way of each section, in its own direction: what turn restrictions name. */
export interface SectionWays {
  first: Int32Array;
  last: Int32Array;
}

export interface BuiltGraph {
  graph: RoadGraph;
  ways: SectionWays;
  /** Vertex by node of the network, -1 for nodes inside sections. */
  vertexOf: Int32Array;
}

/** Makes the street graph of a profile: pieces of ways, joined where nothing is decided. */
export function buildGraph(network: RoadNetwork, profile: Profile, hourly: HourlyUse): BuiltGraph {
  const cut = cutWays(network, profile, hourly);
  const sections = joinPieces(cut, network);
  return { graph: toGraph(sections, cut.vertices), ways: sections.ways, vertexOf: cut.vertexOf };
}

interface Sections {
  count: number;
  from: Int32List;
  to: Int32List;
  start: Int32List;
  nodes: Int32List;
  way: Int32List;
  forwardMs: number[];
  backwardMs: number[];
  lengthM: number[];
  condition: Int32List;
  ways: SectionWays;
}

/** A piece taken in its own direction or against it. */
interface Step {
  piece: Piece;
  against: boolean;
}

/** Walks from every vertex at which something is decided along pieces to the next one. */
function joinPieces({ pieces, vertices, fixed }: Pieces, network: RoadNetwork): Sections {
  const ends = pieceEnds(pieces, vertices);
  const isPassed = passedVertices(pieces, ends, fixed);
  const used = new Uint8Array(pieces.length);
  const chains: Step[][] = [];
  const walk = (index: number, from: number): void => {
    const chain: Step[] = [];
    let at = from;
    let next = index;
    do {
      used[next] = 1;
      const piece = pieces[next]!;
      const against = piece.from !== at;
      chain.push({ piece, against });
      at = against ? piece.from : piece.to;
      next = isPassed[at] ? otherPiece(ends, at, next) : -1;
    } while (next >= 0 && !used[next]);
    chains.push(chain);
  };
  for (let vertex = 0; vertex < vertices; vertex++) {
    if (isPassed[vertex]) continue;
    for (let i = ends.start[vertex]!; i < ends.start[vertex + 1]!; i++) {
      const index = ends.items[i]! >> 1;
      if (!used[index]) walk(index, vertex);
    }
  }
  // rings on which nothing is decided begin anywhere
  for (let index = 0; index < pieces.length; index++) if (!used[index]) walk(index, pieces[index]!.from);
  return toSections(chains, network);
}

interface Ends {
  start: Int32Array;
  /** Twice the piece, plus one for its far end. */
  items: Int32Array;
}

function pieceEnds(pieces: Piece[], vertices: number): Ends {
  const keys = new Int32Array(pieces.length * 2);
  pieces.forEach(({ from, to }, index) => {
    keys[2 * index] = from;
    keys[2 * index + 1] = to;
  });
  return groupBy(keys, vertices);
}

/** A vertex is passed over when two pieces meet there that are open alike and never change with the hour. */
function passedVertices(pieces: Piece[], { start, items }: Ends, fixed: Uint8Array): Uint8Array {
  return Uint8Array.from(fixed, (isFixed, vertex) => {
    if (isFixed || start[vertex + 1]! - start[vertex]! !== 2) return 0;
    const [a, b] = [items[start[vertex]!]!, items[start[vertex]! + 1]!];
    const [p, q] = [pieces[a >> 1]!, pieces[b >> 1]!];
    if (p === q || p.condition >= 0 || q.condition >= 0) return 0;
    // seen as arriving by p and leaving by q
    const [pIn, pOut] = a & 1 ? [p.forwardMs, p.backwardMs] : [p.backwardMs, p.forwardMs];
    const [qOut, qIn] = b & 1 ? [q.backwardMs, q.forwardMs] : [q.forwardMs, q.backwardMs];
    return pIn < 0 === qOut < 0 && pOut < 0 === qIn < 0 ? 1 : 0;
  });
}

function otherPiece({ start, items }: Ends, vertex: number, piece: number): number {
  const [a, b] = [items[start[vertex]!]! >> 1, items[start[vertex]! + 1]! >> 1];
  return a === piece ? b : a;
}

function toSections(chains: Step[][], { wayNodes }: RoadNetwork): Sections {
  const sections: Sections = {
    count: chains.length,
    from: createInt32List(),
    to: createInt32List(),
    start: createInt32List(),
    nodes: createInt32List(),
    way: createInt32List(),
    forwardMs: [],
    backwardMs: [],
    lengthM: [],
    condition: createInt32List(),
    ways: { first: new Int32Array(chains.length), last: new Int32Array(chains.length) },
  };
  chains.forEach((chain, index) => {
    const [first, last] = [chain[0]!, chain.at(-1)!];
    sections.from.push(first.against ? first.piece.to : first.piece.from);
    sections.to.push(last.against ? last.piece.from : last.piece.to);
    sections.way.push(first.piece.way);
    sections.condition.push(first.piece.condition);
    sections.ways.first[index] = first.piece.way;
    sections.ways.last[index] = last.piece.way;
    sections.start.push(sections.nodes.length());
    const sums = { forward: 0, backward: 0, length: 0 };
    chain.forEach(({ piece, against }, step) => {
      addNodes(sections.nodes, wayNodes, { piece, against, isFirst: step === 0 });
      const [ahead, back] = against ? [piece.backwardMs, piece.forwardMs] : [piece.forwardMs, piece.backwardMs];
      sums.forward = ahead < 0 ? -1 : sums.forward + ahead;
      sums.backward = back < 0 ? -1 : sums.backward + back;
      sums.length += piece.lengthM;
    });
    sections.forwardMs.push(sums.forward);
    sections.backwardMs.push(sums.backward);
    sections.lengthM.push(sums.length);
  });
  sections.start.push(sections.nodes.length());
  return sections;
}

function addNodes(
  nodes: Int32List,
  wayNodes: Int32Array,
  { piece, against, isFirst }: Step & { isFirst: boolean },
): void {
  // the node where two pieces meet stands once
  const skip = isFirst ? 0 : 1;
  if (against) for (let i = piece.last - skip; i >= piece.first; i--) nodes.push(wayNodes[i]!);
  else for (let i = piece.first + skip; i <= piece.last; i++) nodes.push(wayNodes[i]!);
}

function toGraph(sections: Sections, vertices: number): RoadGraph {
  const [from, to, condition] = [sections.from.done(), sections.to.done(), sections.condition.done()];
  const lists = { from: createInt32List(), to: createInt32List(), section: createInt32List() };
  const values = { ms: createInt32List(), dm: createInt32List(), condition: createInt32List() };
  const forwardArc = new Int32Array(sections.count).fill(-1);
  const backwardArc = new Int32Array(sections.count).fill(-1);
  const add = (section: number, ends: [number, number], ms: number): number => {
    lists.from.push(ends[0]);
    lists.to.push(ends[1]);
    lists.section.push(section);
    values.ms.push(Math.round(ms));
    values.dm.push(Math.round(sections.lengthM[section]! * 10));
    values.condition.push(condition[section]!);
    return lists.from.length() - 1;
  };
  for (let s = 0; s < sections.count; s++) {
    if (sections.forwardMs[s]! >= 0) forwardArc[s] = add(s, [from[s]!, to[s]!], sections.forwardMs[s]!);
    if (sections.backwardMs[s]! >= 0) backwardArc[s] = add(s, [to[s]!, from[s]!], sections.backwardMs[s]!);
  }
  const arcFrom = lists.from.done();
  const out = groupBy(arcFrom, vertices);
  return {
    vertices,
    sectionStart: sections.start.done(),
    sectionNodes: sections.nodes.done(),
    sectionWay: sections.way.done(),
    forwardArc,
    backwardArc,
    arcFrom,
    arcTo: lists.to.done(),
    arcSection: lists.section.done(),
    arcMs: values.ms.done(),
    arcDm: values.dm.done(),
    arcCondition: values.condition.done(),
    outStart: out.start,
    outArcs: out.items,
  };
}
