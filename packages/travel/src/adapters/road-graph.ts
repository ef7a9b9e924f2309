import { resolve } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { openThread, type Logger } from '@ronde/kit';
import { probeExtract } from '../osm/blobs.ts';
import { OPENSTREETMAP, type Travel, type TravelMatrix, type TravelOptions } from '../port.ts';
import { PREPARE_PHASES } from '../prepare-phases.ts';
import type { RoadFacts, RoadHandlers, RoadThreadData } from '../road-thread.ts';

export interface RoadGraphOptions {
  /** Where prepared graphs are kept; undefined = nowhere. */
  cacheDir?: string | undefined;
  log?: Logger | undefined;
  /** Profile prepared at once; questions about others prepare theirs when they come. */
  first?: Pick<TravelOptions, 'profile' | 'dimensions'> | undefined;
}

/** A road graph in its thread. */
export interface RoadGraphTravel extends Travel {
  /** Resolves when the first profile is ready. Rejects with RondeError TRAVEL_FILE_UNREADABLE. */
  ready: Promise<RoadFacts>;
}

const TELL_MS = 2000;
// where there is no road a service vehicle still moves: only for preparing, no question uses it
const ANY_SPEED = { speedKmh: 30 };

/**
 * Opens an `.osm.pbf` extract as a road graph. Reading, preparing and every matrix happen in a thread of its own, so that
 * nothing else waits; questions asked before the graph is ready are answered when it is.
 * @throws (by rejection) RondeError TRAVEL_FILE_UNREADABLE when the file is missing or of another kind
 */
export async function openRoadGraph(file: string, options: RoadGraphOptions = {}): Promise<RoadGraphTravel> {
  const { cacheDir, log } = options;
  const path = resolve(file);
  const fault = probeExtract(path);
  if (fault) throw new RondeError('TRAVEL_FILE_UNREADABLE', `TRAVEL_URL: ${fault.message}; ${fault.remedy}`);
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const data: RoadThreadData = { file: path, cacheDir, progress };
  const thread = await openThread<RoadHandlers>(new URL('../road-thread.ts', import.meta.url), data);
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const phase = PREPARE_PHASES[Atomics.load(progress, 0)]!;
    if (phase !== 'idle') log?.info({ phase, percent: Atomics.load(progress, 1) / 10 }, 'travel.graph.prepare');
  }, TELL_MS);
  timer.unref();
  const ready = thread.call.prepare({ ...ANY_SPEED, ...options.first });
  ready.then(
    ({ doubts, ...facts }) => {
      for (const doubt of doubts) log?.warn(doubt, 'travel.cache.rebuild');
      log?.info({ ...facts, prepare_s: Math.round(performance.now() - startedMs) / 1000 }, 'travel.graph.ready');
    },
    (error: unknown) => log?.error({ err: error }, 'travel.graph.fail'),
  );
  return {
    ready,
    credit: OPENSTREETMAP,
    matrix: async (positions, asked) => telling(await thread.call.matrix(positions, asked), log),
    paths: (positions, asked) => thread.call.paths(positions, asked),
    async close() {
      clearInterval(timer);
      await thread.close();
    },
  };
}

/** Says once a matrix which positions are not where a vehicle can come. */
function telling(matrix: TravelMatrix, log: Logger | undefined): TravelMatrix {
  const counts = { far: 0, 'cut-off': 0, 'off-map': 0, road: 0 };
  for (const { state } of matrix.snaps ?? []) counts[state]++;
  const { far, 'cut-off': cut_off, 'off-map': off_map } = counts;
  if (far + cut_off + off_map > 0) log?.warn({ positions: matrix.n, far, cut_off, off_map }, 'travel.snap.far');
  return matrix;
}
