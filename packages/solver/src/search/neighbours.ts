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
  const cost = new Float64Array(width);
  for (let stop = 0; stop < stopCount; stop++) {
    const at = stop * width;
    let found = 0;
    for (let other = 0; other < stopCount; other++) {
      if (other === stop) continue;
      const near = arc[place[stop]! * n + place[other]!]! + arc[place[other]! * n + place[stop]!]!;
      if (found === width && near >= cost[width - 1]!) continue;
      let k = found < width ? found++ : width - 1;
      for (; k > 0 && cost[k - 1]! > near; k--) {
        cost[k] = cost[k - 1]!;
        list[at + k] = list[at + k - 1]!;
      }
      cost[k] = near;
      list[at + k] = other;
    }
  }
  return { width, list };
}
