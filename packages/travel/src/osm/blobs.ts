import { openSync, readSync, closeSync, fstatSync } from 'node:fs';
import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { WireFault, readWire } from './wire.ts';

/** Limits of the format. @see https://wiki.openstreetmap.org/wiki/PBF_Format */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_BLOB_BYTES = 32 * 1024 * 1024;
const KNOWN_FEATURES = new Set(['OsmSchema-V0.6', 'DenseNodes']);

/** A file that cannot be read as an OSM extract: what is wrong, where, and what to do. */
export class OsmFault extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

const FETCH_AGAIN = 'the file is damaged or not whole: fetch the extract again and compare its checksum';

/** Gives the inflated OSMData blocks of a file one after another; memory holds one at a time. */
export function* readBlocks(path: string, onBytes?: (done: number, total: number) => void): Generator<Uint8Array> {
  const file = openFile(path);
  try {
    const total = fstatSync(file).size;
    let at = 0;
    while (at < total) {
      const where = `at byte ${at} of ${path}`;
      const { type, data, end } = readBlob(file, at, { total, where });
      if (at === 0 && type !== 'OSMHeader') throw notPbf(path);
      if (type === 'OSMHeader') checkHeader(data, path);
      else if (type === 'OSMData') yield data;
      at = end;
      onBytes?.(at, total);
    }
    if (total === 0) throw new OsmFault(`${path} is empty`, FETCH_AGAIN);
  } finally {
    closeSync(file);
  }
}

/**
 * Looks at the head of a file only: is it there, and is it an OSM extract that this version reads?
 * @returns the fault, or undefined when all is well
 */
export function probeExtract(path: string): OsmFault | undefined {
  try {
    readBlocks(path).next();
    return undefined;
  } catch (error) {
    if (error instanceof OsmFault) return error;
    throw error;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OsmFault(
      `${path} cannot be opened (${code ?? String(error)})`,
      'put an extract there (https://download.geofabrik.de has one for every region), or correct the path in TRAVEL_URL',
    );
  }
}

function notPbf(path: string): OsmFault {
  return new OsmFault(
    `${path} is not an .osm.pbf file`,
    'convert it first, for example with "osmium cat in.osm -o out.osm.pbf", or fetch the .osm.pbf form',
  );
}

interface Blob {
  type: string;
  data: Uint8Array;
  end: number;
}

function readBlob(file: number, at: number, { total, where }: { total: number; where: string }): Blob {
  const size = readBytes(file, at, 4);
  const headerBytes = size.length === 4 ? size.readUInt32BE(0) : 0;
  if (headerBytes === 0 || headerBytes > MAX_HEADER_BYTES || at + 4 + headerBytes > total) {
    if (at === 0) throw new OsmFault(`the first bytes are not those of an .osm.pbf file (${where})`, FETCH_AGAIN);
    throw new OsmFault(`a block has no readable header ${where}`, FETCH_AGAIN);
  }
  try {
    const { type, dataBytes } = readHeader(readBytes(file, at + 4, headerBytes));
    const start = at + 4 + headerBytes;
    if (dataBytes > MAX_BLOB_BYTES || start + dataBytes > total) throw new WireFault('a block is cut off');
    // indexes and the like that others add are passed over
    const isOurs = type === 'OSMHeader' || type === 'OSMData';
    const data = isOurs ? inflate(readBytes(file, start, dataBytes)) : new Uint8Array();
    return { type, data, end: start + dataBytes };
  } catch (error) {
    if (error instanceof OsmFault) throw error;
    throw new OsmFault(`${(error as Error).message} ${where}`, FETCH_AGAIN);
  }
}

function readBytes(file: number, at: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  const got = readSync(file, buffer, 0, length, at);
  return got === length ? buffer : buffer.subarray(0, got);
}

function readHeader(bytes: Uint8Array): { type: string; dataBytes: number } {
  const reader = readWire(bytes);
  let type = '';
  let dataBytes = 0;
  while (reader.next()) {
    if (reader.field === 1) type = text(reader.bytes());
    else if (reader.field === 3) dataBytes = reader.varint();
    else reader.skip();
  }
  return { type, dataBytes };
}

function inflate(bytes: Uint8Array): Uint8Array {
  const reader = readWire(bytes);
  const limit = { maxOutputLength: MAX_BLOB_BYTES };
  while (reader.next()) {
    if (reader.field === 1) return reader.bytes();
    if (reader.field === 3) return inflateSync(reader.bytes(), limit);
    if (reader.field === 7) return zstdDecompressSync(reader.bytes(), limit);
    if (reader.field === 4 || reader.field === 5 || reader.field === 6)
      throw new OsmFault(
        'a block is packed with lzma, bzip2 or lz4, which is not read here',
        'pack it anew: "osmium cat in.osm.pbf -o out.osm.pbf -f pbf,pbf_compression=zlib"',
      );
    reader.skip();
  }
  throw new WireFault('a block is empty');
}

function checkHeader(data: Uint8Array, path: string): void {
  const reader = readWire(data);
  while (reader.next()) {
    if (reader.field !== 4) {
      reader.skip();
      continue;
    }
    const feature = text(reader.bytes());
    if (!KNOWN_FEATURES.has(feature))
      throw new OsmFault(
        `${path} needs the feature ${feature}, which is not read here`,
        'make a plain extract of the present: "osmium cat in.osm.pbf -o out.osm.pbf", "osmium time-filter" for a history file',
      );
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
