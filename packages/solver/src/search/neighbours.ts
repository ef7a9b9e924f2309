import type { Model } from '../model.ts';

/** For every stop the others by rising cost of the legs there and back: Int32Array stops·width, row-major. */
export interface Neighbours {
  readonly width: number;
  readonly list: Int32Array;
}

/** How many neighbours are kept; strings of removals spread over this many. */
const MAX_WIDTH = 100;

/** Computes the neighbour lists, by the costs of the first vehicle. */
export function findNeighbours(model: Model): Neighbours {
  const { stopCount, locations: n, place } = model;
  const width = Math.max(0, Math.min(stopCount - 1, MAX_WIDTH));
  const list = new Int32Array(stopCount * width);
  const arc = model.vehicles[0]?.arc;
  if (!arc) return { width, list };
  const order = Array.from({ length: stopCount }, (_, stop) => stop);
  const near = new Float64Array(stopCount);
  for (let stop = 0; stop < stopCount; stop++) {
    for (let other = 0; other < stopCount; other++) {
      near[other] = arc[place[stop]! * n + place[other]!]! + arc[place[other]! * n + place[stop]!]!;
    }
    near[stop] = Infinity;
    const sorted = order.slice().sort((x, y) => near[x]! - near[y]! || x - y);
    list.set(sorted.slice(0, width), stop * width);
  }
  return { width, list };
}
