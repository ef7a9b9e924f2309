import { RondeError, type LatLon } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import { OPENSTREETMAP, type Snap, type Travel, type TravelOptions, type TravelPath } from '../port.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { straightLinePath } from './straight-line.ts';
import { TOO_BIG, emptyMatrix, fillByTiles, type Tile, type TileAnswer } from './tiles.ts';

/** What osrm-routed allows when it is not told otherwise (`--max-table-size 100`: sources times destinations ≤ 100²). */
const TABLE_EDGE = 100;
/** Stops of one route request: well below `--max-viaroute-size 500`, and short enough for a URL. */
const ROUTE_STOPS = 80;
const FAR_M = 100;
const NEVER_ROUTED = new Set(['NoRoute', 'NoSegment', 'NoTable']);

export interface OsrmOptions {
  log?: Logger | undefined;
  wait?: (ms: number) => Promise<unknown>;
}

/** Answers of OSRM that are read here. @see https://project-osrm.org/docs/v5.24.0/api/ */
interface OsrmAnswer {
  code: string;
  message?: string;
  durations?: (number | null)[][];
  distances?: (number | null)[][];
  destinations?: ({ distance: number } | null)[];
  routes?: { legs: { distance: number; duration: number; steps: { geometry: TravelPath['line'] }[] }[] }[];
}

/**
 * Opens an OSRM server: `http://host:5000`, with `?profile=` for the name in its URLs (default driving) and `?table=` for
 * another table limit. The vehicle is the one that the server's data were prepared for: dimensions, hours and closures of a
 * question do not reach it.
 */
export function openOsrm(url: string, { log, wait }: OsrmOptions = {}): Travel {
  const address = new URL(url);
  const profile = address.searchParams.get('profile') ?? 'driving';
  let edge = Number(address.searchParams.get('table') ?? TABLE_EDGE);
  address.search = '';
  const http = createHttpClient({ server: 'OSRM', base: address, ...(wait && { wait }) });
  const warn = createWarning(log);
  return {
    credit: OPENSTREETMAP,
    async matrix(positions, options) {
      warn(options);
      const matrix = emptyMatrix(positions.length);
      const snaps: Snap[] = [];
      const ask = (tiles: Tile[]) =>
        http.all(tiles.map((tile) => () => table(http, { positions, tile, profile, options, snaps })));
      const worked = await fillByTiles(matrix, edge, ask);
      if (worked === 0) throw refused({ code: 'TooBig' }, 'start osrm-routed with a larger --max-table-size');
      edge = Math.max(worked, 1) < Math.min(edge, positions.length) ? worked : edge;
      return { ...matrix, snaps };
    },
    async paths(positions, options) {
      warn(options);
      const parts: LatLon[][] = [];
      for (let i = 0; i + 1 < positions.length; i += ROUTE_STOPS - 1) parts.push(positions.slice(i, i + ROUTE_STOPS));
      return (await http.all(parts.map((part) => () => route(http, { positions: part, profile, options })))).flat();
    },
    close: async () => http.close(),
  };
}

/** Says once that something asked for does not reach this server. */
export function createWarning(
  log: Logger | undefined,
  asked = ['closures', 'dimensions', 'at'],
): (options: TravelOptions) => void {
  const told = new Set<string>();
  return (options) => {
    for (const key of asked) {
      const value = options[key as keyof TravelOptions];
      if (value === undefined || told.has(key) || (Array.isArray(value) && value.length === 0)) continue;
      told.add(key);
      log?.warn({ option: key }, 'travel.option.ignore');
    }
  };
}

interface TableRequest {
  positions: LatLon[];
  tile: Tile;
  profile: string;
  options: TravelOptions;
  snaps: Snap[];
}

async function table(http: HttpClient, request: TableRequest): Promise<TileAnswer | typeof TOO_BIG> {
  const { positions, tile, profile, options, snaps } = request;
  const [rows, columns] = [range(tile.rows), range(tile.columns)];
  const places = [...new Set([...rows, ...columns])];
  const list = (indices: number[]): string => indices.map((index) => places.indexOf(index)).join(';');
  const query = [
    `annotations=duration,distance&sources=${list(rows)}&destinations=${list(columns)}`,
    ...(options.approach === 'kerb' ? [`approaches=${places.map(() => 'curb').join(';')}`] : []),
  ].join('&');
  const coordinates = lineOf(places.map((index) => positions[index]!));
  const { status, body } = await http.json(`/table/v1/${profile}/${coordinates}?${query}`);
  const answer = body as OsrmAnswer;
  if (answer.code === 'TooBig' || status === 414) return TOO_BIG;
  if (answer.code !== 'Ok' || !answer.durations || !answer.distances) {
    if (!NEVER_ROUTED.has(answer.code)) throw refused(answer, remedyFor(answer.code));
    const none = rows.map(() => columns.map(() => null));
    return { distanceM: none, durationS: none };
  }
  answer.destinations?.forEach((place, i) => {
    const distanceM = Math.round(place?.distance ?? -1);
    snaps[columns[i]!] = { distanceM, state: distanceM < 0 ? 'off-map' : distanceM > FAR_M ? 'far' : 'road' };
  });
  return { distanceM: answer.distances, durationS: answer.durations };
}

async function route(
  http: HttpClient,
  { positions, profile, options }: { positions: LatLon[]; profile: string; options: TravelOptions },
): Promise<TravelPath[]> {
  const approaches = options.approach === 'kerb' ? `&approaches=${positions.map(() => 'curb').join(';')}` : '';
  const query = `overview=false&steps=true&geometries=geojson${approaches}`;
  const { body } = await http.json(`/route/v1/${profile}/${lineOf(positions)}?${query}`);
  const answer = body as OsrmAnswer;
  const legs = answer.routes?.[0]?.legs;
  if (answer.code === 'Ok' && legs)
    return legs.map(({ distance, duration, steps }) => ({
      distanceM: Math.round(distance),
      durationS: Math.round(duration),
      line: { type: 'LineString', coordinates: steps.flatMap(({ geometry }) => geometry.coordinates) },
    }));
  if (!NEVER_ROUTED.has(answer.code)) throw refused(answer, remedyFor(answer.code));
  // one stop that cannot be reached must not cost the lines of all others
  if (positions.length === 2) return [straightLinePath(positions[0]!, positions[1]!, options.speedKmh)];
  const pairs = positions.slice(1).map((to, i) => [positions[i]!, to]);
  return (await http.all(pairs.map((pair) => () => route(http, { positions: pair, profile, options })))).flat();
}

function lineOf(positions: LatLon[]): string {
  return positions.map(({ lat, lon }) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join(';');
}

function range([from, to]: [number, number]): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function remedyFor(code: string): string {
  if (code === 'NotImplemented') return 'this OSRM cannot give distances of a table: use version 5.22 or later';
  if (code === 'InvalidUrl' || code === 'InvalidService') return 'correct the address or ?profile= in TRAVEL_URL';
  return 'look into the log of osrm-routed';
}

function refused({ code, message = '' }: Pick<OsrmAnswer, 'code' | 'message'>, remedy: string): RondeError {
  return new RondeError('TRAVEL_REFUSED', `OSRM answers ${code}${message && ` (${message})`}: ${remedy}`);
}
