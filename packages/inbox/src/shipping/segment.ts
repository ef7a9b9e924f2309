import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EncodedBatch } from '../frame-codec.ts';

/*
 * A segment is what one object of the second place holds: magic, u32 length of the header (little-endian), the header
 * as JSON, the batches' blobs one after the other, and the SHA-256 of everything before it.
 */
const MAGIC = Buffer.from('RONDESG1');
const HASH_BYTES = 32;
const Header = z.object({
  line: z.string(),
  /** [firstSeq, lastSeq, fromMs, toMs, bytes] */
  batches: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])),
});

/** A committed batch with the times that the inbox keeps beside it. */
export interface ShippedBatch extends EncodedBatch {
  fromMs: number;
  toMs: number;
}

/** Encodes batches of one inbox. */
export function encodeSegment(line: string, batches: readonly ShippedBatch[]): Buffer {
  const header: z.infer<typeof Header> = {
    line,
    batches: batches.map((one) => [one.firstSeq, one.lastSeq, one.fromMs, one.toMs, one.blob.length]),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const parts = [MAGIC, length, json, ...batches.map(({ blob }) => blob)];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

/** Decodes a segment; undefined when it is not whole. */
export function decodeSegment(bytes: Uint8Array): { line: string; batches: ShippedBatch[] } | undefined {
  const segment = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = segment.length - HASH_BYTES;
  if (end < MAGIC.length + 4 || !segment.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const sum = createHash('sha256').update(segment.subarray(0, end)).digest();
  if (!sum.equals(segment.subarray(end))) return undefined;
  let at = MAGIC.length + 4;
  const headerEnd = at + segment.readUInt32LE(MAGIC.length);
  const { line, batches } = Header.parse(JSON.parse(segment.toString('utf8', at, headerEnd)));
  at = headerEnd;
  return {
    line,
    batches: batches.map(([firstSeq, lastSeq, fromMs, toMs, length]) => {
      const blob = segment.subarray(at, (at += length));
      return { firstSeq, lastSeq, fromMs, toMs, blob };
    }),
  };
}
