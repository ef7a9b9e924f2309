/**
 * Streets as a kind of vehicle sees them: sections between junctions, each with an arc for every direction that is open at
 * some hour.
 */
export interface RoadGraph {
  vertices: number;
  /** Section s runs over sectionNodes[sectionStart[s] … sectionStart[s+1]-1], indices into the network's nodes. */
  sectionStart: Int32Array;
  sectionNodes: Int32Array;
  /** Index of a way of the section, for its name. */
  sectionWay: Int32Array;
  /** Arc of each direction by section, -1 where closed. */
  forwardArc: Int32Array;
  backwardArc: Int32Array;
  arcFrom: Int32Array;
  arcTo: Int32Array;
  arcSection: Int32Array;
  /** Milliseconds, barriers and signals on the way included; for conditional arcs only those. */
  arcMs: Int32Array;
  /** Decimetres. */
  arcDm: Int32Array;
  /** Tag set that decides by the hour, -1 for arcs that never change. */
  arcCondition: Int32Array;
  /** Arc v leaves by: outArcs[outStart[v] … outStart[v+1]-1]. */
  outStart: Int32Array;
  outArcs: Int32Array;
}

/** The arc of the other direction of the same section, -1 where that is closed. */
export function reverseOf(graph: RoadGraph, arc: number): number {
  const section = graph.arcSection[arc]!;
  return graph.forwardArc[section] === arc ? graph.backwardArc[section]! : graph.forwardArc[section]!;
}

export function isForward(graph: RoadGraph, arc: number): boolean {
  return graph.forwardArc[graph.arcSection[arc]!] === arc;
}

/** Groups items 0…n-1 by a key: those of key k are items[start[k] … start[k+1]-1], in ascending order. */
export function groupBy(keys: Int32Array, count: number): { start: Int32Array; items: Int32Array } {
  const start = new Int32Array(count + 1);
  for (const key of keys) if (key >= 0) start[key + 1]!++;
  for (let k = 0; k < count; k++) start[k + 1]! += start[k]!;
  const items = new Int32Array(start[count]!);
  const next = start.slice();
  for (let i = 0; i < keys.length; i++) if (keys[i]! >= 0) items[next[keys[i]!]!++] = i;
  return { start, items };
}
