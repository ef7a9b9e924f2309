import { WireFault, readWire, type WireReader } from './wire.ts';

/** What is done with the things of a block; what has no handler is not decoded. */
export interface BlockHandlers {
  /** Degrees in 1e-7 steps. `tagged` holds string indices: key, value, key, value …, empty for most nodes. */
  node?(id: number, latE7: number, lonE7: number, tagged: readonly number[]): void;
  way?(id: number, tags: Tags, refs: readonly number[]): void;
  relation?(id: number, tags: Tags, members: readonly Member[]): void;
}

/** Tags as indices into the strings of the block: decoded only where they are wanted. */
export interface Tags {
  get(key: string): string | undefined;
  entries(): Generator<[string, string]>;
}

export interface Member {
  type: 'node' | 'way' | 'relation';
  id: number;
  role: string;
}

const MEMBER_TYPES = ['node', 'way', 'relation'] as const;
const NONE: readonly number[] = [];

/** The strings of a block, decoded on demand. */
export interface Strings {
  at(index: number): string;
}

/** Decodes a PrimitiveBlock: plain and dense nodes, ways and relations. @see osmformat.proto of openstreetmap/OSM-binary */
export function readBlock(data: Uint8Array, handlersFor: (strings: Strings) => BlockHandlers): void {
  const reader = readWire(data);
  const groups: Uint8Array[] = [];
  let table: Uint8Array[] = [];
  const grid = { granularity: 100, lat: 0, lon: 0 };
  while (reader.next()) {
    if (reader.field === 1) table = readTable(reader.bytes());
    else if (reader.field === 2) groups.push(reader.bytes());
    else if (reader.field === 17) grid.granularity = reader.varint();
    else if (reader.field === 19) grid.lat = reader.varint();
    else if (reader.field === 20) grid.lon = reader.varint();
    else reader.skip();
  }
  const strings = createStrings(table);
  const handlers = handlersFor(strings);
  // nanodegrees to 1e-7 degrees
  const latOf = (steps: number): number => Math.round((grid.lat + grid.granularity * steps) / 100);
  const lonOf = (steps: number): number => Math.round((grid.lon + grid.granularity * steps) / 100);
  for (const group of groups) readGroup(group, { handlers, strings, latOf, lonOf });
}

interface Context {
  handlers: BlockHandlers;
  strings: Strings;
  latOf(steps: number): number;
  lonOf(steps: number): number;
}

function readGroup(group: Uint8Array, context: Context): void {
  const { node, way, relation } = context.handlers;
  const reader = readWire(group);
  while (reader.next()) {
    if (reader.field === 1 && node) readNode(reader.bytes(), context);
    else if (reader.field === 2 && node) readDense(reader.bytes(), context);
    else if (reader.field === 3 && way) readWay(reader.bytes(), context);
    else if (reader.field === 4 && relation) readRelation(reader.bytes(), context);
    else reader.skip();
  }
}

function readTable(bytes: Uint8Array): Uint8Array[] {
  const reader = readWire(bytes);
  const table: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === 1) table.push(reader.bytes());
    else reader.skip();
  }
  return table;
}

function createStrings(table: Uint8Array[]): Strings {
  const decoded: (string | undefined)[] = [];
  return {
    at(index) {
      const known = decoded[index];
      if (known !== undefined) return known;
      const bytes = table[index];
      if (!bytes) throw new WireFault('a tag names a string that is not in its block');
      return (decoded[index] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
    },
  };
}

function tagsOf(keys: readonly number[], values: readonly number[], strings: Strings): Tags {
  return {
    get(key) {
      for (let i = 0; i < keys.length; i++) if (strings.at(keys[i]!) === key) return strings.at(values[i]!);
      return undefined;
    },
    *entries() {
      for (let i = 0; i < keys.length; i++) yield [strings.at(keys[i]!), strings.at(values[i]!)];
    },
  };
}

function readNode(bytes: Uint8Array, { handlers, latOf, lonOf }: Context): void {
  const reader = readWire(bytes);
  let [id, lat, lon] = [0, 0, 0];
  let keys = NONE;
  let values = NONE;
  while (reader.next()) {
    if (reader.field === 1) id = reader.signed();
    else if (reader.field === 2) keys = numbers(reader);
    else if (reader.field === 3) values = numbers(reader);
    else if (reader.field === 8) lat = reader.signed();
    else if (reader.field === 9) lon = reader.signed();
    else reader.skip();
  }
  handlers.node!(
    id,
    latOf(lat),
    lonOf(lon),
    keys.flatMap((key, index) => [key, values[index]!]),
  );
}

function readDense(bytes: Uint8Array, { handlers, latOf, lonOf }: Context): void {
  const reader = readWire(bytes);
  let ids = readWire(new Uint8Array());
  let lats = ids;
  let lons = ids;
  let tags = ids;
  while (reader.next()) {
    if (reader.field === 1) ids = readWire(reader.bytes());
    else if (reader.field === 8) lats = readWire(reader.bytes());
    else if (reader.field === 9) lons = readWire(reader.bytes());
    else if (reader.field === 10) tags = readWire(reader.bytes());
    else reader.skip();
  }
  const handle = handlers.node!;
  let [id, lat, lon] = [0, 0, 0];
  while (ids.more()) {
    id += ids.signed();
    lat += lats.signed();
    lon += lons.signed();
    let tagged: number[] | undefined;
    // one list for all nodes: key, value, key, value, 0 for each; absent when no node has a tag
    while (tags.more()) {
      const key = tags.varint();
      if (key === 0) break;
      (tagged ??= []).push(key, tags.varint());
    }
    handle(id, latOf(lat), lonOf(lon), tagged ?? NONE);
  }
  if (Number.isNaN(lat) || Number.isNaN(lon)) throw new WireFault('nodes lack positions');
}

function readWay(bytes: Uint8Array, { handlers, strings }: Context): void {
  const reader = readWire(bytes);
  let id = 0;
  let keys = NONE;
  let values = NONE;
  let refs = NONE;
  while (reader.next()) {
    if (reader.field === 1) id = reader.varint();
    else if (reader.field === 2) keys = numbers(reader);
    else if (reader.field === 3) values = numbers(reader);
    else if (reader.field === 8) refs = deltas(reader);
    else reader.skip();
  }
  handlers.way!(id, tagsOf(keys, values, strings), refs);
}

function readRelation(bytes: Uint8Array, { handlers, strings }: Context): void {
  const reader = readWire(bytes);
  let id = 0;
  let keys = NONE;
  let values = NONE;
  let roles = NONE;
  let ids = NONE;
  let types = NONE;
  while (reader.next()) {
    if (reader.field === 1) id = reader.varint();
    else if (reader.field === 2) keys = numbers(reader);
    else if (reader.field === 3) values = numbers(reader);
    else if (reader.field === 8) roles = numbers(reader);
    else if (reader.field === 9) ids = deltas(reader);
    else if (reader.field === 10) types = numbers(reader);
    else reader.skip();
  }
  const members = ids.map((ref, index): Member => {
    const type = MEMBER_TYPES[types[index] ?? -1];
    if (!type) throw new WireFault('a relation has a member of no kind');
    return { type, id: ref, role: strings.at(roles[index]!) };
  });
  handlers.relation!(id, tagsOf(keys, values, strings), members);
}

function numbers(reader: WireReader): number[] {
  const packed = readWire(reader.bytes());
  const list: number[] = [];
  while (packed.more()) list.push(packed.varint());
  return list;
}

function deltas(reader: WireReader): number[] {
  const packed = readWire(reader.bytes());
  const list: number[] = [];
  let value = 0;
  while (packed.more()) list.push((value += packed.signed()));
  return list;
}
