import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const DEFLATED = 8;

/**
 * Tells why a zip file must not be unpacked: it is none, or holds more than `maxBytes`, whatever it says of itself.
 * A spreadsheet of some kilobytes can unpack to gigabytes. (APPNOTE.TXT 6.3.10, §4.3)
 */
export function zipFault(bytes: Buffer, maxBytes: number): string | undefined {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || bytes.length < end + 22 || bytes.readUInt32LE(end) !== END_OF_DIRECTORY)
    return 'it is not a whole zip file';
  let at = bytes.readUInt32LE(end + 16);
  let left = maxBytes;
  for (let entry = bytes.readUInt16LE(end + 10); entry > 0; entry -= 1) {
    if (bytes.length < at + 46 || bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) return 'its directory is damaged';
    const size = unpackedSize(bytes, at, left);
    if (size === undefined) return `it unpacks to more than ${Math.round(maxBytes / 2 ** 20)} MB, or is damaged`;
    left -= size;
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return undefined;
}

/** Gives the true size of an entry; undefined when it passes the limit or does not unpack. */
function unpackedSize(bytes: Buffer, at: number, limit: number): number | undefined {
  const packed = bytes.readUInt32LE(at + 20);
  const local = bytes.readUInt32LE(at + 42);
  if (bytes.length < local + 30 || bytes.readUInt32LE(local) !== LOCAL_ENTRY) return undefined;
  if (bytes.readUInt16LE(at + 10) !== DEFLATED) return packed <= limit ? packed : undefined;
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  try {
    return inflateRawSync(bytes.subarray(from, from + packed), { maxOutputLength: Math.max(1, limit) }).length;
  } catch {
    return undefined;
  }
}
