/**
 * Reads the protocol buffers wire format from one message.
 * @see https://protobuf.dev/programming-guides/encoding
 */
export interface WireReader {
  /** Moves to the next field; false at the end. Then `field` and `wire` tell what stands there. */
  next(): boolean;
  field: number;
  wire: number;
  /** Unsigned integer; exact below 2^53. */
  varint(): number;
  /** Zig-zag integer, as sint64 and sint32. */
  signed(): number;
  /** A length-delimited field: a string, bytes, packed numbers or a message. */
  bytes(): Uint8Array;
  skip(): void;
  /** More to read, inside packed numbers. */
  more(): boolean;
}

/** What is wrong with the bytes of a file, as a value that a reader throws to its caller inside this package. */
export class WireFault extends Error {}

/** Reads one message from the start of its bytes. */
export function readWire(data: Uint8Array): WireReader {
  const { length } = data;
  let at = 0;

  const varint = (): number => {
    let byte = data[at++]!;
    if (byte < 0x80) return byte;
    let low = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = data[at++]!;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    // beyond 28 bits shifts would lose what is above the sign
    let value = low;
    for (let scale = 2 ** 28; scale < 2 ** 70; scale *= 128) {
      byte = data[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new WireFault('a number has no end');
  };

  const reader: WireReader = {
    field: 0,
    wire: 0,
    next() {
      if (at >= length) {
        if (at > length) throw new WireFault('a message is cut off');
        return false;
      }
      const tag = varint();
      reader.field = Math.floor(tag / 8);
      reader.wire = tag % 8;
      return true;
    },
    varint,
    signed() {
      const value = varint();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
    bytes() {
      const size = varint();
      if (reader.wire !== 2 || at + size > length) throw new WireFault('a field is longer than its message');
      at += size;
      return data.subarray(at - size, at);
    },
    skip() {
      const { wire } = reader;
      if (wire === 0) varint();
      else if (wire === 1) at += 8;
      else if (wire === 2) reader.bytes();
      else if (wire === 5) at += 4;
      else throw new WireFault(`a field has the unknown wire type ${wire}`);
    },
    more: () => at < length,
  };
  return reader;
}
