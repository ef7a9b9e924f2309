import type { Closure, Dimensions } from '../port.ts';
import type { RoadNetwork } from '../osm/network.ts';
import type { RoadGraph } from './road-graph.ts';
import type { SectionIndex } from './section-index.ts';

type Point = readonly [lon: number, lat: number];
/** How near a drawn line must run to a street to mean it. */
const NEAR_M = 20;
const STEP_M = 5;
/** A line that only crosses a street does not close it. */
const LEAST_ALONG_M = 15;

/** Marks the sections that closures shut for a vehicle; undefined when there is none. */
export function closedSections(
  closures: readonly Closure[],
  vehicle: Required<Dimensions>,
  { network, graph, index }: { network: RoadNetwork; graph: RoadGraph; index: SectionIndex },
): Uint8Array | undefined {
  const meant = closures.filter(({ above }) => !above || exceeds(vehicle, above));
  if (meant.length === 0) return undefined;
  const closed = new Uint8Array(graph.sectionWay.length);
  for (const { geometry } of meant) {
    if (geometry.type === 'Polygon') closeArea(closed, geometry.coordinates, { network, graph });
    else if (geometry.type === 'LineString') closeLine(closed, geometry.coordinates, index);
    else closePoint(closed, geometry.coordinates, index);
  }
  return closed;
}

function exceeds(vehicle: Required<Dimensions>, above: Dimensions): boolean {
  return (Object.keys(above) as (keyof Dimensions)[]).some((key) => {
    const limit = above[key];
    return limit !== undefined && vehicle[key] > limit;
  });
}

function closeArea(
  closed: Uint8Array,
  rings: readonly (readonly Point[])[],
  { network: { lat, lon }, graph }: { network: RoadNetwork; graph: RoadGraph },
): void {
  const [outer = []] = rings;
  const box = boxOf(outer);
  const at = (node: number): Point => [lon[node]! / 1e7, lat[node]! / 1e7];
  for (let section = 0; section < closed.length; section++) {
    for (let i = graph.sectionStart[section]!; i < graph.sectionStart[section + 1]! - 1 && !closed[section]; i++) {
      const [a, b] = [at(graph.sectionNodes[i]!), at(graph.sectionNodes[i + 1]!)];
      if (isApart(box, a, b)) continue;
      if (isInside(rings, a) || isInside(rings, b) || rings.some((ring) => crosses(ring, a, b))) closed[section] = 1;
    }
  }
}

function boxOf(ring: readonly Point[]): { west: number; east: number; south: number; north: number } {
  const box = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (const [lon, lat] of ring) {
    box.west = Math.min(box.west, lon);
    box.east = Math.max(box.east, lon);
    box.south = Math.min(box.south, lat);
    box.north = Math.max(box.north, lat);
  }
  return box;
}

function isApart({ west, east, south, north }: ReturnType<typeof boxOf>, a: Point, b: Point): boolean {
  return (
    Math.max(a[0], b[0]) < west ||
    Math.min(a[0], b[0]) > east ||
    Math.max(a[1], b[1]) < south ||
    Math.min(a[1], b[1]) > north
  );
}

/** Even-odd rule over all rings, so that holes are outside. */
function isInside(rings: readonly (readonly Point[])[], [x, y]: Point): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i]!;
      const [xj, yj] = ring[j]!;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

function crosses(ring: readonly Point[], a: Point, b: Point): boolean {
  return ring.some((c, i) => {
    const d = ring[(i + 1) % ring.length]!;
    return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
  });
}

function side(a: Point, b: Point, c: Point): boolean {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0;
}

function closeLine(closed: Uint8Array, line: readonly Point[], index: SectionIndex): void {
  const along = new Map<number, number>();
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1]!, line[i]!];
    const metres = Math.hypot(b[1] - a[1], (b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180)) * 111_195;
    const steps = Math.max(1, Math.ceil(metres / STEP_M));
    for (let step = 0; step <= steps; step++) {
      const [lon, lat] = [a[0] + ((b[0] - a[0]) * step) / steps, a[1] + ((b[1] - a[1]) * step) / steps];
      const section = index.nearest({ lat, lon }, NEAR_M, () => true)?.section;
      if (section !== undefined) along.set(section, (along.get(section) ?? 0) + metres / (steps + 1));
    }
  }
  const [longest] = [...along].sort((a, b) => b[1] - a[1]);
  for (const [section, metres] of along) if (metres >= LEAST_ALONG_M || section === longest?.[0]) closed[section] = 1;
}

function closePoint(closed: Uint8Array, [lon, lat]: Point, index: SectionIndex): void {
  const found = index.nearest({ lat, lon }, NEAR_M * 2, () => true);
  if (found) closed[found.section] = 1;
}
