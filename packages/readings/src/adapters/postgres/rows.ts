import { RondeError, convertUnit, quantityOf, type Quantity, type Reading } from '@ronde/contracts';
import { fromStoredText, toStoredText } from '@ronde/postgres';
import { encodeMarks, flagsOf, qualityOf } from '../sqlite/marks.ts';

/** Where a reading belongs: texts of its series and channel; '' = none. */
export interface PlaceTexts {
  device: string;
  asset: string;
  chamber: string;
  quantity: string;
}
/** A reading on its way to the table. */
export interface NewRow {
  /** deviceId, assetId, chamber and quantity, one a line. */
  place: string;
  atMs: number;
  /** NaN = no value. */
  value: number;
  delayMs: number;
  marks: number;
  type: string;
  uplink: string;
}
/** A reading as queries select it; `bigint` columns cast to float8, which holds every millisecond. */
export interface StoredRow {
  at_ms: number;
  value: number | null;
  delay_ms: number;
  marks: number;
  series: number;
  mounting: number;
  type: number;
  uplink: string;
}
export const ROW_COLUMNS =
  'at_ms::float8 AS at_ms, value, delay_ms::float8 AS delay_ms, marks::float8 AS marks, series, mounting, type, uplink';

/** Gives a reading as a row. @throws RondeError INPUT_INVALID for a time that is none or a unit that cannot be converted */
export function toRow(reading: Reading): NewRow {
  const { deviceId, assetId, chamber, quantity, at, receivedAt, quality, flags, typeVersion, uplinkId } = reading;
  const atMs = parseInstant(at);
  return {
    place: toStoredText([deviceId, assetId ?? '', chamber ?? '', quantity].join('\n')),
    atMs,
    value: catalogueValue(reading),
    delayMs: parseInstant(receivedAt) - atMs,
    marks: encodeMarks(quality, flags),
    type: toStoredText(typeVersion),
    uplink: toStoredText(uplinkId),
  };
}

/** Gives a row as a reading. */
export function toReading(row: StoredRow, { device, asset, chamber, quantity }: PlaceTexts, type: string): Reading {
  const reading: Reading = {
    at: new Date(row.at_ms).toISOString(),
    receivedAt: new Date(row.at_ms + row.delay_ms).toISOString(),
    deviceId: fromStoredText(device),
    assetId: fromStoredText(asset) || null,
    quantity: quantity as Quantity,
    value: row.value,
    unit: quantityOf(quantity as Quantity).unit,
    quality: qualityOf(row.marks),
    flags: flagsOf(row.marks),
    typeVersion: fromStoredText(type),
    uplinkId: fromStoredText(row.uplink),
  };
  if (chamber) reading.chamber = fromStoredText(chamber);
  return reading;
}

export function parseInstant(text: string): number {
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
