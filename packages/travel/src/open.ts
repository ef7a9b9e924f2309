import { join } from 'node:path';
import { openByUrl, type Logger } from '@ronde/kit';
import type { Travel } from './port.ts';

export interface OpenTravelOptions {
  /** Prepared graphs are kept under it; undefined = nowhere. */
  dataDir?: string | undefined;
  log?: Logger | undefined;
}

/**
 * Opens the travel back-end that a URL names: `straight-line:`, `osm:FILE.osm.pbf`, `osrm+http://…` or `valhalla+http://…`.
 * @throws (by rejection) RondeError CONFIG_INVALID for a scheme that no adapter serves, TRAVEL_FILE_UNREADABLE for an extract
 * that is not there or not one
 */
export function openTravel(url: string, { dataDir, log }: OpenTravelOptions = {}): Promise<Travel> {
  const cacheDir = dataDir === undefined ? undefined : join(dataDir, 'travel');
  return openByUrl<Travel>(url, {
    variable: 'TRAVEL_URL',
    noun: 'travel back-end',
    adapters: {
      'straight-line': async () => (await import('./adapters/straight-line.ts')).openStraightLine(),
      osm: async (file) => (await import('./adapters/road-graph.ts')).openRoadGraph(file, { cacheDir, log }),
      'osrm+http': async (rest) => (await import('./adapters/osrm.ts')).openOsrm(`http:${rest}`, { log }),
      'osrm+https': async (rest) => (await import('./adapters/osrm.ts')).openOsrm(`https:${rest}`, { log }),
      'valhalla+http': async (rest) => (await import('./adapters/valhalla.ts')).openValhalla(`http:${rest}`, { log }),
      'valhalla+https': async (rest) => (await import('./adapters/valhalla.ts')).openValhalla(`https:${rest}`, { log }),
    },
  });
}
