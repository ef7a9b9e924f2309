import { RondeError, type LatLon } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import { OPENSTREETMAP, type Travel, type TravelOptions, type TravelPath } from '../port.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { createWarning } from './osrm.ts';
import { straightLinePath } from './straight-line.ts';
import { TOO_BIG, emptyMatrix, fillByTiles, type Tile, type TileAnswer } from './tiles.ts';

/** `service_limits.*.max_matrix_location_pairs` is 2500 when nothing is set, `max_locations` 20. */
const MATRIX_EDGE = 50;
const ROUTE_STOPS = 20;
/** "Exceeded max locations". @see https://valhalla.github.io/valhalla/api/turn-by-turn/api-reference/#error-codes */
const TOO_MANY = new Set([150, 151, 152]);
/** No edge near a location, no path between two. */
const NO_WAY = new Set([170, 171, 441, 442, 443]);

const COSTING = { truck: 'truck', car: 'auto', walking: 'pedestrian' } as const;

interface Cell {
  time: number | null;
  distance: number | null;
}
interface ValhallaAnswer {
  error_code?: number;
  error?: string;
  /** Short form (`verbose: false`, since 3.4) and the long one. */
  sources_to_targets?: { durations: (number | null)[][]; distances: (number | null)[][] } | Cell[][];
  trip?: { legs: { shape: string; summary: { length: number; time: number } }[] };
}

export interface ValhallaOptions {
  log?: Logger | undefined;
  wait?: (ms: number) => Promise<unknown>;
}

/**
 * Opens a Valhalla server: `http://host:8002`, with `?pairs=` for another matrix limit than 2500. Vehicle dimensions and
 * closed areas go with every question; hours do not, since they need a date that a plan for a weekday has not.
 */
export function openValhalla(url: string, { log, wait }: ValhallaOptions = {}): Travel {
  const address = new URL(url);
  const pairs = Number(address.searchParams.get('pairs') ?? MATRIX_EDGE ** 2);
  let edge = Math.max(1, Math.floor(Math.sqrt(pairs)));
  address.search = '';
  const http = createHttpClient({ server: 'Valhalla', base: address, ...(wait && { wait }) });
  const warn = createWarning(log, ['at']);
  return {
    credit: OPENSTREETMAP,
    async matrix(positions, options) {
      warn(options);
      const matrix = emptyMatrix(positions.length);
      const ask = (tiles: Tile[]) => http.all(tiles.map((tile) => () => table(http, { positions, tile, options })));
      const worked = await fillByTiles(matrix, edge, ask);
      if (worked === 0) throw refused({}, 'raise service_limits.*.max_matrix_location_pairs in its configuration');
      edge = worked < Math.min(edge, positions.length) ? worked : edge;
      return matrix;
    },
    async paths(positions, options) {
      warn(options);
      const parts: LatLon[][] = [];
      for (let i = 0; i + 1 < positions.length; i += ROUTE_STOPS - 1) parts.push(positions.slice(i, i + ROUTE_STOPS));
      return (await http.all(parts.map((part) => () => route(http, part, options)))).flat();
    },
    close: async () => http.close(),
  };
}

function costingOf({ profile = 'truck', dimensions, closures }: TravelOptions): object {
  const { weightT: weight, axleLoadT: axle_load, heightM: height, widthM: width, lengthM: length } = dimensions ?? {};
  const costing = COSTING[profile];
  const areas = (closures ?? []).flatMap(({ geometry }) =>
    geometry.type === 'Polygon' ? [geometry.coordinates[0]!] : [],
  );
  return {
    costing,
    ...(profile === 'truck' &&
      dimensions && { costing_options: { truck: { weight, axle_load, height, width, length } } }),
    ...(areas.length > 0 && { exclude_polygons: areas }),
  };
}

function placesOf(positions: LatLon[], { approach }: TravelOptions): object[] {
  const side = approach === 'kerb' ? { preferred_side: 'same' } : {};
  return positions.map(({ lat, lon }) => ({ lat, lon, ...side }));
}

async function table(
  http: HttpClient,
  { positions, tile, options }: { positions: LatLon[]; tile: Tile; options: TravelOptions },
): Promise<TileAnswer | typeof TOO_BIG> {
  const [sources, targets] = [positions.slice(...tile.rows), positions.slice(...tile.columns)];
  const { body } = await http.json('/sources_to_targets', {
    sources: placesOf(sources, options),
    targets: placesOf(targets, options),
    units: 'kilometers',
    verbose: false,
    ...costingOf(options),
  });
  const answer = body as ValhallaAnswer;
  const found = answer.sources_to_targets;
  if (!found) {
    if (TOO_MANY.has(answer.error_code ?? 0)) return TOO_BIG;
    if (!NO_WAY.has(answer.error_code ?? 0)) throw refused(answer, remedyFor(answer.error_code));
    // Valhalla refuses a whole table for one place without a road: asked in smaller ones, only that place stays without
    if (sources.length > 1 || targets.length > 1) return inQuarters(http, { positions, tile, options });
    return { distanceM: [[null]], durationS: [[null]] };
  }
  const metres = (km: number | null): number | null => (km === null ? null : km * 1000);
  if (Array.isArray(found))
    return {
      distanceM: found.map((row) => row.map(({ distance }) => metres(distance))),
      durationS: found.map((row) => row.map(({ time }) => time)),
    };
  return { distanceM: found.distances.map((row) => row.map(metres)), durationS: found.durations };
}

async function inQuarters(
  http: HttpClient,
  { positions, tile, options }: { positions: LatLon[]; tile: Tile; options: TravelOptions },
): Promise<TileAnswer> {
  const halves = ([from, to]: [number, number]): [number, number][] => {
    const middle = Math.ceil((from + to) / 2);
    return middle === to
      ? [[from, to]]
      : [
          [from, middle],
          [middle, to],
        ];
  };
  const distanceM: (number | null)[][] = [];
  const durationS: (number | null)[][] = [];
  for (const rows of halves(tile.rows)) {
    const parts = await Promise.all(
      halves(tile.columns).map((columns) => table(http, { positions, tile: { rows, columns }, options })),
    );
    const answers = parts.map((part) => (part === TOO_BIG ? { distanceM: [], durationS: [] } : part));
    for (let row = 0; row < rows[1] - rows[0]; row++) {
      distanceM.push(answers.flatMap((part) => part.distanceM[row] ?? []));
      durationS.push(answers.flatMap((part) => part.durationS[row] ?? []));
    }
  }
  return { distanceM, durationS };
}

async function route(http: HttpClient, positions: LatLon[], options: TravelOptions): Promise<TravelPath[]> {
  const { body } = await http.json('/route', {
    locations: placesOf(positions, options),
    units: 'kilometers',
    directions_type: 'none',
    ...costingOf(options),
  });
  const answer = body as ValhallaAnswer;
  if (answer.trip)
    return answer.trip.legs.map(({ shape, summary }) => ({
      distanceM: Math.round(summary.length * 1000),
      durationS: Math.round(summary.time),
      line: { type: 'LineString', coordinates: decodePolyline6(shape) },
    }));
  if (!NO_WAY.has(answer.error_code ?? 0)) throw refused(answer, remedyFor(answer.error_code));
  if (positions.length === 2) return [straightLinePath(positions[0]!, positions[1]!, options.speedKmh)];
  const pairs = positions.slice(1).map((to, i) => [positions[i]!, to]);
  return (await http.all(pairs.map((pair) => () => route(http, pair, options)))).flat();
}

/** Reads a line as Valhalla packs it: differences of 1e-6 degrees, latitude first. @see https://valhalla.github.io/valhalla/decoding/ */
export function decodePolyline6(text: string): [number, number][] {
  const line: [number, number][] = [];
  let at = 0;
  let [lat, lon] = [0, 0];
  const next = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const bits = text.charCodeAt(at++) - 63;
      value |= (bits & 31) << shift;
      if (bits < 32) return value & 1 ? ~(value >> 1) : value >> 1;
      shift += 5;
    }
  };
  while (at < text.length) {
    lat += next();
    lon += next();
    line.push([lon / 1e6, lat / 1e6]);
  }
  return line;
}

function remedyFor(code: number | undefined): string {
  if (code === 154) return 'stops lie too far apart: raise service_limits.*.max_distance in its configuration';
  if (code === 167) return 'the closed areas are too long: raise service_limits.max_exclude_polygons_length';
  return 'look into the log of Valhalla';
}

function refused({ error_code, error = '' }: ValhallaAnswer, remedy: string): RondeError {
  return new RondeError('TRAVEL_REFUSED', `Valhalla answers error ${error_code ?? ''} (${error}): ${remedy}`);
}
