import { convertUnit, quantityOf } from '@ronde/contracts';
import type { Quantity } from '@ronde/contracts';
import { quantitiesOf } from '../encode-values.ts';
import type { EncodeValues, EncodedUplink } from '../encode-values.ts';
import type { Manifest, Measurement } from '../manifest.ts';
import { itemSize } from './compile.ts';
import { sizeOf } from './schema.ts';
import type { Field, Fields, Frame } from './schema.ts';

type Wanted = ReadonlyMap<Quantity, number | null>;
/** A field with the whole number or text that goes into its bytes. */
interface Filled {
  field: Field;
  raw: number | string;
}

/**
 * Writes the bytes of a device by its fields: the frame that carries most of the values, in the order of its table.
 * @returns undefined when no frame carries any of them
 */
export function encodeFields(manifest: Manifest, fields: Fields, values: EncodeValues): EncodedUplink | undefined {
  const wanted = quantitiesOf(values);
  const candidates = fields.frames.flatMap(variantsOf).map((frame) => {
    const carried = fieldsIn(frame).flatMap((field) => fill(field, manifest, wanted) ?? []);
    const filled = [...carried, ...demanded(frame, carried, manifest)];
    return { frame, filled, score: scoreOf(frame, carried, manifest) };
  });
  const best = candidates.reduce((a, b) => (b.score > a.score ? b : a));
  if (best.filled.length === 0) return undefined;
  const endian = best.frame.endian ?? fields.endian;
  const bytes = best.frame.tlv
    ? writeItems(best.frame, best.filled, endian)
    : writeFrame(best.frame, best.filled, endian);
  return { fPort: best.frame.ports?.[0]?.[0] ?? manifest.fPorts[0] ?? 1, bytes: Uint8Array.from(bytes) };
}

/** One frame for each value of its discriminating byte, with the fields that stand in the payload then. */
function variantsOf(frame: Frame): Frame[] {
  const [first, ...others] = frame.when ?? [];
  if (!first) return [{ ...frame, fields: frame.fields.filter(({ when }) => !when) }];
  return first.equals.map((value) => {
    const when = [{ ...first, equals: [value] }, ...others];
    const isThere = ({ when: own = [] }: Field) =>
      own.every(({ byte, mask = 255, equals }) =>
        when.some((one) => one.byte === byte && equals.includes((one.equals[0] ?? 0) & mask)),
      );
    return { ...frame, when, fields: frame.fields.filter(isThere) };
  });
}

/** What a line holds for: a distance "only where the unit code is 45" is sent with that code. */
function demanded(frame: Frame, carried: Filled[], manifest: Manifest): Filled[] {
  const conditions = carried.flatMap(({ field }) => lineOf(field, manifest)?.only ?? []);
  return fieldsIn(frame).flatMap((field) => {
    const wanted = [conditions.find(({ when }) => when === field.name)?.equals].flat()[0];
    return typeof wanted === 'number' ? [{ field, raw: toRaw(field, wanted) }] : [];
  });
}

function fieldsIn({ fields, tlv }: Frame): Field[] {
  return [...fields, ...(tlv?.items ?? []).flatMap((item) => item.fields)];
}

/** Values carried, less the measurements that a fixed frame would have to invent. */
function scoreOf(frame: Frame, filled: Filled[], manifest: Manifest): number {
  if (frame.tlv) return filled.length;
  const measured = frame.fields.filter((field) => lineOf(field, manifest) !== undefined).length;
  return filled.length - (measured - filled.length) / 2;
}

function lineOf(field: Field, { measurements }: Manifest): Measurement | undefined {
  if (measurements === 'catalogue' || field.value !== undefined || field.skip) return undefined;
  return Object.values(measurements).find(({ from }) => from.includes(field.name));
}

function fill(field: Field, manifest: Manifest, wanted: Wanted): Filled | undefined {
  const line = lineOf(field, manifest);
  const value = line && wanted.get(line.quantity);
  if (!line || value === undefined) return undefined;
  const raw = value === null ? codeFor(field, line) : rawOf(field, line, value);
  return raw === undefined ? undefined : { field, raw };
}

/** The field's own code for no value; where it has several, the last one stands for "nothing seen" with most vendors. */
function sentinelOf(field: Field): number | undefined {
  const code = Object.keys(field.sentinel ?? {}).at(-1);
  return code === undefined ? undefined : Number(code);
}

/** The number that the device sends when it sees nothing. */
function codeFor(field: Field, line: Measurement): number | undefined {
  const own = sentinelOf(field);
  if (own !== undefined) return own;
  if (field.type === 'f32' || field.type === 'f64') return NaN;
  const codes = line.invalid
    .flatMap(({ code }) => code)
    .map((code) => Number.parseFloat(String(code).replace(/^>=?/, '')));
  const decoded = codes.find((code) => Number.isFinite(code));
  return decoded === undefined ? undefined : toRaw(field, decoded);
}

/** Back through mapping and field: canonical → decoded → number in the bytes. */
function rawOf(field: Field, line: Measurement, value: number): number | string | undefined {
  const state = line.map && Object.entries(line.map).find(([, meaning]) => Number(meaning) === value)?.[0];
  if (line.map) return state === undefined ? undefined : codeOf(field, state);
  const own = quantityOf(line.quantity);
  if (own.binary && field.map) return codeOfState(field, value);
  const inUnit = convertUnit(line.invert ? 1 - value : value, own.unit, line.unit ?? own.unit);
  if (inUnit === undefined) return undefined;
  return toRaw(field, (inUnit / line.unitFactor - (line.offset ?? 0)) / (line.scale ?? 1));
}

function codeOf(field: Field, decoded: string): number | undefined {
  if (!field.map) return toRaw(field, Number(decoded));
  const code = Object.entries(field.map).find(([, meaning]) => String(meaning) === decoded)?.[0];
  return code === undefined ? undefined : Number(code);
}

/** A yes/no state without a table of its own: the field's first code for no, its second for yes. */
function codeOfState(field: Field, value: number): number | undefined {
  const codes = Object.entries(field.map ?? {});
  const exact = codes.find(([, meaning]) => Number(meaning) === value);
  return Number((exact ?? codes[value])?.[0]);
}

function toRaw(field: Field, decoded: number): number {
  const raw = (decoded - (field.add ?? 0)) / (field.scale ?? 1);
  if (field.type === 'f32' || field.type === 'f64') return raw;
  const width = field.bits ? field.bits[1] - field.bits[0] + 1 : sizeOf(field) * 8;
  const isSigned = field.type.startsWith('i');
  const most = 2 ** (isSigned ? width - 1 : width) - 1;
  return Math.min(most, Math.max(isSigned ? -most - 1 : 0, Math.round(raw)));
}

function writeFrame(frame: Frame, filled: Filled[], endian: Endian): number[] {
  const size = Math.max(frame.length?.[0] ?? 0, itemSize(frame.fields.filter(({ at = 0 }) => at >= 0)));
  const bytes = writeFields(frame.fields, filled, { size, endian });
  for (const { byte, mask = 255, equals } of frame.when ?? []) {
    const at = byte < 0 ? bytes.length + byte : byte;
    bytes[at] = ((bytes[at] ?? 0) & ~mask) | (equals[0] ?? 0);
  }
  return bytes;
}

function writeItems(frame: Frame, filled: Filled[], endian: Endian): number[] {
  const { idBytes = 1, lengthByte = false, items = [] } = frame.tlv ?? {};
  const head = frame.fields.length > 0 ? writeFrame({ ...frame, tlv: undefined }, filled, endian) : [];
  const carried = items.filter(({ fields }) => fields.some((field) => filled.some((one) => one.field === field)));
  const body = carried.flatMap(({ id, fields }) => {
    const value = writeFields(fields, filled, { size: itemSize(fields), endian });
    const name = idBytes === 2 ? [id >> 8, id & 255] : [id];
    return [...name, ...(lengthByte ? [value.length] : []), ...value];
  });
  return [...head, ...body];
}

type Endian = 'big' | 'little';

function writeFields(
  fields: readonly Field[],
  filled: Filled[],
  { size, endian }: { size: number; endian: Endian },
): number[] {
  const bytes: number[] = new Array<number>(size).fill(0);
  let next = 0;
  for (const field of fields) {
    if (field.value !== undefined) continue;
    const at = field.at === undefined ? next : field.at < 0 ? size + field.at : field.at;
    next = at + sizeOf(field);
    const raw = filled.find((one) => one.field === field)?.raw ?? field.default ?? sentinelOf(field) ?? 0;
    const own = bytesOf(field, raw);
    const ordered = (field.endian ?? endian) === 'little' ? own.toReversed() : own;
    // Bit fields of one byte are written over each other.
    for (const [i, byte] of ordered.entries()) bytes[at + i] = (bytes[at + i] ?? 0) | byte;
  }
  return bytes;
}

/** Gives the bytes of a field, the highest first. */
function bytesOf(field: Field, raw: number | string): number[] {
  const size = sizeOf(field);
  const view = new DataView(new ArrayBuffer(8));
  if (field.type === 'f32') view.setFloat32(0, Number(raw));
  if (field.type === 'f64') view.setFloat64(0, Number(raw));
  if (field.type === 'f32' || field.type === 'f64') return [...new Uint8Array(view.buffer, 0, size)];
  if (field.type === 'bcd' || field.type === 'hex') return [...Buffer.from(String(raw).padStart(size * 2, '0'), 'hex')];
  if (field.type === 'ascii') return [...Buffer.from(String(raw).padEnd(size, '\0'), 'latin1')];
  const width = field.bits ? field.bits[1] - field.bits[0] + 1 : size * 8;
  const unsigned = (Number(raw) < 0 ? Number(raw) + 2 ** width : Number(raw)) * 2 ** (field.bits?.[0] ?? 0);
  return Array.from({ length: size }, (_, i) => Math.floor(unsigned / 256 ** (size - 1 - i)) % 256);
}
