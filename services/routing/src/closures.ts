import type { LatLon, RoadClosure } from '@ronde/contracts';

/** Closures that matter to a plan: those that hold at some time between its start and its end. */
export function activeClosures(closures: RoadClosure[], startMs: number, endMs: number): RoadClosure[] {
  return closures.filter(({ from, to }) => Date.parse(from) < endMs && Date.parse(to) > startMs);
}

/** Finds the closure that holds a position for all of a plan, so that nobody can get there. */
export function closedAt(
  closures: RoadClosure[],
  position: LatLon,
  { startMs, endMs }: { startMs: number; endMs: number },
): RoadClosure | undefined {
  return closures.find(
    ({ from, to, geometry }) =>
      Date.parse(from) <= startMs && Date.parse(to) >= endMs && isInside(position, geometry.coordinates[0]),
  );
}

/** Whether a position lies in a ring of [lon, lat]: a ray to the east crosses it an odd number of times. */
export function isInside({ lat, lon }: LatLon, ring: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[x1, y1], [x2, y2]] = [ring[i]!, ring[j]!];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
