import type { LatLon } from '@ronde/contracts';
import type { RoadNetwork } from '../osm/network.ts';
import type { RoadGraph } from './road-graph.ts';

/** Lines by number: line s runs over sectionNodes[sectionStart[s] … sectionStart[s+1]-1]. */
type Lines = Pick<RoadGraph, 'sectionStart' | 'sectionNodes'>;

/** A place on a section. */
export interface OnSection {
  section: number;
  /** Part of the section's length before it, 0 … 1. */
  fraction: number;
  distanceM: number;
  /** Metres to the right of the section's direction; negative = to the left. */
  rightM: number;
}

/** Finds sections near a position. */
export interface SectionIndex {
  /** The nearest place on a section that is accepted, no farther than `withinM`. */
  nearest(position: LatLon, withinM: number, accept: (section: number) => boolean): OnSection | undefined;
}

const M_PER_E7 = (6_371_008.8 * Math.PI) / 180 / 1e7;
const MOST_CELLS = 4_000_000;
/** About 160 m: some streets of a town each. */
const CELL_E7 = 15_000;

/** Lays a grid over the straight parts of all sections. */
export function createSectionIndex(network: Pick<RoadNetwork, 'lat' | 'lon'>, graph: Lines): SectionIndex {
  const { lat, lon } = network;
  const { sectionStart, sectionNodes } = graph;
  const grid = fillGrid(network, graph);

  const nearest: SectionIndex['nearest'] = (position, withinM, accept) => {
    const here = { y: position.lat * 1e7, x: position.lon * 1e7, narrow: Math.cos((position.lat * Math.PI) / 180) };
    const hit = { part: -1, along: 0, distance: withinM / M_PER_E7, right: 0 };
    const row = Math.floor((here.y - grid.south) / grid.cell);
    const column = Math.floor((here.x - grid.west) / grid.cell);
    // a ring cannot hold anything nearer than its inner edge, which is narrower from west to east
    for (let ring = 0; (ring - 1) * grid.cell * here.narrow <= hit.distance; ring++) {
      eachOnRing(grid, { row, column, ring }, (part) => {
        if (accept(grid.sectionOf[part]!))
          closer(network, { a: sectionNodes[part]!, b: sectionNodes[part + 1]!, part }, here, hit);
      });
    }
    if (hit.part < 0) return undefined;
    const section = grid.sectionOf[hit.part]!;
    const lengthOf = (i: number): number => {
      const [a, b] = [sectionNodes[i]!, sectionNodes[i + 1]!];
      return Math.hypot(lat[b]! - lat[a]!, (lon[b]! - lon[a]!) * here.narrow);
    };
    let before = 0;
    let whole = 0;
    for (let i = sectionStart[section]!; i < sectionStart[section + 1]! - 1; i++) {
      if (i === hit.part) before = whole + lengthOf(i) * hit.along;
      whole += lengthOf(i);
    }
    const fraction = whole === 0 ? 0 : Math.min(1, before / whole);
    return { section, fraction, distanceM: hit.distance * M_PER_E7, rightM: hit.right * M_PER_E7 };
  };
  return { nearest };
}

interface Hit {
  part: number;
  along: number;
  /** Steps of 1e-7 degrees of latitude. */
  distance: number;
  right: number;
}

function closer(
  { lat, lon }: Pick<RoadNetwork, 'lat' | 'lon'>,
  { a, b, part }: { a: number; b: number; part: number },
  here: { x: number; y: number; narrow: number },
  hit: Hit,
): void {
  const ax = (lon[a]! - here.x) * here.narrow;
  const ay = lat[a]! - here.y;
  const dx = (lon[b]! - lon[a]!) * here.narrow;
  const dy = lat[b]! - lat[a]!;
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / square));
  const distance = Math.hypot(ax + along * dx, ay + along * dy);
  if (distance > hit.distance || (distance === hit.distance && hit.part >= 0)) return;
  hit.part = part;
  hit.along = along;
  hit.distance = distance;
  // cross product of the direction with the way from a to here
  hit.right = square === 0 ? 0 : (ax * dy - ay * dx) / -Math.sqrt(square);
}

interface Grid {
  south: number;
  west: number;
  rows: number;
  columns: number;
  cell: number;
  start: Int32Array;
  parts: Int32Array;
  /** Section by its part: the straight line from sectionNodes[part] to the next. */
  sectionOf: Int32Array;
}

function fillGrid({ lat, lon }: Pick<RoadNetwork, 'lat' | 'lon'>, { sectionStart, sectionNodes }: Lines): Grid {
  const box = { south: Infinity, north: -Infinity, west: Infinity, east: -Infinity };
  for (const node of sectionNodes) {
    box.south = Math.min(box.south, lat[node]!);
    box.north = Math.max(box.north, lat[node]!);
    box.west = Math.min(box.west, lon[node]!);
    box.east = Math.max(box.east, lon[node]!);
  }
  const [height, width] = [Math.max(0, box.north - box.south), Math.max(0, box.east - box.west)];
  const cell = Math.max(CELL_E7, Math.ceil(Math.sqrt((height * width) / MOST_CELLS)));
  const rows = Math.floor(height / cell) + 1;
  const columns = Math.floor(width / cell) + 1;
  const sectionOf = new Int32Array(sectionNodes.length);
  const eachCell = (visit: (cell: number, part: number) => void): void => {
    for (let section = 0; section + 1 < sectionStart.length; section++) {
      for (let part = sectionStart[section]!; part < sectionStart[section + 1]! - 1; part++) {
        sectionOf[part] = section;
        const [a, b] = [sectionNodes[part]!, sectionNodes[part + 1]!];
        const rowOf = (node: number): number => Math.floor((lat[node]! - box.south) / cell);
        const columnOf = (node: number): number => Math.floor((lon[node]! - box.west) / cell);
        for (let row = Math.min(rowOf(a), rowOf(b)); row <= Math.max(rowOf(a), rowOf(b)); row++)
          for (let column = Math.min(columnOf(a), columnOf(b)); column <= Math.max(columnOf(a), columnOf(b)); column++)
            visit(row * columns + column, part);
      }
    }
  };
  const start = new Int32Array(rows * columns + 1);
  eachCell((at) => void start[at + 1]!++);
  for (let at = 0; at < rows * columns; at++) start[at + 1]! += start[at]!;
  const parts = new Int32Array(start[rows * columns]!);
  const next = start.slice();
  eachCell((at, part) => void (parts[next[at]!++] = part));
  return { south: box.south, west: box.west, rows, columns, cell, start, parts, sectionOf };
}

function eachOnRing(
  { rows, columns, start, parts }: Grid,
  { row, column, ring }: { row: number; column: number; ring: number },
  visit: (part: number) => void,
): void {
  for (let r = row - ring; r <= row + ring; r++) {
    if (r < 0 || r >= rows) continue;
    const isEdge = r === row - ring || r === row + ring;
    for (let c = column - ring; c <= column + ring; c += isEdge || ring === 0 ? 1 : 2 * ring) {
      if (c < 0 || c >= columns) continue;
      for (let i = start[r * columns + c]!; i < start[r * columns + c + 1]!; i++) visit(parts[i]!);
    }
  }
}
