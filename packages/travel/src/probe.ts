import { resolve } from 'node:path';
import { isRondeError } from '@ronde/contracts';
import { openTravel } from './open.ts';
import { OsmFault, readBlocks } from './osm/blobs.ts';

/** What is found of a travel back-end, and what is wrong with it. */
export interface TravelProbe {
  detail: string;
  trouble?: string;
}

// any place will do: a server answers also where its map has no road
const SOMEWHERE = [
  { lat: 52.09, lon: 5.12 },
  { lat: 52.1, lon: 5.12 },
];

/** Looks whether a back-end can be used: an extract is read from end to end, a server is asked something small. */
export async function probeTravel(url: string): Promise<TravelProbe> {
  if (url.startsWith('osm:')) return probeFile(resolve(url.slice('osm:'.length)));
  try {
    const travel = await openTravel(url);
    await travel.matrix(SOMEWHERE, { speedKmh: 30 }).finally(() => travel.close());
    return { detail: url.startsWith('straight-line:') ? 'straight lines' : 'the routing server answers' };
  } catch (error) {
    // a server that refuses these places for lack of a map there does answer
    return { detail: '', trouble: isRondeError(error) ? error.message : String(error) };
  }
}

function probeFile(path: string): TravelProbe {
  try {
    let blocks = 0;
    for (const _ of readBlocks(path)) blocks++;
    return { detail: `${path}: ${blocks} blocks, all whole` };
  } catch (error) {
    if (error instanceof OsmFault) return { detail: '', trouble: `${error.message}; ${error.remedy}` };
    throw error;
  }
}
