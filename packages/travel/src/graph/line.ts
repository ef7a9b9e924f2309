import type { Ends, Landing } from './ends.ts';
import type { Topology } from './weigh.ts';

type Point = [lon: number, lat: number];

/** Gives the line of a path for a map: from the place where it begins, over its arcs, to the place where it ends. */
export function lineOf(
  topology: Topology,
  ends: Ends,
  { from, to, nodes }: { from: Landing; to: Landing; nodes: number[] | undefined },
): Point[] {
  if (!nodes) return lineAlong(topology, ends, { from, to });
  const { search, graph } = topology;
  const first = ends.firstArc(from, nodes[0]!)!;
  const line: Point[] = partOfArc(topology, first, { from: fractionOn(topology, first, from), to: 1 });
  const arcs = search.arcOf ? nodes.map((node) => search.arcOf![node]!) : drivenArcs(topology, nodes);
  const last = search.arcOf ? arcs.pop()! : ends.lastArc(to, nodes.at(-1)!)!;
  for (const arc of arcs) append(line, partOfArc(topology, arc, { from: 0, to: 1 }));
  append(line, partOfArc(topology, last, { from: 0, to: fractionOn({ graph }, last, to) }));
  return line.length > 1 ? line : [line[0]!, line[0]!];
}

/** Both places on one section, one ahead of the other. */
function lineAlong(topology: Topology, ends: Ends, { from, to }: { from: Landing; to: Landing }): Point[] {
  const arc = ends.arcAlong(from, to)!;
  const line = partOfArc(topology, arc, { from: fractionOn(topology, arc, from), to: fractionOn(topology, arc, to) });
  return line.length > 1 ? line : [line[0]!, line[0]!];
}

function fractionOn({ graph }: Pick<Topology, 'graph'>, arc: number, { section, fraction }: Landing): number {
  return graph.forwardArc[section] === arc ? fraction : 1 - fraction;
}

/** On foot the shortest of several arcs between two vertices is meant. */
function drivenArcs({ search, graph }: Topology, nodes: number[]): number[] {
  return nodes.slice(1).map((node, i) => {
    const before = nodes[i]!;
    let best = -1;
    for (let link = search.start[before]!; link < search.start[before + 1]!; link++) {
      const arc = search.drives[link]!;
      if (search.to[link] === node && (best < 0 || graph.arcMs[arc]! < graph.arcMs[best]!)) best = arc;
    }
    return best;
  });
}

function append(line: Point[], more: Point[]): void {
  for (const point of more) {
    const last = line.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) line.push(point);
  }
}

function partOfArc({ graph, network }: Topology, arc: number, part: { from: number; to: number }): Point[] {
  const section = graph.arcSection[arc]!;
  const nodes = [...graph.sectionNodes.subarray(graph.sectionStart[section], graph.sectionStart[section + 1])];
  if (graph.forwardArc[section] !== arc) nodes.reverse();
  const points = nodes.map((node): Point => [network.lon[node]! / 1e7, network.lat[node]! / 1e7]);
  const narrow = Math.cos((points[0]![1] * Math.PI) / 180);
  const lengths = points
    .slice(1)
    .map(([lon, lat], i) => Math.hypot(lat - points[i]![1], (lon - points[i]![0]) * narrow));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const [start, end] = [part.from * whole, part.to * whole];
  const line: Point[] = [];
  let at = 0;
  lengths.forEach((length, i) => {
    const point = (along: number): Point => {
      const share = length === 0 ? 0 : Math.max(0, Math.min(1, (along - at) / length));
      const [a, b] = [points[i]!, points[i + 1]!];
      return [round(a[0] + (b[0] - a[0]) * share), round(a[1] + (b[1] - a[1]) * share)];
    };
    if (at + length >= start && at <= end) append(line, [point(start), point(end)]);
    at += length;
  });
  return line.length > 0 ? line : [points[0]!];
}

function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}
