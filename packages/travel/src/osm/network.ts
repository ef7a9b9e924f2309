/** Tags that say who may go somewhere, and how fast; equal sets are kept once. */
export type TagSet = Readonly<Record<string, string>>;

/** What a turn restriction says; members are indices into the network. */
export interface Restriction {
  from: number[];
  to: number[];
  /** A node, or ways that lead from one to the other in order. */
  via: { node: number } | { ways: number[] };
  tags: TagSet;
}

/**
 * The roads of an extract as they are mapped, for any kind of vehicle: what profiles and closures make graphs from without
 * reading the file again.
 */
export interface RoadNetwork {
  /** WGS 84, 1e-7 degrees, by node index. */
  lat: Int32Array;
  lon: Int32Array;
  /** Tag set of barriers and signals by node, -1 for most. */
  nodeTags: Int32Array;
  /** Way w runs over wayNodes[wayStart[w] … wayStart[w+1]-1]. */
  wayStart: Int32Array;
  wayNodes: Int32Array;
  wayTags: Int32Array;
  /** Index into `names`, -1 without one. */
  wayName: Int32Array;
  tagSets: TagSet[];
  names: string[];
  restrictions: Restriction[];
  /** Facts for people: what the file held and what was not understood. */
  facts: { nodes: number; ways: number; restrictions: number; brokenRestrictions: number };
}

/** Grows by doubling; a plain array of millions of numbers costs three times the memory. */
export interface Int32List {
  push(value: number): void;
  length(): number;
  done(): Int32Array;
}

export function createInt32List(capacity = 1024): Int32List {
  let data = new Int32Array(capacity);
  let length = 0;
  return {
    push(value) {
      if (length === data.length) {
        const larger = new Int32Array(length * 2);
        larger.set(data);
        data = larger;
      }
      data[length++] = value;
    },
    length: () => length,
    done: () => data.slice(0, length),
  };
}

/** Keeps equal sets of tags once. */
export function createTagSets(): { sets: TagSet[]; add(tags: Record<string, string>): number } {
  const sets: TagSet[] = [];
  const known = new Map<string, number>();
  return {
    sets,
    add(tags) {
      const key = JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
      let index = known.get(key);
      if (index === undefined) known.set(key, (index = sets.push(tags) - 1));
      return index;
    },
  };
}
