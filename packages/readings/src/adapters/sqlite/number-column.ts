import { CODED_LIMIT, signedLength, type ByteReader, type ByteWriter } from './bytes.ts';

/*
 * A column of numbers, without loss, in the shortest of these ways. Sensors send few decimals at steady intervals, so
 * most columns are whole numbers after scaling, and these change little or evenly.
 */
const CONSTANT = 0;
/** Whole numbers over a power of ten, times a common divisor, as they are or by their first or second difference. */
const WHOLE = 1;
/** Few distinct values that are no short decimals (a fill worked out from a distance): a sorted list and places in it. */
const LISTED = 2;
/** Eight bytes a value, first bytes first: neighbours share sign, exponent and leading digits. */
const PLAIN = 3;

const MAX_DECIMALS = 6;
const MAX_ORDER = 2;

interface Whole {
  decimals: number;
  numbers: Float64Array;
}

/** Writes a column; its length is the reader's to know. NaN and −0 come back as they were. */
export function writeNumbers(writer: ByteWriter, values: Float64Array): void {
  if (values.length === 0) return;
  const first = values[0]!;
  if (values.every((value) => Object.is(value, first))) {
    const whole = toWhole(Float64Array.of(first));
    writer.byte(CONSTANT + (whole ? 16 * (whole.decimals + 1) : 0));
    if (whole) writer.signed(whole.numbers[0]!);
    else writer.float(first);
    return;
  }
  const whole = toWhole(values);
  if (whole) {
    writer.byte(WHOLE + 16 * whole.decimals);
    writeWhole(writer, whole.numbers);
    return;
  }
  const distinct = Float64Array.from(new Set(values)).sort();
  // a set holds −0 as 0
  if (distinct.length <= values.length * 0.75 && !values.some((value) => Object.is(value, -0))) {
    writer.byte(LISTED);
    writer.count(distinct.length);
    writePlain(writer, distinct);
    const places = new Map(Array.from(distinct, (value, place) => [value, place]));
    writeWhole(
      writer,
      values.map((value) => places.get(value)!),
    );
    return;
  }
  writer.byte(PLAIN);
  writePlain(writer, values);
}

/** Reads a column of known length. */
export function readNumbers(reader: ByteReader, length: number): Float64Array {
  if (length === 0) return new Float64Array(0);
  const head = reader.byte();
  const high = head >> 4;
  switch (head % 16) {
    case CONSTANT:
      return new Float64Array(length).fill(high === 0 ? reader.float() : reader.signed() / 10 ** (high - 1));
    case WHOLE: {
      const numbers = readWhole(reader, length);
      if (high > 0) for (let i = 0; i < length; i++) numbers[i]! /= 10 ** high;
      return numbers;
    }
    case LISTED: {
      const distinct = readPlain(reader, reader.count());
      const places = readWhole(reader, length);
      for (let i = 0; i < length; i++) places[i] = distinct[places[i]!]!;
      return places;
    }
    case PLAIN:
      return readPlain(reader, length);
    default:
      throw new RangeError(`a block of readings has a column of unknown kind ${head}`);
  }
}

/** Gives the values as whole numbers over the least power of ten that brings each back exactly; undefined when none does. */
function toWhole(values: Float64Array): Whole | undefined {
  const numbers = new Float64Array(values.length);
  let decimals = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Object.is(value, -0) || !Number.isFinite(value)) return undefined;
    let scale = 10 ** decimals;
    let number = Math.round(value * scale);
    while (!Object.is(number / scale, value)) {
      if (decimals === MAX_DECIMALS) return undefined;
      decimals += 1;
      scale *= 10;
      number = Math.round(value * scale);
      // those before need the same scale now
      for (let j = 0; j < i; j++) {
        numbers[j] = Math.round(values[j]! * scale);
        if (numbers[j]! / scale !== values[j]) return undefined;
      }
    }
    if (Math.abs(number) > CODED_LIMIT) return undefined;
    numbers[i] = number + 0;
  }
  return { decimals, numbers };
}

function writeWhole(writer: ByteWriter, numbers: Float64Array): void {
  let divisor = 0;
  for (let i = 1; i < numbers.length && divisor !== 1; i++)
    divisor = commonDivisor(divisor, Math.abs(numbers[i]! - numbers[0]!));
  divisor ||= 1;
  const scaled = numbers.map((number) => (number - numbers[0]!) / divisor);
  let best: Float64Array = scaled;
  let bestOrder = 0;
  let differences: Float64Array = scaled;
  for (let order = 1; order <= MAX_ORDER; order++) {
    differences = differencesOf(differences);
    if (lengthOf(differences) >= lengthOf(best)) continue;
    best = differences;
    bestOrder = order;
  }
  writer.byte(bestOrder);
  writer.count(divisor);
  writer.signed(numbers[0]!);
  best.forEach(writer.signed);
}

function readWhole(reader: ByteReader, length: number): Float64Array {
  const order = reader.byte();
  const divisor = reader.count();
  const first = reader.signed();
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i++) numbers[i] = reader.signed();
  for (let round = 0; round < order; round++) for (let i = 1; i < length; i++) numbers[i]! += numbers[i - 1]!;
  for (let i = 0; i < length; i++) numbers[i] = numbers[i]! * divisor + first;
  return numbers;
}

function differencesOf(numbers: Float64Array): Float64Array {
  return numbers.map((number, i) => (i === 0 ? number : number - numbers[i - 1]!));
}

function lengthOf(numbers: Float64Array): number {
  let length = 0;
  for (const number of numbers) length += signedLength(number);
  return length;
}

function commonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

function writePlain(writer: ByteWriter, values: Float64Array): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const planes = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) planes[(i % 8) * values.length + Math.floor(i / 8)] = bytes[i]!;
  writer.bytes(planes);
}

function readPlain(reader: ByteReader, length: number): Float64Array {
  const planes = reader.bytes(length * 8);
  const bytes = new Uint8Array(planes.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = planes[(i % 8) * length + Math.floor(i / 8)]!;
  return new Float64Array(bytes.buffer);
}
