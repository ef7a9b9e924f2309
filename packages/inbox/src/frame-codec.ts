import { crc32 } from 'node:zlib';
import type { Frame, Source, StoredFrame } from '@ronde/contracts';
import { RondeError } from '@ronde/contracts/errors';

/*
 * A batch is a row of records: u32 body length, u32 CRC-32 of the body, body (all little-endian).
 * Body: u8 version, u8 flags, u16 packet id, f64 receivedAtMs, four strings (u16 byte length + UTF-8:
 * tenant, source, topic, origin id), then the payload to the end.
 */
const VERSION = 1;
/** Stands in the place of a version: this frame was erased, and only its place in the row is kept. */
const ERASED = 0;
const HEADER_BYTES = 8;
const FIXED_BYTES = 12;
const FIRST_CAPACITY_BYTES = 16 * 1024;
const FLAG = { integration: 1, dupKnown: 2, dup: 4, packetId: 8 } as const;

/** Frames of one commit, encoded as they arrive. */
export interface Batch {
  add(frame: Frame): void;
  readonly frames: number;
  readonly bytes: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** The encoded records in an array buffer of their own, so that crossing threads copies nothing else. */
  encoded(): Uint8Array;
}

/** Starts an empty batch. */
export function createBatch(): Batch {
  let buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY_BYTES);
  let used = 0;
  let frames = 0;
  let fromMs = Infinity;
  let toMs = -Infinity;
  let before: Written | undefined;
  const reserve = (bytes: number): void => {
    if (used + bytes <= buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, used + bytes));
    buffer.copy(grown, 0, 0, used);
    buffer = grown;
  };
  return {
    add(frame) {
      // a UTF-16 unit takes at most three bytes of UTF-8
      const texts = frame.tenant.length + frame.source.length + frame.topic.length + frame.origin.id.length;
      reserve(HEADER_BYTES + FIXED_BYTES + 8 + texts * 3 + frame.payload.length);
      const start = used + HEADER_BYTES;
      const textsFrom = start + FIXED_BYTES;
      writeFixed(buffer, start, frame);
      const textsTo =
        before && hasSameTexts(before.frame, frame)
          ? copyTexts(buffer, before, textsFrom)
          : writeTexts(buffer, textsFrom, frame);
      buffer.set(frame.payload, textsTo);
      before = { frame, textsFrom, textsTo };
      const end = textsTo + frame.payload.length;
      const body = buffer.subarray(start, end);
      buffer.writeUInt32LE(body.length, used);
      buffer.writeUInt32LE(crc32(body), used + 4);
      used = end;
      frames += 1;
      fromMs = Math.min(fromMs, frame.receivedAtMs);
      toMs = Math.max(toMs, frame.receivedAtMs);
    },
    get frames() {
      return frames;
    },
    get bytes() {
      return used;
    },
    get fromMs() {
      return fromMs;
    },
    get toMs() {
      return toMs;
    },
    encoded: () => new Uint8Array(buffer.subarray(0, used)),
  };
}

/** A frame as it was written: frames of one connection come together and share all their texts. */
interface Written {
  frame: Frame;
  textsFrom: number;
  textsTo: number;
}

function hasSameTexts(one: Frame, other: Frame): boolean {
  return (
    one.topic === other.topic &&
    one.origin.id === other.origin.id &&
    one.tenant === other.tenant &&
    one.source === other.source
  );
}

function copyTexts(buffer: Buffer, { textsFrom, textsTo }: Written, at: number): number {
  buffer.copyWithin(at, textsFrom, textsTo);
  return at + textsTo - textsFrom;
}

function writeTexts(buffer: Buffer, start: number, frame: Frame): number {
  let at = start;
  for (const text of [frame.tenant, frame.source, frame.topic, frame.origin.id]) {
    const bytes = buffer.write(text, at + 2);
    if (bytes > 0xffff) throw new RondeError('INPUT_INVALID', 'a text of a frame is longer than 65,535 bytes');
    buffer.writeUInt16LE(bytes, at);
    at += 2 + bytes;
  }
  return at;
}

function writeFixed(buffer: Buffer, start: number, frame: Frame): void {
  buffer.writeUInt8(VERSION, start);
  buffer.writeUInt8(flagsOf(frame), start + 1);
  buffer.writeUInt16LE(frame.packetId ?? 0, start + 2);
  buffer.writeDoubleLE(frame.receivedAtMs, start + 4);
}

function flagsOf(frame: Frame): number {
  return (
    (frame.origin.kind === 'integration' ? FLAG.integration : 0) |
    (frame.dup === undefined ? 0 : FLAG.dupKnown) |
    (frame.dup ? FLAG.dup : 0) |
    (frame.packetId === undefined ? 0 : FLAG.packetId)
  );
}

/** A batch as it lies in the store. */
export interface EncodedBatch {
  firstSeq: number;
  lastSeq: number;
  blob: Uint8Array;
}

/** Decodes a batch; frames that do not fit their checksum are left out and counted. */
export function decodeBatch(batch: EncodedBatch): { frames: StoredFrame[]; corruptSeqs: number[] } {
  const blob = Buffer.from(batch.blob.buffer, batch.blob.byteOffset, batch.blob.byteLength);
  const records = countRecords(blob);
  // the numbers lie beside the checksums: where they do not fit the records, no frame may be served under one of them
  if (records !== undefined && records !== batch.lastSeq - batch.firstSeq + 1)
    return { frames: [], corruptSeqs: Array.from({ length: records }, (_, index) => batch.firstSeq + index) };
  const frames: StoredFrame[] = [];
  const corruptSeqs: number[] = [];
  let at = 0;
  for (let seq = batch.firstSeq; seq <= batch.lastSeq; seq++) {
    const bodyBytes = at + HEADER_BYTES <= blob.length ? blob.readUInt32LE(at) : Infinity;
    const start = at + HEADER_BYTES;
    if (start + bodyBytes > blob.length) {
      // the row of records is broken from here: no length can be trusted any more
      for (; seq <= batch.lastSeq; seq++) corruptSeqs.push(seq);
      break;
    }
    const body = blob.subarray(start, start + bodyBytes);
    at = start + bodyBytes;
    if (body[0] === ERASED && body.length === 1) continue;
    const frame = crc32(body) === blob.readUInt32LE(start - 4) ? readBody(body, seq) : undefined;
    if (frame) frames.push(frame);
    else corruptSeqs.push(seq);
  }
  return { frames, corruptSeqs };
}

/** Counts the records of a row; undefined when a length in it is damaged. */
function countRecords(blob: Buffer): number | undefined {
  let records = 0;
  let at = 0;
  for (; at + HEADER_BYTES <= blob.length; records++) at += HEADER_BYTES + blob.readUInt32LE(at);
  return at === blob.length ? records : undefined;
}

function readBody(body: Buffer, seq: number): StoredFrame | undefined {
  if (body.length < FIXED_BYTES + 8 || body[0] !== VERSION) return undefined;
  const flags = body[1]!;
  let at = FIXED_BYTES;
  const text = (): string => {
    const bytes = body.readUInt16LE(at);
    const value = body.toString('utf8', at + 2, at + 2 + bytes);
    at += 2 + bytes;
    return value;
  };
  const tenant = text();
  const source = text() as Source;
  const topic = text();
  const id = text();
  return {
    seq,
    tenant,
    source,
    topic,
    receivedAtMs: body.readDoubleLE(4),
    origin: { kind: flags & FLAG.integration ? 'integration' : 'device', id },
    payload: body.subarray(at),
    ...(flags & FLAG.packetId && { packetId: body.readUInt16LE(2) }),
    ...(flags & FLAG.dupKnown && { dup: (flags & FLAG.dup) !== 0 }),
  };
}

/** Gives the batch without the content of these frames; undefined when it holds none of them, or nothing of them any more. */
export function blankFrames(batch: EncodedBatch, seqs: ReadonlySet<number>): Uint8Array | undefined {
  const blob = Buffer.from(batch.blob.buffer, batch.blob.byteOffset, batch.blob.byteLength);
  const erased = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, ERASED]);
  erased.writeUInt32LE(crc32(erased.subarray(HEADER_BYTES)), 4);
  const parts: Buffer[] = [];
  let changed = false;
  let at = 0;
  for (let seq = batch.firstSeq; seq <= batch.lastSeq && at + HEADER_BYTES <= blob.length; seq++) {
    const end = at + HEADER_BYTES + blob.readUInt32LE(at);
    const record = blob.subarray(at, end);
    const goes = seqs.has(seq) && !record.equals(erased);
    parts.push(goes ? erased : record);
    changed ||= goes;
    at = end;
  }
  return changed ? new Uint8Array(Buffer.concat(parts)) : undefined;
}
