import { OsmFault, readBlocks } from './blobs.ts';
import { readBlock, type Member, type Tags } from './block.ts';
import { createInt32List, createTagSets, type Restriction, type RoadNetwork } from './network.ts';
import { nodeTags, restrictionTags, roadTags } from './relevant-tags.ts';
import { WireFault } from './wire.ts';

/** A relation as it stands in the file, before its members are found. */
interface RawRestriction {
  tags: Record<string, string>;
  members: readonly Member[];
}

interface RawWays {
  ids: number[];
  start: Int32Array;
  /** Node ids as in the file, way after way. */
  refs: Float64Array;
  tags: Int32Array;
  names: Int32Array;
}

/**
 * Reads the roads of an `.osm.pbf` extract: first ways and relations, then only the nodes that those use, so that memory
 * grows with the roads and not with the file.
 * @throws OsmFault when the file is missing, damaged or of another kind
 */
export function readNetwork(path: string, onProgress: (done: number, total: number) => void = () => {}): RoadNetwork {
  const tagSets = createTagSets();
  const names = createTagNames();
  const raw: RawRestriction[] = [];
  const ways = readWays(path, { tagSets, names, raw, onProgress });
  if (ways.ids.length === 0)
    throw new OsmFault(`${path} has no roads`, 'take an extract that covers your city and keeps highway=* ways');
  const nodeIds = uniqueSorted(ways.refs);
  const nodes = readNodes(path, nodeIds, { tagSets, onProgress });
  const wayNodes = new Int32Array(ways.refs.length);
  for (let i = 0; i < wayNodes.length; i++) wayNodes[i] = indexOf(nodeIds, ways.refs[i]!);
  const { wayStart, kept } = dropMissing(ways.start, wayNodes, nodes.isThere);
  const network = {
    lat: nodes.lat,
    lon: nodes.lon,
    nodeTags: nodes.tags,
    wayStart,
    wayNodes: kept,
    wayTags: ways.tags,
    wayName: ways.names,
    tagSets: tagSets.sets,
    names: names.list,
  };
  const restrictions = resolveRestrictions(raw, ways.ids, nodeIds);
  const facts = {
    nodes: nodeIds.length,
    ways: ways.ids.length,
    restrictions: restrictions.length,
    brokenRestrictions: raw.length - restrictions.length,
  };
  return { ...network, restrictions, facts };
}

type Shared = { tagSets: ReturnType<typeof createTagSets>; onProgress: (done: number, total: number) => void };

function readWays(
  path: string,
  { tagSets, names, raw, onProgress }: Shared & { names: ReturnType<typeof createTagNames>; raw: RawRestriction[] },
): RawWays {
  const ids: number[] = [];
  const start = createInt32List();
  const tags = createInt32List();
  const wayNames = createInt32List();
  let refs = new Float64Array(4096);
  let count = 0;
  const way = (id: number, wayTags: Tags, wayRefs: readonly number[]): void => {
    const picked = roadTags(wayTags);
    if (!picked || wayRefs.length < 2) return;
    if (count + wayRefs.length > refs.length) {
      const larger = new Float64Array(Math.max(refs.length * 2, count + wayRefs.length));
      larger.set(refs);
      refs = larger;
    }
    ids.push(id);
    start.push(count);
    for (const ref of wayRefs) refs[count++] = ref;
    tags.push(tagSets.add(picked));
    wayNames.push(names.add(wayTags.get('name') ?? wayTags.get('ref')));
  };
  const relation = (_: number, relationTags: Tags, members: readonly Member[]): void => {
    const picked = restrictionTags(relationTags);
    if (picked) raw.push({ tags: picked, members });
  };
  eachBlock(path, { way, relation }, (done, total) => onProgress(done, total * 2));
  start.push(count);
  return { ids, start: start.done(), refs: refs.subarray(0, count), tags: tags.done(), names: wayNames.done() };
}

interface RawNodes {
  lat: Int32Array;
  lon: Int32Array;
  tags: Int32Array;
  isThere: Uint8Array;
}

function readNodes(path: string, ids: Float64Array, { tagSets, onProgress }: Shared): RawNodes {
  const nodes: RawNodes = {
    lat: new Int32Array(ids.length),
    lon: new Int32Array(ids.length),
    tags: new Int32Array(ids.length).fill(-1),
    isThere: new Uint8Array(ids.length),
  };
  // files are sorted by id nearly always: the next node wanted is most often the one after the last
  let next = 0;
  for (const block of readBlocks(path, (done, total) => onProgress(total + done, total * 2)))
    inBlock(path, () =>
      readBlock(block, (strings) => ({
        node(id, lat, lon, tagged) {
          if (ids[next] !== id) {
            next = lowerBound(ids, id);
            if (ids[next] !== id) return;
          }
          nodes.lat[next] = lat;
          nodes.lon[next] = lon;
          nodes.isThere[next] = 1;
          if (tagged.length > 0) {
            const picked = nodeTags(tagsFrom(tagged, strings));
            if (picked) nodes.tags[next] = tagSets.add(picked);
          }
          next++;
        },
      })),
    );
  return nodes;
}

function tagsFrom(tagged: readonly number[], strings: { at(index: number): string }): Tags {
  const all = Array.from({ length: tagged.length / 2 }, (_, i): [string, string] => [
    strings.at(tagged[2 * i]!),
    strings.at(tagged[2 * i + 1]!),
  ]);
  return {
    get: (key) => all.find(([name]) => name === key)?.[1],
    *entries() {
      yield* all;
    },
  };
}

function eachBlock(
  path: string,
  handlers: Parameters<typeof readBlock>[1] extends (strings: never) => infer H ? H : never,
  onBytes: (done: number, total: number) => void,
): void {
  for (const block of readBlocks(path, onBytes)) inBlock(path, () => readBlock(block, () => handlers));
}

function inBlock(path: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    throw new OsmFault(`${path}: ${error.message}`, 'the file is damaged: fetch the extract again');
  }
}

/** Extracts cut ways at their border: nodes that are not in the file are left out of them. */
function dropMissing(
  start: Int32Array,
  wayNodes: Int32Array,
  isThere: Uint8Array,
): { wayStart: Int32Array; kept: Int32Array } {
  const wayStart = new Int32Array(start.length);
  const kept = createInt32List(wayNodes.length + 1);
  for (let way = 0; way + 1 < start.length; way++) {
    wayStart[way] = kept.length();
    for (let i = start[way]!; i < start[way + 1]!; i++) if (isThere[wayNodes[i]!]) kept.push(wayNodes[i]!);
  }
  wayStart[start.length - 1] = kept.length();
  return { wayStart, kept: kept.done() };
}

/** Finds the members; a restriction of which parts lie outside the extract is left out and counted. */
function resolveRestrictions(raw: RawRestriction[], wayIds: number[], nodeIds: Float64Array): Restriction[] {
  const wayOf = new Map(wayIds.map((id, index) => [id, index]));
  return raw.flatMap(({ tags, members }): Restriction[] => {
    const ways = (role: string): number[] =>
      members.flatMap((member) => {
        const index = member.type === 'way' && member.role === role ? wayOf.get(member.id) : undefined;
        return index === undefined ? [] : [index];
      });
    const [from, to] = [ways('from'), ways('to')];
    const viaMembers = members.filter(({ role }) => role === 'via');
    if (from.length === 0 || to.length === 0 || viaMembers.length === 0) return [];
    const [first] = viaMembers;
    if (first!.type === 'node' && viaMembers.length === 1) {
      const node = indexOf(nodeIds, first!.id);
      return node < 0 ? [] : [{ from, to, via: { node }, tags }];
    }
    const viaWays = ways('via');
    return viaWays.length === viaMembers.length ? [{ from, to, via: { ways: viaWays }, tags }] : [];
  });
}

function createTagNames(): { list: string[]; add(name: string | undefined): number } {
  const list: string[] = [];
  const known = new Map<string, number>();
  return {
    list,
    add(name) {
      if (name === undefined) return -1;
      let index = known.get(name);
      if (index === undefined) known.set(name, (index = list.push(name) - 1));
      return index;
    },
  };
}

function uniqueSorted(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i]!;
  return sorted.slice(0, count);
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indexOf(sorted: Float64Array, value: number): number {
  const at = lowerBound(sorted, value);
  return sorted[at] === value ? at : -1;
}
