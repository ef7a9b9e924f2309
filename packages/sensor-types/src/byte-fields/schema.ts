import { Id, QuantityName, ReadingFlag } from '@ronde/contracts';
import { z } from 'zod';
import { isRecord, knownKeys, renamedKeys } from '../known-keys.ts';

const SIZES = { u8: 1, u16: 2, u24: 3, u32: 4, i8: 1, i16: 2, i24: 3, i32: 4, f32: 4, f64: 8, bool: 1 } as const;
const TYPES = [
  'u8',
  'u16',
  'u24',
  'u32',
  'i8',
  'i16',
  'i24',
  'i32',
  'f32',
  'f64',
  'bool',
  'bcd',
  'ascii',
  'hex',
] as const;
export type FieldType = (typeof TYPES)[number];

const Endian = z.enum(['big', 'little']);
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Byte = z.number().int().min(0).max(255);
const Position = z.number().int().min(-256).max(255);

/** A byte of the payload (from the end when negative) that is one of these values, after a mask. */
const ByteCondition = z.preprocess(
  (given) => renamedKeys(given, { at: 'byte', offset: 'byte', is: 'equals' }),
  knownKeys({
    byte: Position,
    mask: Byte.optional(),
    equals: z.preprocess((given) => [given].flat(), z.array(Byte).min(1)),
  }),
);
const ByteConditions = z.preprocess((given) => (isRecord(given) ? [given] : given), z.array(ByteCondition));

/** Codes for no value: a list, or a table {code: REASON}. */
const Sentinel = z.preprocess(
  (given) => (isRecord(given) ? given : Object.fromEntries([given].flat().map((code) => [String(code), 'SENTINEL']))),
  z.record(z.string().regex(/^-?\d+$/, 'is a whole number, as it stands in the bytes'), ReadingFlag),
);

const fieldShape = {
  name: z.string().min(1).max(60),
  /** Where it begins, from the end when negative; absent: behind the field before. */
  at: Position.optional(),
  type: z.enum(TYPES).default('u8'),
  /** Bytes of bcd, ascii and hex; absent: up to the end. */
  length: z.number().int().min(1).max(242).optional(),
  /** First and last bit of the number, 0 = lowest. */
  bits: z
    .preprocess(
      (given) => (typeof given === 'number' ? [given, given] : given),
      z.tuple([z.number().int().min(0).max(31), z.number().int().min(0).max(31)]),
    )
    .optional(),
  endian: Endian.optional(),
  /** Number in the bytes × scale + add. */
  scale: z.number().optional(),
  add: z.number().optional(),
  sentinel: Sentinel.optional(),
  /** What a code means: {0: normal, 1: tilted}. */
  map: z.record(z.string(), Scalar).optional(),
  when: ByteConditions.optional(),
  /** True: may be missing at the end of the payload. */
  optional: z.boolean().default(false),
  /** True: takes room and tells nothing. */
  skip: z.boolean().default(false),
  /** A value that stands for the whole kind of frame; takes no bytes. */
  value: Scalar.optional(),
  /** What an encoder writes where nothing is given. */
  default: z.number().optional(),
  /** The line of the mapping, where the field needs no more than this. */
  quantity: QuantityName.optional(),
  unit: z.string().optional(),
  chamber: Id.optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
};

export const Field = z.preprocess(
  (given) =>
    renamedKeys(given, { offset: 'at', byte: 'at', bit: 'bits', factor: 'scale', invalid: 'sentinel', len: 'length' }),
  knownKeys(fieldShape)
    .refine(({ type, length }) => length === undefined || !(type in SIZES), {
      path: ['length'],
      message: 'is for bcd, ascii and hex; the other types have their own',
    })
    .refine(({ bits, type }) => !bits || (bits[0] <= bits[1] && bits[1] < 8 * sizeOf({ type })), {
      path: ['bits'],
      message: 'are [lowest, highest] within the type',
    }),
);
export type Field = z.infer<typeof Field>;

/** Bytes that a field takes; 0 = up to the end. */
export function sizeOf({ type, length }: { type: FieldType; length?: number | undefined }): number {
  return type in SIZES ? SIZES[type as keyof typeof SIZES] : (length ?? 0);
}

/** One kind of item in a run of [id, value] or [id, length, value]. */
const Item = z.preprocess(toItem, knownKeys({ id: z.number().int().min(0).max(0xffff), fields: z.array(Field) }));

/** `id: "01 75"` is hexadecimal; a single field may stand beside the id. */
function toItem(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { id, fields, ...field } = given;
  const number = typeof id === 'string' ? Number.parseInt(id.replaceAll(/\s|^0x/g, ''), 16) : id;
  return { id: number, fields: fields ?? (Object.keys(field).length > 0 ? [field] : []) };
}

const Tlv = z.preprocess(
  (given) => renamedKeys(given, { id: 'idBytes' }),
  knownKeys({
    idBytes: z.union([z.literal(1), z.literal(2)]).default(1),
    /** True: a byte with the length stands behind each id. */
    lengthByte: z.boolean().default(false),
    items: z.array(Item).min(1),
  }),
);

/** Spans of ports or lengths: 2, [2, 5], "1..223", "8.." */
const Spans = z.preprocess(
  (given) => [given].flat().map(toSpan),
  z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)]), {
    error: 'is a number, a list, or a span such as 1..223',
  }),
);

function toSpan(given: unknown): unknown {
  if (typeof given === 'number') return [given, given];
  const [, from, to] = typeof given === 'string' ? (/^\s*(\d+)\s*\.\.\s*(\d*)\s*$/.exec(given) ?? []) : [];
  return from === undefined ? given : [Number(from), to === '' ? 255 : Number(to)];
}

/** One kind of payload. The first that fits port, length and bytes is read. */
const Frame = z.preprocess(
  (given) => renamedKeys(given, { port: 'ports', fPort: 'ports', fPorts: 'ports' }),
  knownKeys({
    ports: Spans.optional(),
    length: Spans.transform((spans) => spans[0]).optional(),
    when: ByteConditions.optional(),
    endian: Endian.optional(),
    fields: z.array(Field).default([]),
    tlv: Tlv.optional(),
  }),
);
export type Frame = z.infer<typeof Frame>;

/** The byte fields of a type: one list of fields, or several frames; `endian` is big unless said. */
export const Fields = z.preprocess(
  toFrames,
  knownKeys({ endian: Endian.default('big'), frames: z.array(Frame).min(1) }),
);
export type Fields = z.infer<typeof Fields>;

function toFrames(given: unknown): unknown {
  if (Array.isArray(given)) {
    const list: unknown[] = given;
    const isFrames = list.some((one) => isRecord(one) && ('fields' in one || 'tlv' in one));
    return { frames: isFrames ? list : [{ fields: list }] };
  }
  if (!isRecord(given) || 'frames' in given) return given;
  const { endian, ...frame } = given;
  return { ...(endian !== undefined && { endian }), frames: [frame] };
}
