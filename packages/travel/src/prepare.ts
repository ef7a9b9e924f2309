import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { loadArrays, saveArrays } from './cache/array-file.ts';
import {
  packHierarchy,
  packNetwork,
  packTopology,
  unpackHierarchy,
  unpackNetwork,
  unpackTopology,
} from './cache/pack.ts';
import { buildGraph } from './graph/build-graph.ts';
import { hourlyUse } from './graph/hours.ts';
import { buildSearchGraph } from './graph/search-graph.ts';
import { createSectionIndex, type SectionIndex } from './graph/section-index.ts';
import type { Streets } from './graph/streets.ts';
import { turnRules } from './graph/turn-rules.ts';
import { weigh, type Topology, type Weighted } from './graph/weigh.ts';
import { contract } from './hierarchy/contract.ts';
import { rank, type Hierarchy } from './hierarchy/hierarchy.ts';
import type { RoadNetwork } from './osm/network.ts';
import { readNetwork } from './osm/read-network.ts';
import type { Moment } from './port.ts';
import type { PreparePhase } from './prepare-phases.ts';
import { createProfile, type ProfileSettings } from './profiles/index.ts';

/** Raised when the same file and settings give another graph than before: what was kept is then made anew. */
const VERSION = 1;

/** A graph ready for questions. */
export interface Prepared {
  topology: Topology;
  weighted: Weighted;
  hierarchy: Hierarchy;
  index: SectionIndex;
  streets: Streets;
}

export interface PrepareOptions {
  /** Where prepared graphs are kept; undefined = nowhere. */
  cacheDir?: string | undefined;
  onProgress?: ((phase: PreparePhase, part: number) => void) | undefined;
  /** Told when something kept is not used. */
  onDoubt?: ((file: string, why: 'stale' | 'damaged') => void) | undefined;
}

/** Reads the network of an extract, from what was kept when the file is the same. */
export function prepareNetwork(path: string, fingerprint: string, options: PrepareOptions): RoadNetwork {
  const { onProgress } = options;
  return kept(`network-${fingerprint}`, options, {
    unpack: unpackNetwork,
    pack: packNetwork,
    make: () => readNetwork(path, (done, total) => onProgress?.('reading', done / total)),
  });
}

/** Makes the graph of a profile, or takes what was kept. */
export function prepareTopology(
  network: RoadNetwork,
  settings: ProfileSettings,
  { fingerprint, ...options }: PrepareOptions & { fingerprint: string },
): { topology: Topology; index: SectionIndex } {
  const profile = createProfile(settings);
  const hourly = hourlyUse(network, profile);
  options.onProgress?.('building', 0);
  const parts = kept(`graph-${fingerprint}-${keyOf(settings)}`, options, {
    unpack: unpackTopology,
    pack: packTopology,
    make: () => {
      const built = buildGraph(network, profile, hourly);
      const rules = turnRules(network, profile, { built, moments: hourly.moments });
      return { graph: built.graph, search: buildSearchGraph(network, profile, { graph: built.graph, rules }) };
    },
  });
  const topology = { network, profile, hourly, drivingSide: settings.drivingSide, ...parts };
  return { topology, index: createSectionIndex(network, topology.graph) };
}

/**
 * Weighs and contracts a graph, or takes the hierarchy that was kept.
 * @param name what tells this hour and profile from others, in the names of files; undefined = not kept
 * @param order order of an earlier contraction, which makes this one several times as fast
 */
export function prepareHierarchy(
  topology: Topology,
  {
    at,
    closed,
    name,
    order,
  }: {
    at?: Moment | undefined;
    closed?: Uint8Array | undefined;
    name?: string | undefined;
    order?: Int32Array | undefined;
  },
  options: PrepareOptions,
): { weighted: Weighted; hierarchy: Hierarchy } {
  const weighted = weigh(topology, at, closed);
  const make = (): Hierarchy =>
    rank(
      contract(weighted.links, {
        order,
        onProgress: (done, total) => options.onProgress?.('contracting', done / total),
      }),
    );
  const hierarchy = name
    ? kept(`hierarchy-${name}`, options, { unpack: unpackHierarchy, pack: packHierarchy, make })
    : make();
  return { weighted, hierarchy };
}

/** Order of a hierarchy's nodes, the least important first. */
export function orderOf({ nodeOf }: Hierarchy): Int32Array {
  return nodeOf.slice().reverse();
}

/** Names settings in a few letters. */
export function keyOf(settings: object): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
}

function kept<T>(
  name: string,
  { cacheDir, onDoubt }: PrepareOptions,
  how: { unpack: (file: Packed) => T; pack: (value: T) => Packed; make: () => T },
): T {
  if (cacheDir === undefined) return how.make();
  const file = join(cacheDir, `${name}.bin`);
  const key = `${VERSION} ${name}`;
  const found = loadArrays(file, key);
  if (typeof found === 'object') return how.unpack(found);
  if (found !== 'absent') onDoubt?.(file, found);
  const made = how.make();
  saveArrays(file, key, how.pack(made));
  return made;
}

type Packed = Parameters<typeof saveArrays>[2];
