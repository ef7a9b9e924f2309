import type { LatLon } from '@ronde/contracts';
import type { Travel, TravelMatrix, TravelPath } from '../port.ts';

const EARTH_RADIUS_M = 6_371_008.8;
// Roads are longer than the crow's line: 1.2 to 1.4 in European cities (Ballou, Rahardja & Sakai 2002, table 2)
const DETOUR = 1.3;
// Pulling up and away costs time that distance does not show
const START_STOP_S = 12;

/** Great-circle distance between two positions, metres (haversine). */
export function greatCircleM(a: LatLon, b: LatLon): number {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Metres and seconds of a straight line with its detour. */
export function straightLineLeg(a: LatLon, b: LatLon, speedKmh: number): { distanceM: number; durationS: number } {
  const distanceM = Math.round(greatCircleM(a, b) * DETOUR);
  return { distanceM, durationS: distanceM === 0 ? 0 : Math.round((distanceM * 3.6) / speedKmh) + START_STOP_S };
}

/** Opens the fallback that needs no map: straight lines with a detour factor. */
export function openStraightLine(): Travel {
  return {
    matrix: async (positions, { speedKmh }) => straightLineMatrix(positions, speedKmh),
    paths: async (positions, { speedKmh }) =>
      positions.slice(1).map((to, i) => straightLinePath(positions[i]!, to, speedKmh)),
    close: async () => undefined,
  };
}

/** A straight line as a path. */
export function straightLinePath(from: LatLon, to: LatLon, speedKmh: number): TravelPath {
  const coordinates: [number, number][] = [
    [from.lon, from.lat],
    [to.lon, to.lat],
  ];
  return { ...straightLineLeg(from, to, speedKmh), line: { type: 'LineString', coordinates } };
}

function straightLineMatrix(positions: LatLon[], speedKmh: number): TravelMatrix {
  const n = positions.length;
  const distanceM = new Int32Array(n * n);
  const durationS = new Int32Array(n * n);
  for (let from = 0; from < n; from++) {
    for (let to = from + 1; to < n; to++) {
      const leg = straightLineLeg(positions[from]!, positions[to]!, speedKmh);
      distanceM[from * n + to] = distanceM[to * n + from] = leg.distanceM;
      durationS[from * n + to] = durationS[to * n + from] = leg.durationS;
    }
  }
  return { n, distanceM, durationS };
}
