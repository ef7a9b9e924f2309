import type { LatLon } from '@ronde/contracts';

/** Row-major n·n matrices over the positions asked for: [from*n+to]; metres and seconds. Unreachable = 2^30. */
export interface TravelMatrix {
  n: number;
  distanceM: Int32Array;
  durationS: Int32Array;
  /** How each position came onto the road, in the order asked for; absent where a back-end does not tell. */
  snaps?: Snap[];
}

/** How a position came onto the road. */
export interface Snap {
  /** Metres from the position to where it was put on the road. */
  distanceM: number;
  /**
   * `road` all is well · `far` the road is far for a crew to walk · `cut-off` a nearer road is there, but this vehicle cannot
   * get to it and back · `off-map` no road is near: straight lines were taken instead
   */
  state: 'road' | 'far' | 'cut-off' | 'off-map';
}

/** How a path runs: the metres and seconds of the matrix, and its line for a map, [lon, lat] each. */
export interface TravelPath {
  distanceM: number;
  durationS: number;
  line: { type: 'LineString'; coordinates: [number, number][] };
}

/** How something moves over streets. */
export type ProfileName = 'truck' | 'car' | 'walking';

/** What a vehicle measures, laden; what is absent is taken from its profile. */
export interface Dimensions {
  weightT?: number | undefined;
  axleLoadT?: number | undefined;
  heightM?: number | undefined;
  widthM?: number | undefined;
  lengthM?: number | undefined;
}

/** A moment of the week in local time: 1 = Monday … 7 = Sunday. */
export interface Moment {
  weekday: number;
  minute: number;
}

/**
 * Something that may not be driven: all streets that touch a polygon, those that a line follows, or the one at a point. With
 * `above`, only vehicles that exceed one of these measures keep out.
 */
export interface Closure {
  geometry:
    | { type: 'Polygon'; coordinates: [lon: number, lat: number][][] }
    | { type: 'LineString'; coordinates: [lon: number, lat: number][] }
    | { type: 'Point'; coordinates: [lon: number, lat: number] };
  above?: Dimensions | undefined;
}

export interface TravelOptions {
  /** Mean speed where there is no road to take one from, km/h. */
  speedKmh: number;
  /** Default: truck. */
  profile?: ProfileName | undefined;
  dimensions?: Dimensions | undefined;
  /** When it is driven: rules by the hour count as they are then. Absent: only what is open at every hour. */
  at?: Moment | undefined;
  closures?: readonly Closure[] | undefined;
  /** `kerb`: come to a stop on its side of a two-way street. Default: any. */
  approach?: 'any' | 'kerb' | undefined;
}

/** What a back-end does not do is left out of an answer by it, never guessed; docs/routing.md has the table. */
export interface Travel {
  /** Whose map it travels on, to be named wherever its lines are shown. */
  credit?: string;
  /**
   * Times and lengths of the fastest ways between all positions. Deterministic for the same positions.
   * @throws (by rejection) RondeError TRAVEL_UNREACHABLE (retriable) or TRAVEL_FILE_UNREADABLE
   */
  matrix(positions: LatLon[], options: TravelOptions): Promise<TravelMatrix>;
  /** The ways from each position to the next: one less than positions. Rejects as `matrix` does. */
  paths(positions: LatLon[], options: TravelOptions): Promise<TravelPath[]>;
  close(): Promise<void>;
}

/** Data of OpenStreetMap may be shown under this name (ODbL 1.0; osmfoundation.org, attribution guidelines). */
export const OPENSTREETMAP = '© OpenStreetMap contributors';

/** In place of what cannot be reached. */
export const UNREACHABLE = 2 ** 30;
