/** Whole numbers beyond this are not coded as differences: the difference of differences must stay exact. */
export const CODED_LIMIT = 2 ** 50;
const FIRST_BYTE_VALUES = 64;
const MORE = 128;

/** Writes numbers and bytes one after another into a buffer that grows. */
export interface ByteWriter {
  byte(value: number): void;
  /** A whole number ≥ 0, in as many groups of seven bits as it takes. */
  count(value: number): void;
  /** A whole number; the sign costs a bit of the first byte, so that nothing is doubled past what a number holds. */
  signed(value: number): void;
  float(value: number): void;
  bytes(value: Uint8Array): void;
  text(value: string): void;
  finish(): Uint8Array;
}

/** Creates a writer; `sizeHint` bytes need no growing. */
export function createByteWriter(sizeHint = 256): ByteWriter {
  let buffer = new Uint8Array(sizeHint);
  let at = 0;
  const room = (size: number): void => {
    if (at + size <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, at + size));
    larger.set(buffer);
    buffer = larger;
  };
  const groups = (rest: number): void => {
    while (rest >= MORE) {
      buffer[at++] = (rest % MORE) + MORE;
      rest = Math.floor(rest / MORE);
    }
    buffer[at++] = rest;
  };
  const writer: ByteWriter = {
    byte(value) {
      room(1);
      buffer[at++] = value;
    },
    count(value) {
      room(9);
      groups(value);
    },
    signed(value) {
      room(9);
      const size = Math.abs(value);
      const sign = value < 0 ? FIRST_BYTE_VALUES : 0;
      if (size < FIRST_BYTE_VALUES) buffer[at++] = size + sign;
      else {
        buffer[at++] = (size % FIRST_BYTE_VALUES) + sign + MORE;
        groups(Math.floor(size / FIRST_BYTE_VALUES));
      }
    },
    float(value) {
      writer.bytes(new Uint8Array(Float64Array.of(value).buffer));
    },
    bytes(value) {
      room(value.length);
      buffer.set(value, at);
      at += value.length;
    },
    text(value) {
      const coded = new TextEncoder().encode(value);
      writer.count(coded.length);
      writer.bytes(coded);
    },
    finish: () => buffer.subarray(0, at),
  };
  return writer;
}

/** Bytes that `signed` needs for a value of this size. */
export function signedLength(value: number): number {
  let rest = Math.floor(Math.abs(value) / FIRST_BYTE_VALUES);
  let length = 1;
  while (rest > 0) {
    length += 1;
    rest = Math.floor(rest / MORE);
  }
  return length;
}

/** Reads what a `ByteWriter` wrote, in the same order. */
export interface ByteReader {
  byte(): number;
  count(): number;
  signed(): number;
  float(): number;
  bytes(length: number): Uint8Array;
  text(): string;
  /** Bytes not read yet. */
  left(): number;
}

export function createByteReader(source: Uint8Array): ByteReader {
  // a Buffer's own slice would not copy
  const buffer = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  const groups = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= MORE) {
      const byte = next();
      value += (byte % MORE) * scale;
      if (byte < MORE) return value;
    }
  };
  const next = (): number => {
    const byte = buffer[at++];
    if (byte === undefined) throw new RangeError('a block of readings ends too early');
    return byte;
  };
  const reader: ByteReader = {
    byte: next,
    count: groups,
    signed() {
      const first = next();
      const low = first % FIRST_BYTE_VALUES;
      const size = first < MORE ? low : low + FIRST_BYTE_VALUES * groups();
      return first & FIRST_BYTE_VALUES ? -size : size;
    },
    float: () => new Float64Array(reader.bytes(8).slice().buffer)[0]!,
    bytes(length) {
      if (at + length > buffer.length) throw new RangeError('a block of readings ends too early');
      at += length;
      return buffer.subarray(at - length, at);
    },
    text: () => new TextDecoder().decode(reader.bytes(reader.count())),
    left: () => buffer.length - at,
  };
  return reader;
}
