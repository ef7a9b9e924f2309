import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LatLon } from '@ronde/contracts';
import { RondeError } from '@ronde/contracts/errors';
import { serveThread } from '@ronde/kit/thread';
import { createEngine, shutBy, type Engine } from './engine.ts';
import { hourClass } from './graph/hour-class.ts';
import type { SectionIndex } from './graph/section-index.ts';
import { createStreets, type Streets } from './graph/streets.ts';
import type { Topology } from './graph/weigh.ts';
import { OsmFault } from './osm/blobs.ts';
import type { RoadNetwork } from './osm/network.ts';
import type { TravelMatrix, TravelOptions, TravelPath } from './port.ts';
import { keyOf, orderOf, prepareHierarchy, prepareNetwork, prepareTopology, type PrepareOptions } from './prepare.ts';
import { PREPARE_PHASES } from './prepare-phases.ts';
import { settingsOf } from './profiles/index.ts';

/** What the thread of a road graph is started with. */
export interface RoadThreadData {
  file: string;
  cacheDir: string | undefined;
  /** Shared: index of the phase in PREPARE_PHASES, and thousandths of it. */
  progress: Int32Array;
}

export interface RoadFacts {
  nodes: number;
  ways: number;
  restrictions: number;
  arcs: number;
  /** Kept files that were not used, with why. */
  doubts: { file: string; why: string }[];
}

export type RoadHandlers = {
  prepare(options: TravelOptions): RoadFacts;
  matrix(positions: LatLon[], options: TravelOptions): TravelMatrix;
  paths(positions: LatLon[], options: TravelOptions): TravelPath[];
};

/** Hierarchies held at once: hours and closures of some profiles; the one used longest ago goes first. */
const MOST_ENGINES = 8;
const MOST_GRAPHS = 4;

serveThread<RoadThreadData, RoadHandlers>(({ file, cacheDir, progress }) => {
  const doubts: RoadFacts['doubts'] = [];
  const options: PrepareOptions = {
    cacheDir,
    onProgress(phase, part) {
      Atomics.store(progress, 0, PREPARE_PHASES.indexOf(phase));
      Atomics.store(progress, 1, Math.floor(part * 1000));
    },
    onDoubt: (name, why) => doubts.push({ file: name, why }),
  };
  let ground: Ground | undefined;
  const graphs = new Map<string, Graph>();
  const engines = new Map<string, Engine>();

  const groundNow = (): Ground => (ground ??= readGround(file, options));
  const graphOf = (asked: TravelOptions): Graph => {
    const settings = settingsOf(asked);
    const key = keyOf(settings);
    const { network, fingerprint, streets } = groundNow();
    return keep(graphs, MOST_GRAPHS, key, () => ({
      ...prepareTopology(network, settings, { ...options, fingerprint }),
      name: `${fingerprint}-${key}`,
      settings,
      streets,
      order: undefined,
    }));
  };
  const engineOf = (asked: TravelOptions): Engine => {
    const graph = graphOf(asked);
    const at = asked.at && { weekday: asked.at.weekday, minute: asked.at.minute };
    const hours = keyOf({ hours: hourClass(graph.topology, at) });
    const shut = asked.closures?.length ? keyOf(asked.closures) : '';
    return keep(engines, MOST_ENGINES, `${graph.name}-${hours}-${shut}`, () => {
      const closed = shut === '' ? undefined : shutBy(asked.closures ?? [], graph);
      // closures come and go: only graphs without them are worth the disk
      const name = closed ? undefined : `${graph.name}-${hours}`;
      const parts = prepareHierarchy(graph.topology, { at, closed, name, order: graph.order }, options);
      graph.order ??= orderOf(parts.hierarchy);
      return createEngine({ ...graph, ...parts });
    });
  };
  const answer = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof OsmFault)
        throw new RondeError('TRAVEL_FILE_UNREADABLE', `${error.message}; ${error.remedy}`);
      throw error;
    } finally {
      Atomics.store(progress, 0, 0);
    }
  };
  return {
    prepare: (asked) =>
      answer(() => {
        engineOf(asked);
        const { facts } = groundNow().network;
        const { nodes, ways, restrictions } = facts;
        return { nodes, ways, restrictions, arcs: graphOf(asked).topology.graph.arcFrom.length, doubts };
      }),
    matrix: (positions, asked) => answer(() => engineOf(asked).matrix(positions, asked)),
    paths: (positions, asked) => answer(() => engineOf(asked).paths(positions, asked)),
  };
});

interface Ground {
  network: RoadNetwork;
  fingerprint: string;
  streets: Streets;
}

interface Graph {
  topology: Topology;
  index: SectionIndex;
  streets: Streets;
  settings: ReturnType<typeof settingsOf>;
  name: string;
  order: Int32Array | undefined;
}

function readGround(file: string, options: PrepareOptions): Ground {
  const fingerprint = fingerprintOf(file);
  const network = prepareNetwork(file, fingerprint, options);
  if (options.cacheDir !== undefined) forgetOthers(options.cacheDir, fingerprint);
  return { network, fingerprint, streets: createStreets(network) };
}

/** Gives what a map holds, or makes it; the entry used longest ago leaves when there are too many. */
function keep<T>(map: Map<string, T>, most: number, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
  return value;
}

function fingerprintOf(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1 << 20);
  const opened = openSync(file, 'r');
  try {
    for (let got = 1; got > 0;) {
      got = readSync(opened, chunk, 0, chunk.length, null);
      hash.update(chunk.subarray(0, got));
    }
  } finally {
    closeSync(opened);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Removes what was kept of extracts that were there before. */
function forgetOthers(cacheDir: string, fingerprint: string): void {
  for (const name of readdirSync(cacheDir))
    if (/^(network|graph|hierarchy)-.*\.(bin|part)$/.test(name) && !name.includes(fingerprint))
      rmSync(join(cacheDir, name), { force: true });
}
