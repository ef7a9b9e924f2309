import type { LatLon } from '@ronde/contracts';
import type { Travel, TravelMatrix } from '../port.ts';

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

/** Opens the fallback that needs no map: straight lines with a detour factor. */
export function openStraightLine(): Travel {
  return {
    matrix: async (positions, { speedKmh }) => straightLineMatrix(positions, speedKmh),
    close: async () => undefined,
  };
}

function straightLineMatrix(positions: LatLon[], speedKmh: number): TravelMatrix {
  const n = positions.length;
  const distanceM = new Int32Array(n * n);
  const durationS = new Int32Array(n * n);
  const metresPerSecond = speedKmh / 3.6;
  for (let from = 0; from < n; from++) {
    for (let to = from + 1; to < n; to++) {
      const metres = Math.round(greatCircleM(positions[from]!, positions[to]!) * DETOUR);
      const seconds = metres === 0 ? 0 : Math.round(metres / metresPerSecond) + START_STOP_S;
      distanceM[from * n + to] = distanceM[to * n + from] = metres;
      durationS[from * n + to] = durationS[to * n + from] = seconds;
    }
  }
  return { n, distanceM, durationS };
}
