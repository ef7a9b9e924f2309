import type { LatLon } from '@ronde/contracts';

/** Row-major n·n matrices over the positions asked for: [from*n+to]; metres and seconds. Unreachable = 2^30. */
export interface TravelMatrix {
  n: number;
  distanceM: Int32Array;
  durationS: Int32Array;
}

/** Travel between places. Deterministic for the same positions; errors: TRAVEL back-end unreachable → RondeError, retriable. */
export interface Travel {
  matrix(positions: LatLon[], options: { speedKmh: number }): Promise<TravelMatrix>;
  close(): Promise<void>;
}
