import { RondeError, convertUnit, quantityOf, type Quantity, type Reading } from '@ronde/contracts';
import type { CorrectionBatch, ReadingBatch } from '../../port.ts';
import { encodeMarks, flagsOf, qualityOf } from './marks.ts';

/*
 * Readings cross the thread as columns: numbers in typed arrays, each distinct text once. A structured clone of the
 * objects themselves costs several times as much on both sides (see the numbers in the README).
 */

/** deviceId, assetId, chamber and quantity in one text, line by line; an empty line = none (ids are never empty). */
export type PlaceText = string;

export interface ReadingColumns {
  /** Distinct places, and for each reading the number of its own. */
  keys: PlaceText[];
  key: Uint32Array;
  atMs: Float64Array;
  receivedAtMs: Float64Array;
  /** NaN = no value. */
  value: Float64Array;
  marks: Uint32Array;
  types: string[];
  type: Uint32Array;
  uplinks: StoredUplink[];
  uplink: Uint32Array;
}
/** A number where the uplink id is plainly one (4 bytes on disk instead of 10 and more), else ":" and the text. */
export type StoredUplink = number | string;

export interface BatchColumns extends ReadingColumns {
  tenant: string;
  uplinkKeys: { key: string; receivedAtMs: number }[];
  cursor?: { name: string; seq: number };
}

export interface CorrectionColumns extends Omit<BatchColumns, 'uplinkKeys'> {
  remove: { deviceId: string; chamber: string; quantity: string; atMs: number; uplink: StoredUplink }[];
}

/** Makes the number columns of n readings. */
export function emptyColumns(n: number) {
  return {
    key: new Uint32Array(n),
    atMs: new Float64Array(n),
    receivedAtMs: new Float64Array(n),
    value: new Float64Array(n),
    marks: new Uint32Array(n),
    type: new Uint32Array(n),
    uplink: new Uint32Array(n),
  };
}

/**
 * Lays a batch out in columns.
 * @throws RondeError INPUT_INVALID for a time that is none or a unit that cannot be converted to the catalogue's
 */
export function encodeBatch({ tenant, readings, uplinkKeys = [], cursor }: ReadingBatch): BatchColumns {
  const n = readings.length;
  const keys = createDictionary<PlaceText>();
  const types = createDictionary<string>();
  const uplinks = createDictionary<string>();
  const columns = emptyColumns(n);
  readings.forEach((r, i) => {
    columns.key[i] = keys.add(`${r.deviceId}\n${r.assetId ?? ''}\n${r.chamber ?? ''}\n${r.quantity}`);
    columns.atMs[i] = parseInstant(r.at);
    columns.receivedAtMs[i] = r.receivedAt === r.at ? columns.atMs[i]! : parseInstant(r.receivedAt);
    columns.value[i] = catalogueValue(r);
    columns.marks[i] = encodeMarks(r.quality, r.flags);
    columns.type[i] = types.add(r.typeVersion);
    columns.uplink[i] = uplinks.add(r.uplinkId);
  });
  const stored = uplinks.items.map(toStoredUplink);
  return {
    tenant,
    keys: keys.items,
    types: types.items,
    uplinks: stored,
    ...columns,
    uplinkKeys,
    ...(cursor && { cursor }),
  };
}

/**
 * Lays a correction out in columns.
 * @throws RondeError INPUT_INVALID as `encodeBatch`
 */
export function encodeCorrection({ tenant, readings, remove, cursor }: CorrectionBatch): CorrectionColumns {
  const { uplinkKeys: _none, ...columns } = encodeBatch({ tenant, readings, ...(cursor && { cursor }) });
  return {
    ...columns,
    remove: remove.map(({ deviceId, chamber = '', quantity, at, uplinkId }) => {
      return { deviceId, chamber, quantity, atMs: parseInstant(at), uplink: toStoredUplink(uplinkId) };
    }),
  };
}

/** Gives columns as readings, in their order. */
export function decodeReadings(columns: ReadingColumns): Reading[] {
  const { types, uplinks } = columns;
  const places = columns.keys.map(splitPlace);
  const iso = createIsoFormat();
  return Array.from(columns.key, (key, i) => {
    const [deviceId, assetId, chamber, quantity] = places[key]!;
    const value = columns.value[i]!;
    const marks = columns.marks[i]!;
    const atMs = columns.atMs[i]!;
    const receivedAtMs = columns.receivedAtMs[i]!;
    const at = iso(atMs);
    const reading: Reading = {
      at,
      receivedAt: receivedAtMs === atMs ? at : iso(receivedAtMs),
      deviceId,
      assetId: assetId || null,
      quantity,
      value: Number.isNaN(value) ? null : value,
      unit: quantityOf(quantity).unit,
      quality: qualityOf(marks),
      flags: flagsOf(marks),
      typeVersion: types[columns.type[i]!]!,
      uplinkId: fromStoredUplink(uplinks[columns.uplink[i]!]!),
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
export function createDictionary<T>(): { items: T[]; add(item: T): number } {
  const numbers = new Map<T, number>();
  const items: T[] = [];
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

function parseInstant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RondeError('INPUT_INVALID', `"${text}" is no RFC 3339 time`);
  return ms;
}

function catalogueValue({ value, unit, quantity }: Reading): number {
  if (value === null || !Number.isFinite(value)) return NaN;
  const wanted = quantityOf(quantity).unit;
  const converted = convertUnit(value, unit, wanted);
  if (converted === undefined)
    throw new RondeError('INPUT_INVALID', `${quantity} is kept in ${wanted}; ${unit} cannot be converted`);
  return converted;
}

function toStoredUplink(id: string): StoredUplink {
  const number = Number(id);
  return Number.isSafeInteger(number) && number >= 0 && String(number) === id ? number : `:${id}`;
}

function fromStoredUplink(stored: StoredUplink): string {
  return typeof stored === 'number' ? String(stored) : stored.slice(1);
}

export const DAY_MS = 86_400_000;

/** Date#toISOString with the date part kept between neighbours: a year of readings is 70,000 times to print. */
function createIsoFormat(): (ms: number) => string {
  let dayMs = NaN;
  let date = '';
  const two = (n: number): string => (n < 10 ? `0${n}` : String(n));
  return (ms) => {
    const inDay = ms - dayMs;
    if (!(inDay >= 0 && inDay < DAY_MS)) {
      dayMs = Math.floor(ms / DAY_MS) * DAY_MS;
      date = new Date(dayMs).toISOString().slice(0, -13);
    }
    const rest = ms - dayMs;
    const millis = rest % 1000;
    const seconds = (rest - millis) / 1000;
    const fraction = millis < 10 ? `00${millis}` : millis < 100 ? `0${millis}` : millis;
    return `${date}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}Z`;
  };
}
