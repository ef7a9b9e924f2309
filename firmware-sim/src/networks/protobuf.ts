const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
const MORE = 0x80;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Writes the fields of a Protocol Buffers message; those that proto3 leaves out (zero, empty) are left out. */
export interface ProtoWriter {
  uint(field: number, value: number): ProtoWriter;
  /** Negative numbers take ten bytes, as int32 and int64 do. */
  int(field: number, value: number): ProtoWriter;
  bool(field: number, value: boolean): ProtoWriter;
  float(field: number, value: number): ProtoWriter;
  double(field: number, value: number): ProtoWriter;
  text(field: number, value: string): ProtoWriter;
  bytes(field: number, value: Uint8Array): ProtoWriter;
  /** A message within; written even when it is empty. */
  message(field: number, write: (inner: ProtoWriter) => void): ProtoWriter;
  /** These write a zero too: proto2 tells a field that is there from one that is not. */
  present(field: number, value: number): ProtoWriter;
  presentDouble(field: number, value: number): ProtoWriter;
  finish(): Uint8Array;
}

/** Begins a message. */
export function protoWriter(): ProtoWriter {
  const out: number[] = [];
  const varint = (value: number): void => {
    // above 2^31 bit operators would turn negative
    while (value >= MORE) {
      out.push((value % MORE) | MORE);
      value = Math.floor(value / MORE);
    }
    out.push(value);
  };
  const tag = (field: number, wire: number): void => varint(field * 8 + wire);
  const push = (bytes: Uint8Array): void => {
    for (const byte of bytes) out.push(byte);
  };
  const framed = (field: number, bytes: Uint8Array): void => {
    tag(field, WIRE.bytes);
    varint(bytes.length);
    push(bytes);
  };
  const writer: ProtoWriter = {
    present(field, value) {
      tag(field, WIRE.varint);
      varint(value);
      return writer;
    },
    uint: (field, value) => (value === 0 ? writer : writer.present(field, value)),
    int(field, value) {
      if (value >= 0) return writer.uint(field, value);
      tag(field, WIRE.varint);
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 128n; rest >>= 7n) out.push(Number(rest & 127n) | MORE);
      out.push(Number(rest));
      return writer;
    },
    bool: (field, value) => writer.uint(field, value ? 1 : 0),
    float(field, value) {
      if (value === 0) return writer;
      tag(field, WIRE.fixed32);
      push(new Uint8Array(Float32Array.of(value).buffer, 0, FLOAT_BYTES));
      return writer;
    },
    double: (field, value) => (value === 0 ? writer : writer.presentDouble(field, value)),
    presentDouble(field, value) {
      tag(field, WIRE.fixed64);
      push(new Uint8Array(Float64Array.of(value).buffer, 0, DOUBLE_BYTES));
      return writer;
    },
    text(field, value) {
      if (value !== '') framed(field, Buffer.from(value));
      return writer;
    },
    bytes(field, value) {
      if (value.length > 0) framed(field, value);
      return writer;
    },
    message(field, write) {
      const inner = protoWriter();
      write(inner);
      framed(field, inner.finish());
      return writer;
    },
    finish: () => Uint8Array.from(out),
  };
  return writer;
}
