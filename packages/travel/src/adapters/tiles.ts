import { UNREACHABLE, type TravelMatrix } from '../port.ts';

/** A rectangle of a matrix: rows from … to, columns from … to, ends excluded. */
export interface Tile {
  rows: [number, number];
  columns: [number, number];
}

/** Metres and seconds of a tile, row by row; null = no way. */
export interface TileAnswer {
  distanceM: (number | null)[][];
  durationS: (number | null)[][];
}

/** A server that refuses a tile for its size: it is asked again in smaller ones. */
export const TOO_BIG = 'too big';

/**
 * Fills a matrix by tiles, and halves the edge of tiles when the server says that one is too big.
 * @param edge most rows and columns of a tile to begin with
 * @returns the edge that worked, for the next time; 0 when not even one pair was taken
 */
export async function fillByTiles(
  matrix: TravelMatrix,
  edge: number,
  ask: (tiles: Tile[]) => Promise<(TileAnswer | typeof TOO_BIG)[]>,
): Promise<number> {
  const { n } = matrix;
  let size = Math.max(1, Math.min(edge, n));
  let waiting = tilesOf({ rows: [0, n], columns: [0, n] }, size);
  while (waiting.length > 0) {
    // one first: when it is too big, so are all
    const batch = waiting.slice(0, waiting.length === tilesCount(n, size) ? 1 : undefined);
    const answers = await ask(batch);
    const refused = batch.filter((_, i) => answers[i] === TOO_BIG);
    batch.forEach((tile, i) => {
      const answer = answers[i];
      if (answer && answer !== TOO_BIG) put(matrix, tile, answer);
    });
    waiting = waiting.slice(batch.length);
    if (refused.length === 0) continue;
    if (size === 1) return 0;
    size = Math.ceil(size / 2);
    waiting = [...refused, ...waiting].flatMap((tile) => tilesOf(tile, size));
  }
  return size;
}

/** An empty matrix of a size. */
export function emptyMatrix(n: number): TravelMatrix {
  return { n, distanceM: new Int32Array(n * n), durationS: new Int32Array(n * n) };
}

function tilesCount(n: number, size: number): number {
  return Math.ceil(n / size) ** 2;
}

function tilesOf({ rows, columns }: Tile, size: number): Tile[] {
  const cuts = ([from, to]: [number, number]): [number, number][] =>
    Array.from({ length: Math.ceil((to - from) / size) }, (_, i) => [
      from + i * size,
      Math.min(to, from + (i + 1) * size),
    ]);
  return cuts(rows).flatMap((r) => cuts(columns).map((c) => ({ rows: r, columns: c })));
}

function put({ n, distanceM, durationS }: TravelMatrix, { rows, columns }: Tile, answer: TileAnswer): void {
  const whole = (value: number | null | undefined): number => (value == null ? UNREACHABLE : Math.round(value));
  for (let from = rows[0]; from < rows[1]; from++) {
    for (let to = columns[0]; to < columns[1]; to++) {
      if (from === to) continue;
      const [row, column] = [from - rows[0], to - columns[0]];
      distanceM[from * n + to] = whole(answer.distanceM[row]?.[column]);
      durationS[from * n + to] = whole(answer.durationS[row]?.[column]);
    }
  }
}
