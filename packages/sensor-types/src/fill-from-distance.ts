import type { ContainerShape, Mounting, Quality, ReadingFlag } from '@ronde/contracts';
import { fillFromTable, volumeShare } from './fill-curve.ts';
import type { Manifest } from './manifest.ts';

/** What a sensor type knows of how its sensor sees and hangs. */
export type TypeGeometry = Manifest['geometry'];

export interface FillFromDistanceInput {
  /** Sensor face to waste surface along the beam, metres. */
  distanceM: number;
  mounting: Mounting;
  /** Nearer than this the sensor sees nothing, metres. */
  blindZoneM?: number | undefined;
}

export interface FillValue {
  /** Fraction 0…1, or null when the distance is no distance. */
  value: number | null;
  quality: Quality;
  flags: ReadingFlag[];
}

/**
 * Gives the mounting that counts: the device's own, completed by what its type says of the usual container; the type's
 * alone where the device has none and the type is sold with its container.
 */
export function mountingFor(own: Mounting | undefined, geometry: Partial<TypeGeometry>): Mounting | undefined {
  const { emptyDistanceM, fullDistanceM = 0, offsetM, angleDeg, shape } = geometry;
  const usual = {
    ...(offsetM !== undefined && { offsetM }),
    ...(angleDeg !== undefined && { angleDeg }),
    ...(shape && { shape }),
  };
  if (own) return { ...usual, ...own };
  return emptyDistanceM === undefined ? undefined : { ...usual, emptyDistanceM, fullDistanceM };
}

/** Beyond the floor by more than this share the mounting or the echo is wrong. */
const BEYOND_EMPTY = 1.1;
const UPRIGHT: ContainerShape = { kind: 'upright' };

/**
 * Turns a measured distance into a fill level: a share of the volume, by the container's shape.
 * The beam's angle is taken out by its cosine, then the offset is added; full and empty distances are
 * vertical. At the blind zone or above the full mark the bin is at least full: censored at 1.
 * @returns a fraction clamped to 0…1 with its quality; never NaN
 */
export function fillFromDistance({ distanceM, mounting, blindZoneM }: FillFromDistanceInput): FillValue {
  if (!Number.isFinite(distanceM) || distanceM < 0) return { value: null, quality: 'invalid', flags: ['OUT_OF_RANGE'] };
  const { emptyDistanceM, fullDistanceM, offsetM = 0, angleDeg = 0, shape = UPRIGHT } = mounting;
  if (blindZoneM !== undefined && distanceM < blindZoneM) {
    return { value: 1, quality: 'censored', flags: ['SATURATED', 'BLIND_ZONE'] };
  }
  const verticalM = distanceM * Math.cos((angleDeg * Math.PI) / 180) + offsetM;
  if (verticalM < fullDistanceM) return { value: 1, quality: 'censored', flags: ['SATURATED'] };
  if (verticalM > emptyDistanceM * BEYOND_EMPTY) return { value: 0, quality: 'suspect', flags: ['OUT_OF_RANGE'] };
  const height = clamp((emptyDistanceM - verticalM) / (emptyDistanceM - fullDistanceM));
  const fill = shape.kind === 'table' ? fillFromTable(shape.points, verticalM) : volumeShare(shape, height);
  return { value: clamp(Number(fill.toFixed(6))), quality: 'ok', flags: [] };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
