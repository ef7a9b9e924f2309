import type { Random } from '../random.ts';

/** A place on the map, in degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** Travel between the places asked for: Int32Array n·n, row-major [from*n+to], metres and seconds. */
export interface Roads {
  readonly distanceM: Int32Array;
  readonly durationS: Int32Array;
}

interface Arc {
  readonly to: number;
  readonly metres: number;
  readonly seconds: number;
}

/** A made town of crossings and streets. */
export interface Grid {
  readonly places: readonly Place[];
  /** streets that leave each crossing */
  readonly arcs: readonly (readonly Arc[])[];
}

const BLOCK_M = 260;
/** Every so many streets one is an arterial road. */
const ARTERIAL_EVERY = 5;
const METRES_A_DEGREE = 111_320;
/** Middle of no real town: the Gulf of Guinea, so that nobody takes the map for his own. */
const ORIGIN: Place = { lat: 0, lon: 0 };

/** Kilometres an hour on the two kinds of street. */
const ARTERIAL_KMH = 42;
const STREET_KMH = 21;
/** Chance of a street that is one way, of one that is closed, and the columns that a river leaves three bridges over. */
const ONE_WAY = 0.18;
const CLOSED = 0.05;

function place(x: number, y: number): Place {
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  return { lat: round(ORIGIN.lat + y / METRES_A_DEGREE), lon: round(ORIGIN.lon + x / METRES_A_DEGREE) };
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

/** Draws a town: arterials, one-way streets, some that are closed, and a river with few bridges. */
export function createGrid(random: Random, columns: number, rows: number): Grid {
  const jitter = (): number => (random.float() - 0.5) * 0.5 * BLOCK_M;
  const corners: Corner[] = Array.from({ length: columns * rows }, (_, i) => ({
    x: (i % columns) * BLOCK_M + jitter(),
    y: Math.floor(i / columns) * BLOCK_M + jitter(),
  }));
  const arcs: Arc[][] = corners.map(() => []);
  const river = Math.floor(rows / 2);
  const link = (from: number, to: number, arterial: boolean): void => {
    const [drawn, turned] = [random.float(), random.float()];
    if (!arterial && drawn < CLOSED) return;
    const metres = Math.round(Math.hypot(corners[from]!.x - corners[to]!.x, corners[from]!.y - corners[to]!.y) * 1.05);
    const seconds = Math.round((metres * 3.6) / (arterial ? ARTERIAL_KMH : STREET_KMH)) + (arterial ? 3 : 6);
    const oneWay = !arterial && drawn < CLOSED + ONE_WAY;
    if (!oneWay || turned < 0.5) arcs[from]!.push({ to, metres, seconds });
    if (!oneWay || turned >= 0.5) arcs[to]!.push({ to: from, metres, seconds });
  };
  for (let i = 0; i < corners.length; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    if (column + 1 < columns) link(i, i + 1, row % ARTERIAL_EVERY === 0);
    const bridge = row + 1 !== river || column % 8 === 0;
    if (row + 1 < rows && bridge) link(i, i + columns, column % ARTERIAL_EVERY === 0 || row + 1 === river);
  }
  return { places: corners.map(({ x, y }) => place(x, y)), arcs };
}

/** Shortest times from a crossing, with the metres of the way that takes them (Dijkstra, a bucket a second). */
function spread({ arcs }: Grid, source: number): { seconds: Int32Array; metres: Int32Array } {
  const seconds = new Int32Array(arcs.length).fill(1_000_000_000);
  const metres = new Int32Array(arcs.length).fill(1_000_000_000);
  seconds[source] = 0;
  metres[source] = 0;
  const buckets: number[][] = [[source]];
  for (let at = 0; at < buckets.length; at++) {
    for (const node of buckets[at] ?? []) {
      if (seconds[node] !== at) continue;
      for (const arc of arcs[node]!) {
        const reached = at + arc.seconds;
        if (reached >= seconds[arc.to]!) continue;
        seconds[arc.to] = reached;
        metres[arc.to] = metres[node]! + arc.metres;
        (buckets[reached] ??= []).push(arc.to);
      }
    }
  }
  return { seconds, metres };
}

/** Travel between some crossings. */
export function gridRoads(grid: Grid, crossings: readonly number[]): Roads {
  const n = crossings.length;
  const [distanceM, durationS] = [new Int32Array(n * n), new Int32Array(n * n)];
  for (const [i, from] of crossings.entries()) {
    const { seconds, metres } = spread(grid, from);
    for (const [j, to] of crossings.entries()) {
      distanceM[i * n + j] = metres[to]!;
      durationS[i * n + j] = seconds[to]!;
    }
  }
  return { distanceM, durationS };
}

/** Crossings that reach a source and are reached from it. */
export function connectedTo(grid: Grid, source: number): number[] {
  const backwards: Arc[][] = grid.arcs.map(() => []);
  for (const [from, arcs] of grid.arcs.entries()) for (const arc of arcs) backwards[arc.to]!.push({ ...arc, to: from });
  const there = spread(grid, source).seconds;
  const back = spread({ places: grid.places, arcs: backwards }, source).seconds;
  return grid.places.map((_, i) => i).filter((i) => there[i]! < 1e9 && back[i]! < 1e9);
}
