import { fillFromDistance, mountingFor, type TypeGeometry } from '@ronde/sensor-types';
import type { Attached } from './attach.ts';
import { marked, worse } from './check.ts';

/**
 * Adds the fill that follows from each distance and its mounting. Where the device works out a fill too, ours counts:
 * it knows the container; the device's stays where ours cannot be had, or where its type prefers it. A fill that was
 * sent by name, and not worked out by a device, always stays.
 */
export function withFills(values: readonly Attached[], geometry: Partial<TypeGeometry>): Attached[] {
  const derived = new Map<Attached, Attached>();
  const replaced = new Set<Attached>();
  for (const distance of values.filter(({ quantity }) => quantity === 'distance')) {
    const theirs = values.find((value) => value.quantity === 'fill' && isSameSlot(value, distance));
    const fill = deriveFill(distance, geometry);
    const isOurs = !theirs || (geometry.prefer !== 'device' && theirs.flags.includes('DEVICE_COMPUTED'));
    if (!fill || !isOurs) continue;
    derived.set(distance, fill);
    if (theirs) replaced.add(theirs);
  }
  return values
    .filter((value) => !replaced.has(value))
    .flatMap((value) => {
      const fill = derived.get(value);
      return fill ? [value, fill] : [needsGeometry(value, values) ? marked(value, 'ok', 'GEOMETRY_MISSING') : value];
    });
}

function isSameSlot(a: Attached, b: Attached): boolean {
  return a.chamber === b.chamber && a.atMs === b.atMs;
}

/** A distance on an asset that says nothing of how full it is. */
function needsGeometry(value: Attached, values: readonly Attached[]): boolean {
  if (value.quantity !== 'distance' || value.assetId === null || value.mounting || isUseless(value)) return false;
  return !values.some((other) => other.quantity === 'fill' && isSameSlot(other, value));
}

function isUseless({ value, quality }: Attached): boolean {
  return value === null || quality === 'invalid';
}

function deriveFill(distance: Attached, geometry: Partial<TypeGeometry>): Attached | undefined {
  const mounting = mountingFor(distance.mounting, geometry);
  if (distance.value === null || isUseless(distance) || !mounting) return undefined;
  const fill = fillFromDistance({ distanceM: distance.value, mounting, blindZoneM: geometry.blindZoneM });
  return {
    ...distance,
    quantity: 'fill',
    unit: '1',
    value: fill.value,
    quality: worse(fill.quality, distance.quality),
    flags: [...new Set([...fill.flags, ...distance.flags, 'DERIVED' as const])],
  };
}
