import type { ContainerShape } from '@ronde/contracts';

const DEFAULT_SAG = 0.3;

/**
 * Gives the share of the volume below a height, for a shape without a table.
 * @param height share of the way from the empty to the full mark, 0…1
 */
export function volumeShare(shape: Exclude<ContainerShape, { kind: 'table' }>, height: number): number {
  switch (shape.kind) {
    case 'upright':
      return height;
    case 'lying-cylinder':
      return circleBelow(height);
    case 'tapered':
      return taperedBelow(height, shape.bottomWidth);
    case 'sphere': {
      const bottom = shape.cutBottom ?? 0;
      const top = 1 - (shape.cutTop ?? 0);
      const below = (at: number) => capBelow(at) - capBelow(bottom);
      return below(bottom + height * (top - bottom)) / below(top);
    }
    case 'bag': {
      const sag = shape.sag ?? DEFAULT_SAG;
      return bagBelow(height, sag) / bagBelow(1, sag);
    }
  }
}

/** Segment of a circle of diameter 1 up to a height, as a share of the circle. */
function circleBelow(height: number): number {
  const fromCentre = 1 - 2 * height;
  return (Math.acos(fromCentre) - fromCentre * Math.sqrt(1 - fromCentre ** 2)) / Math.PI;
}

/** Cap of a globe of diameter 1 up to a height, as a share of the globe. */
function capBelow(height: number): number {
  return height ** 2 * (3 - 2 * height);
}

/** Frustum whose width grows evenly from `bottom` to 1: the integral of its cross-section, the square of the width. */
function taperedBelow(height: number, bottom: number): number {
  const upTo = (h: number) => bottom ** 2 * h + bottom * (1 - bottom) * h ** 2 + ((1 - bottom) ** 2 * h ** 3) / 3;
  return upTo(height) / upTo(1);
}

/** Half an ellipsoid of height `sag`, straight above: its cross-section at h is 1 − ((sag − h) / sag)². */
function bagBelow(height: number, sag: number): number {
  if (sag === 0) return height;
  const round = Math.min(height, sag);
  return round ** 2 / sag - round ** 3 / (3 * sag ** 2) + (height - round);
}

/**
 * Gives the fill at a distance from a table, straight between its points and flat beyond its ends.
 * @param points [distance in metres, fill], distances growing, fill not growing
 */
export function fillFromTable(points: readonly (readonly [number, number])[], distanceM: number): number {
  const after = points.findIndex(([atM]) => atM >= distanceM);
  const next = points[after === -1 ? points.length - 1 : after];
  const last = points[after - 1];
  if (!next) return 0;
  if (!last) return next[1];
  return last[1] + ((next[1] - last[1]) * (distanceM - last[0])) / (next[0] - last[0]);
}
