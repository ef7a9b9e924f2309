import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Arrays by name, and what else belongs to them. */
export interface ArrayFile {
  meta: unknown;
  arrays: Record<string, TypedArray>;
}

type TypedArray = Int32Array | Float64Array | Uint8Array;

const KINDS = { i32: Int32Array, f64: Float64Array, u8: Uint8Array } as const;
const MAGIC = Buffer.from('RONDEARR');
/** Raised when the layout of the file itself changes. */
const LAYOUT = 1;
const HEAD_BYTES = 48;

interface Index {
  /** What the content was made from and by which version: another key means another content. */
  key: string;
  meta: unknown;
  arrays: { name: string; kind: keyof typeof KINDS; offset: number; length: number }[];
}

/**
 * Writes arrays to a file that appears whole or not at all. Layout, little-endian: magic, layout version, bytes of the index
 * (JSON), SHA-256 of all that follows; index; arrays at multiples of 8 bytes.
 */
export function saveArrays(path: string, key: string, { meta, arrays }: ArrayFile): void {
  let offset = 0;
  const entries = Object.entries(arrays).map(([name, array]) => {
    const entry = { name, kind: kindOf(array), offset, length: array.length };
    offset += padded(array.byteLength);
    return entry;
  });
  const json = Buffer.from(JSON.stringify({ key, meta, arrays: entries } satisfies Index));
  const index = Buffer.alloc(padded(json.length), ' ');
  json.copy(index);
  const parts = [index, ...Object.values(arrays).map(bytesOf)];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(LAYOUT, 8);
  head.writeUInt32LE(index.length, 12);
  hash.digest().copy(head, 16);
  writeWhole(path, [head, ...parts]);
}

/**
 * Reads what `saveArrays` wrote under this key.
 * @returns the content, or why there is none: 'absent', 'stale' (another key or layout) or 'damaged'; never anything doubtful
 */
export function loadArrays(path: string, key: string): ArrayFile | 'absent' | 'stale' | 'damaged' {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'damaged';
  }
  if (file.length < HEAD_BYTES || !file.subarray(0, 8).equals(MAGIC)) return 'damaged';
  if (file.readUInt32LE(8) !== LAYOUT) return 'stale';
  const body = file.subarray(HEAD_BYTES);
  if (!createHash('sha256').update(body).digest().equals(file.subarray(16, HEAD_BYTES))) return 'damaged';
  const indexBytes = file.readUInt32LE(12);
  const index = JSON.parse(body.subarray(0, indexBytes).toString('utf8')) as Index;
  if (index.key !== key) return 'stale';
  const arrays = Object.fromEntries(
    index.arrays.map(({ name, kind, offset, length }) => {
      const Kind = KINDS[kind];
      const start = indexBytes + offset;
      // a copy: views need their own alignment, and the file's buffer can go
      const bytes = Uint8Array.prototype.slice.call(body, start, start + length * Kind.BYTES_PER_ELEMENT);
      return [name, new Kind(bytes.buffer, bytes.byteOffset, length)];
    }),
  );
  return { meta: index.meta, arrays };
}

function kindOf(array: TypedArray): keyof typeof KINDS {
  return array instanceof Int32Array ? 'i32' : array instanceof Float64Array ? 'f64' : 'u8';
}

function bytesOf(array: TypedArray): Buffer {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const rest = padded(bytes.length) - bytes.length;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function writeWhole(path: string, parts: Buffer[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}.part`;
  try {
    const file = openSync(part, 'w', 0o600);
    try {
      for (const bytes of parts) for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}
