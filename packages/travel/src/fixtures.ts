import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

/** A small map for tests, written as a real .osm.pbf file. */
export interface MapFixture {
  nodes: { id: number; lat: number; lon: number; tags?: Record<string, string> }[];
  ways: { id: number; refs: number[]; tags: Record<string, string> }[];
  relations?: {
    id: number;
    tags: Record<string, string>;
    members: { type: 'node' | 'way'; id: number; role: string }[];
  }[];
}

export interface EncodeOptions {
  /** Nodes one by one instead of as DenseNodes. */
  plainNodes?: boolean;
  /** Blobs as they are instead of zlib. */
  raw?: boolean;
  /** Things in each block; small numbers make many blocks. */
  perBlock?: number;
  features?: string[];
}

/** Writes a map to a file. */
export function writeMap(path: string, map: MapFixture, options: EncodeOptions = {}): void {
  writeFileSync(path, encodeMap(map, options));
}

/** Encodes a map as .osm.pbf bytes. @see https://wiki.openstreetmap.org/wiki/PBF_Format */
export function encodeMap(map: MapFixture, options: EncodeOptions = {}): Buffer {
  const { perBlock = 8000, features = ['OsmSchema-V0.6', 'DenseNodes'] } = options;
  const header = Buffer.concat(features.map((name) => field(4, Buffer.from(name))));
  const blocks = [
    ...chunks(map.nodes, perBlock).map((nodes) => block((strings) => nodeGroup(nodes, strings, options))),
    ...chunks(map.ways, perBlock).map((ways) => block((strings) => wayGroup(ways, strings))),
    ...chunks(map.relations ?? [], perBlock).map((relations) => block((strings) => relationGroup(relations, strings))),
  ];
  return Buffer.concat([blob('OSMHeader', header, options), ...blocks.map((data) => blob('OSMData', data, options))]);
}

type Strings = (text: string) => number;

function block(group: (strings: Strings) => Buffer): Buffer {
  const table = [''];
  const content = group((text) => {
    const known = table.indexOf(text);
    return known > 0 ? known : table.push(text) - 1;
  });
  const strings = Buffer.concat(table.map((text) => field(1, Buffer.from(text))));
  return Buffer.concat([field(1, strings), field(2, content)]);
}

function nodeGroup(nodes: MapFixture['nodes'], strings: Strings, { plainNodes }: EncodeOptions): Buffer {
  const steps = (degrees: number): number => Math.round(degrees * 1e7);
  const tagsOf = (tags: Record<string, string> = {}): number[][] =>
    Object.entries(tags).map(([key, value]) => [strings(key), strings(value)]);
  if (plainNodes)
    return Buffer.concat(
      nodes.map(({ id, lat, lon, tags }) => {
        const pairs = tagsOf(tags);
        return field(
          1,
          Buffer.concat([
            Buffer.concat([varint(1 * 8), zigzag(id)]),
            field(2, Buffer.concat(pairs.map(([key]) => varint(key!)))),
            field(3, Buffer.concat(pairs.map(([, value]) => varint(value!)))),
            Buffer.concat([varint(8 * 8), zigzag(steps(lat)), varint(9 * 8), zigzag(steps(lon))]),
          ]),
        );
      }),
    );
  const tags = nodes.flatMap((node) => [...tagsOf(node.tags).flat(), 0]);
  return field(
    2,
    Buffer.concat([
      field(1, deltas(nodes.map(({ id }) => id))),
      field(8, deltas(nodes.map(({ lat }) => steps(lat)))),
      field(9, deltas(nodes.map(({ lon }) => steps(lon)))),
      ...(nodes.some((node) => node.tags) ? [field(10, Buffer.concat(tags.map(varint)))] : []),
    ]),
  );
}

function wayGroup(ways: MapFixture['ways'], strings: Strings): Buffer {
  return Buffer.concat(
    ways.map(({ id, refs, tags }) =>
      field(3, Buffer.concat([varint(1 * 8), varint(id), ...tagFields(tags, strings), field(8, deltas(refs))])),
    ),
  );
}

function relationGroup(relations: NonNullable<MapFixture['relations']>, strings: Strings): Buffer {
  return Buffer.concat(
    relations.map(({ id, tags, members }) =>
      field(
        4,
        Buffer.concat([
          varint(1 * 8),
          varint(id),
          ...tagFields(tags, strings),
          field(8, Buffer.concat(members.map(({ role }) => varint(strings(role))))),
          field(9, deltas(members.map((member) => member.id))),
          field(10, Buffer.concat(members.map(({ type }) => varint(type === 'node' ? 0 : 1)))),
        ]),
      ),
    ),
  );
}

function tagFields(tags: Record<string, string>, strings: Strings): Buffer[] {
  const pairs = Object.entries(tags).map(([key, value]) => [strings(key), strings(value)]);
  return [
    field(2, Buffer.concat(pairs.map(([key]) => varint(key!)))),
    field(3, Buffer.concat(pairs.map(([, value]) => varint(value!)))),
  ];
}

function blob(type: string, data: Buffer, { raw }: EncodeOptions): Buffer {
  const content = raw
    ? field(1, data)
    : Buffer.concat([varint(2 * 8), varint(data.length), field(3, deflateSync(data))]);
  const header = Buffer.concat([field(1, Buffer.from(type)), varint(3 * 8), varint(content.length)]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(header.length);
  return Buffer.concat([size, header, content]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function deltas(values: number[]): Buffer {
  return Buffer.concat(values.map((value, i) => zigzag(value - (values[i - 1] ?? 0))));
}

function zigzag(value: number): Buffer {
  return varint(value < 0 ? -2 * value - 1 : 2 * value);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low + 128 : low);
  } while (value > 0);
  return Buffer.from(bytes);
}

function chunks<T>(items: T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < items.length; i += size) parts.push(items.slice(i, i + size));
  return parts;
}
