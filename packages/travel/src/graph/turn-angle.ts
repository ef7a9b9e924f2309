import type { RoadNetwork } from '../osm/network.ts';
import type { RoadGraph } from './road-graph.ts';

/**
 * Gives a function that tells the angle of a turn from one arc into the next, degrees: 0 = straight on, to the right positive,
 * up to 180.
 */
export function turnAngle({ lat, lon }: RoadNetwork, graph: RoadGraph): (arc: number, next: number) => number {
  const count = graph.arcFrom.length;
  const startBearing = new Float32Array(count);
  const endBearing = new Float32Array(count);
  const bearing = (a: number, b: number): number => {
    const east = (lon[b]! - lon[a]!) * Math.cos((lat[a]! * 1e-7 * Math.PI) / 180);
    return (Math.atan2(east, lat[b]! - lat[a]!) * 180) / Math.PI;
  };
  for (let arc = 0; arc < count; arc++) {
    const section = graph.arcSection[arc]!;
    const first = graph.sectionStart[section]!;
    const last = graph.sectionStart[section + 1]! - 1;
    const nodes = graph.sectionNodes;
    const ahead = graph.forwardArc[section] === arc;
    const [start, second] = ahead ? [nodes[first]!, nodes[first + 1]!] : [nodes[last]!, nodes[last - 1]!];
    const [before, end] = ahead ? [nodes[last - 1]!, nodes[last]!] : [nodes[first + 1]!, nodes[first]!];
    startBearing[arc] = bearing(start, second);
    endBearing[arc] = bearing(before, end);
  }
  return (arc, next) => {
    const turn = startBearing[next]! - endBearing[arc]!;
    return turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn;
  };
}
