/** What a field holds; `timestamp` is google.protobuf.Timestamp, given as RFC 3339 text like proto3 JSON does. */
export type Scalar =
  'uint32' | 'uint64' | 'int32' | 'bool' | 'string' | 'bytes' | 'base64' | 'float' | 'double' | 'timestamp';
/** A message's fields by number: name, what it holds, and whether it may come many times. Others are passed over. */
export interface MessageSpec {
  readonly [field: number]: readonly [name: string, type: Scalar | MessageSpec, many?: 'many'];
}
export type Message = Record<string, unknown>;

const WIRE = { varint: 0, fixed64: 1, length: 2, fixed32: 5 } as const;
const MAX_VARINT_BYTES = 10;

/** One field as it lies on the wire; the type its message gives it says how to read it. */
export interface Field {
  number: number;
  wire: number;
  /** Varint or fixed value: its two halves, unsigned. */
  low: number;
  high: number;
  /** Content of a field with a length. */
  bytes: Uint8Array;
}

/**
 * Splits a message into its fields (protobuf.dev/programming-guides/encoding).
 * @returns undefined when the bytes are no protobuf message: a length beyond the end, a wire type that does not exist
 */
export function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = varintAt(bytes, at);
    if (!tag || tag.high !== 0 || tag.low < 8) return undefined;
    const field = contentAt(bytes, tag.end, { number: tag.low >>> 3, wire: tag.low & 7 });
    if (!field) return undefined;
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function contentAt(
  bytes: Uint8Array,
  at: number,
  head: { number: number; wire: number },
): (Field & { end: number }) | undefined {
  const empty = new Uint8Array();
  if (head.wire === WIRE.varint || head.wire === WIRE.length) {
    const value = varintAt(bytes, at);
    if (!value) return undefined;
    if (head.wire === WIRE.varint) return { ...head, ...value, bytes: empty };
    const end = value.end + value.low;
    if (value.high !== 0 || end > bytes.length) return undefined;
    return { ...head, low: 0, high: 0, bytes: bytes.subarray(value.end, end), end };
  }
  const length = head.wire === WIRE.fixed32 ? 4 : head.wire === WIRE.fixed64 ? 8 : Infinity;
  if (at + length > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  const high = length === 8 ? view.getUint32(4, true) : 0;
  return { ...head, low: view.getUint32(0, true), high, bytes: empty, end: at + length };
}

function varintAt(bytes: Uint8Array, at: number): { low: number; high: number; end: number } | undefined {
  let [low, high] = [0, 0];
  for (let index = 0; index < MAX_VARINT_BYTES && at + index < bytes.length; index += 1) {
    const byte = bytes[at + index]!;
    const part = byte & 0x7f;
    const shift = 7 * index;
    if (shift < 32) low = (low | (part << shift)) >>> 0;
    // the fifth byte lies across both halves
    if (shift > 24) high = (high | (shift < 32 ? part >>> (32 - shift) : part << (shift - 32))) >>> 0;
    if (byte < 0x80) return { low, high, end: at + index + 1 };
  }
  return undefined;
}

/**
 * Reads a protobuf message by its table of fields, into the names that proto3 JSON gives them. Of a field that may come
 * once the last one counts; a field of another wire type than the table says makes the whole message unreadable.
 * @returns undefined when the bytes are not such a message
 */
export function readMessage(bytes: Uint8Array, spec: MessageSpec): Message | undefined {
  const fields = fieldsOf(bytes);
  if (!fields) return undefined;
  const message: Message = {};
  for (const field of fields) {
    const known = Object.hasOwn(spec, field.number) ? spec[field.number] : undefined;
    if (!known) continue;
    const [name, type, many] = known;
    const value = typeof type === 'object' ? readNested(field, type) : scalarOf(field, type);
    if (value === undefined) return undefined;
    if (many) ((message[name] ??= []) as unknown[]).push(value);
    else message[name] = value;
  }
  return message;
}

function readNested({ wire, bytes }: Field, spec: MessageSpec): Message | undefined {
  return wire === WIRE.length ? readMessage(bytes, spec) : undefined;
}

const READ: Record<Scalar, { wire: number; read: (field: Field) => unknown }> = {
  uint32: { wire: WIRE.varint, read: ({ low }) => low },
  // beyond 2^53 a number is not exact: times and counters never are
  uint64: { wire: WIRE.varint, read: ({ low, high }) => high * 2 ** 32 + low },
  int32: { wire: WIRE.varint, read: ({ low }) => low | 0 },
  bool: { wire: WIRE.varint, read: ({ low, high }) => low !== 0 || high !== 0 },
  string: { wire: WIRE.length, read: ({ bytes }) => textOf(bytes) },
  bytes: { wire: WIRE.length, read: ({ bytes }) => bytes },
  base64: { wire: WIRE.length, read: ({ bytes }) => Buffer.from(bytes).toString('base64') },
  timestamp: { wire: WIRE.length, read: ({ bytes }) => timeOf(bytes) },
  // seven digits are what 32 bits hold: 88.3 and not 88.30000305175781
  float: { wire: WIRE.fixed32, read: ({ low }) => Number(viewOf(low, 0).getFloat32(0).toPrecision(7)) },
  double: { wire: WIRE.fixed64, read: ({ low, high }) => viewOf(high, low).getFloat64(0) },
};

function scalarOf(field: Field, type: Scalar): unknown {
  const { wire, read } = READ[type];
  return field.wire === wire ? read(field) : undefined;
}

function viewOf(first: number, second: number): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, first);
  view.setUint32(4, second);
  return view;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const TIMESTAMP: MessageSpec = { 1: ['seconds', 'uint64'], 2: ['nanos', 'uint32'] };
// the last second a JavaScript date can hold
const MAX_SECONDS = 8.64e12;

function timeOf(bytes: Uint8Array): string | undefined {
  const { seconds = 0, nanos = 0 } = (readMessage(bytes, TIMESTAMP) ?? { seconds: Infinity }) as {
    seconds?: number;
    nanos?: number;
  };
  if (seconds >= MAX_SECONDS) return undefined;
  return new Date(seconds * 1_000 + Math.floor(nanos / 1_000_000)).toISOString();
}
