import type { Quantity, Reading } from '@ronde/contracts';
import { RondeError } from '@ronde/contracts/errors';
import { quantityOf } from '@ronde/contracts/quantities';
import { convertUnit } from '@ronde/contracts/units';
import type { CorrectionBatch, ReadingBatch } from '../../port.ts';
import { encodeMarks, flagsOf, qualityOf } from './marks.ts';
import { createPlaceNumbers, type NewPlaces, type PlaceNumbers } from './place-numbers.ts';

/*
 * Readings cross the thread as columns: numbers in typed arrays, each distinct text once. A structured clone of the
 * objects themselves costs several times as much on both sides (see the numbers in the README).
 */

/** deviceId, assetId, chamber and quantity in one text, line by line; an empty line = none (ids are never empty). */
export type PlaceText = string;

interface Columns {
  /** For each reading the number of its place. */
  key: Uint32Array;
  atMs: Float64Array;
  /** Receipt minus measurement. */
  delayMs: Float64Array;
  /** NaN = no value. */
  value: Float64Array;
  marks: Float64Array;
  types: string[];
  type: Uint32Array;
  /** What ids of uplinks begin with, and the number that they end in; −1 = no number. */
  prefixes: string[];
  prefix: Uint32Array;
  uplink: Float64Array;
}

/** Readings as queries give them. */
export interface ReadingColumns extends Columns {
  /** Distinct places. */
  keys: PlaceText[];
}

export interface BatchColumns extends Columns {
  tenant: string;
  /** Places that get their numbers with this batch. */
  newPlaces: NewPlaces;
  uplinkKeys: { key: string; receivedAtMs: number }[];
  cursor?: { name: string; seq: number };
}

/** An uplink's id in two parts. */
export interface UplinkId {
  prefix: string;
  number: number;
}

export interface CorrectionColumns extends Omit<BatchColumns, 'uplinkKeys'> {
  remove: { deviceId: string; chamber: string; quantity: string; atMs: number; uplink: UplinkId }[];
}

/** Makes the number columns of n readings. */
function emptyColumns(n: number) {
  return {
    key: new Uint32Array(n),
    atMs: new Float64Array(n),
    delayMs: new Float64Array(n),
    value: new Float64Array(n),
    marks: new Float64Array(n),
    type: new Uint32Array(n),
    prefix: new Uint32Array(n),
    uplink: new Float64Array(n),
  };
}

/**
 * Lays a batch out in columns.
 * @throws RondeError INPUT_INVALID for a time that is none or a unit that cannot be converted to the catalogue's
 */
export function encodeBatch(
  { tenant, readings, uplinkKeys = [], cursor }: ReadingBatch,
  places: PlaceNumbers = createPlaceNumbers(),
): BatchColumns {
  const types = createDictionary<string>();
  const prefixes = createDictionary<string>(['']);
  const columns = emptyColumns(readings.length);
  const parseInstant = createParseInstant();
  // readings of one uplink come together
  let uplinkId: string | undefined;
  let uplink: UplinkId = { prefix: '', number: 0 };
  readings.forEach((r, i) => {
    if (r.uplinkId !== uplinkId) uplink = splitUplinkId((uplinkId = r.uplinkId));
    const atMs = parseInstant(r.at);
    columns.key[i] = places.of(tenant, r);
    columns.atMs[i] = atMs;
    columns.delayMs[i] = r.receivedAt === r.at ? 0 : parseInstant(r.receivedAt) - atMs;
    columns.value[i] = catalogueValue(r);
    columns.marks[i] = encodeMarks(r.quality, r.flags);
    columns.type[i] = types.add(r.typeVersion);
    columns.prefix[i] = uplink.prefix === '' ? 0 : prefixes.add(uplink.prefix);
    columns.uplink[i] = uplink.number;
  });
  return {
    tenant,
    newPlaces: places.untold(),
    types: types.items,
    prefixes: prefixes.items,
    ...columns,
    uplinkKeys,
    ...(cursor && { cursor }),
  };
}

/**
 * Lays a correction out in columns.
 * @throws RondeError INPUT_INVALID as `encodeBatch`
 */
export function encodeCorrection(
  { tenant, readings, remove, cursor }: CorrectionBatch,
  places?: PlaceNumbers,
): CorrectionColumns {
  const { uplinkKeys: _none, ...columns } = encodeBatch({ tenant, readings, ...(cursor && { cursor }) }, places);
  const parseInstant = createParseInstant();
  return {
    ...columns,
    remove: remove.map(({ deviceId, chamber = '', quantity, at, uplinkId }) => {
      return { deviceId, chamber, quantity, atMs: parseInstant(at), uplink: splitUplinkId(uplinkId) };
    }),
  };
}

/** Gives columns as readings, in their order. */
export function decodeReadings(columns: ReadingColumns): Reading[] {
  const { types, prefixes } = columns;
  const places = columns.keys.map(splitPlace);
  const units = places.map(([, , , quantity]) => quantityOf(quantity).unit);
  const iso = createIsoFormat();
  return Array.from(columns.key, (key, i) => {
    const [deviceId, assetId, chamber, quantity] = places[key]!;
    const value = columns.value[i]!;
    const marks = columns.marks[i]!;
    const atMs = columns.atMs[i]!;
    const delayMs = columns.delayMs[i]!;
    const at = iso(atMs);
    const number = columns.uplink[i]!;
    const prefix = prefixes[columns.prefix[i]!]!;
    const reading: Reading = {
      at,
      receivedAt: delayMs === 0 ? at : iso(atMs + delayMs),
      deviceId,
      assetId: assetId || null,
      quantity,
      value: Number.isNaN(value) ? null : value,
      unit: units[key]!,
      quality: qualityOf(marks),
      flags: flagsOf(marks),
      typeVersion: types[columns.type[i]!]!,
      uplinkId: number < 0 ? prefix : prefix + String(number),
    };
    if (chamber) reading.chamber = chamber;
    return reading;
  });
}

/** Gives a place's four texts. */
export function splitPlace(text: PlaceText): [device: string, asset: string, chamber: string, quantity: Quantity] {
  return text.split('\n') as [string, string, string, Quantity];
}

/** Numbers distinct items in the order they first come. */
export function createDictionary<T>(items: T[] = []): { items: T[]; add(item: T): number } {
  const numbers = new Map(items.map((item, i) => [item, i]));
  return {
    items,
    add(item) {
      const known = numbers.get(item);
      if (known !== undefined) return known;
      numbers.set(item, items.length);
      return items.push(item) - 1;
    },
  };
}

/** Splits an id before the number it ends in; putting both behind each other gives the id again. */
export function splitUplinkId(id: string): UplinkId {
  const whole = Number(id);
  if (Number.isSafeInteger(whole) && whole >= 0 && String(whole) === id) return { prefix: '', number: whole };
  // no leading zero, and few enough digits to be held exactly
  const tail = /(?:0|[1-9]\d{0,14})$/.exec(id)?.[0];
  return tail === undefined
    ? { prefix: id, number: -1 }
    : { prefix: id.slice(0, id.length - tail.length), number: Number(tail) };
}

/** Date.parse that remembers the last text: the readings of an uplink share it. */
function createParseInstant(): (text: string) => number {
  let last = '';
  let lastMs = NaN;
  return (text) => {
    if (text === last) return lastMs;
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw new RondeError('INPUT_INVALID', `"${text}" is no RFC 3339 time`);
    last = text;
    return (lastMs = ms);
  };
}

function catalogueValue({ value, unit, quantity }: Reading): number {
  if (value === null || !Number.isFinite(value)) return NaN;
  const wanted = quantityOf(quantity).unit;
  // no −0: it says nothing, and would keep a column from being packed well
  if (unit === wanted) return value + 0;
  const converted = convertUnit(value, unit, wanted);
  if (converted === undefined)
    throw new RondeError('INPUT_INVALID', `${quantity} is kept in ${wanted}; ${unit} cannot be converted`);
  return converted + 0;
}

export const DAY_MS = 86_400_000;

/**
 * Date#toISOString with the date part kept between neighbours: a year of readings is 70,000 times to print. Written as
 * bytes, because a text put together from parts keeps all of them in memory.
 */
function createIsoFormat(): (ms: number) => string {
  const text = Buffer.from(new Date(0).toISOString(), 'latin1');
  let dayMs = NaN;
  const two = (at: number, n: number): void => {
    text[at] = ZERO + Math.floor(n / 10);
    text[at + 1] = ZERO + (n % 10);
  };
  return (ms) => {
    if (!(ms >= dayMs && ms < dayMs + DAY_MS)) {
      const whole = new Date(ms).toISOString();
      // years before 0 and after 9999 are longer
      if (whole.length !== text.length) return whole;
      text.write(whole, 'latin1');
      dayMs = Math.floor(ms / DAY_MS) * DAY_MS;
    }
    const rest = ms - dayMs;
    const seconds = Math.floor(rest / 1_000);
    two(11, Math.floor(seconds / 3_600));
    two(14, Math.floor(seconds / 60) % 60);
    two(17, seconds % 60);
    two(20, Math.floor((rest % 1_000) / 10));
    text[22] = ZERO + (rest % 10);
    return text.toString('latin1');
  };
}

const ZERO = 48;
