import { escape } from '@influxdata/influxdb-client';
import { RondeError, convertUnit, quantityOf, type Quality, type Quantity, type Reading } from '@ronde/contracts';

/*
 * One reading is one point. Its tags are the reading's identity (tenant, device, chamber, quantity) and its asset; the
 * time is the measurement time in milliseconds. Writing a point again overwrites it with itself.
 * Valid values are points of `reading`; what is invalid or has no value is a point of `unfit`, so that nobody who
 * draws `reading` draws a fault. Every point of a measurement has all its fields: value (of `reading` only), quality,
 * and about, which holds what nobody groups by.
 */
export const MEASUREMENTS = { valid: 'reading', unfit: 'unfit' } as const;
export type Measurement = (typeof MEASUREMENTS)[keyof typeof MEASUREMENTS];

/** A reading in the catalogue's unit, with its times as numbers. */
export interface Point {
  reading: Reading;
  tenant: string;
  atMs: number;
  receivedAtMs: number;
  value: number | null;
}

/** What Flux gives for one point once its fields stand side by side. */
export interface PointRow {
  _time: string;
  _measurement: string;
  device: string;
  asset?: string;
  chamber?: string;
  quantity: string;
  value?: number;
  quality: string;
  about: string;
}

/**
 * Brings a reading into the form that is stored.
 * @throws RondeError INPUT_INVALID for a time that is none or a unit that cannot be converted to the catalogue's
 */
export function toPoint(tenant: string, reading: Reading): Point {
  const atMs = parseInstant(reading.at);
  const receivedAtMs = reading.receivedAt === reading.at ? atMs : parseInstant(reading.receivedAt);
  return { reading, tenant, atMs, receivedAtMs, value: catalogueValue(reading) };
}

/** Names the series that a reading's identity belongs to, whatever its asset. */
export function seriesKey(tenant: string, r: Pick<Reading, 'deviceId' | 'chamber' | 'quantity'>): string {
  return `${tenant}\n${r.deviceId}\n${r.chamber ?? ''}\n${r.quantity}`;
}

export function measurementOf({ reading, value }: Point): Measurement {
  return value === null || reading.quality === 'invalid' ? MEASUREMENTS.unfit : MEASUREMENTS.valid;
}

/** Writes a point in line protocol, milliseconds. */
export function toLine(point: Point): string {
  const { reading, tenant, atMs, value } = point;
  const measurement = measurementOf(point);
  const tags = [
    reading.assetId === null ? '' : `,asset=${escape.tag(reading.assetId)}`,
    reading.chamber === undefined ? '' : `,chamber=${escape.tag(reading.chamber)}`,
    `,device=${escape.tag(reading.deviceId)},quantity=${reading.quantity},tenant=${escape.tag(tenant)}`,
  ].join('');
  const valueField = measurement === MEASUREMENTS.valid ? `,value=${value}` : '';
  return `${measurement}${tags} about=${escape.quoted(aboutOf(point))},quality="${reading.quality}"${valueField} ${atMs}`;
}

/** Gives a row as the reading that was stored. */
export function fromRow(row: PointRow): Reading {
  const atMs = Date.parse(row._time);
  const [delayMs, flags, typeVersion, unfitValue, ...uplink] = row.about.split('|');
  const quantity = row.quantity as Quantity;
  const unfit = unfitValue === '' ? null : Number(unfitValue);
  return {
    at: new Date(atMs).toISOString(),
    receivedAt: new Date(atMs + Number(delayMs)).toISOString(),
    deviceId: row.device,
    assetId: row.asset || null,
    ...(row.chamber && { chamber: row.chamber }),
    quantity,
    value: row._measurement === MEASUREMENTS.valid ? row.value! : unfit,
    unit: quantityOf(quantity).unit,
    quality: row.quality as Quality,
    flags: flags ? (flags.split(',') as Reading['flags']) : [],
    typeVersion: typeVersion!,
    uplinkId: uplink.join('|'),
  };
}

/** The uplink's id comes last, since it alone may hold anything. */
function aboutOf(point: Point): string {
  const { reading, atMs, receivedAtMs, value } = point;
  const unfit = measurementOf(point) === MEASUREMENTS.unfit && value !== null ? String(value) : '';
  const flags = [...new Set(reading.flags)].join(',');
  return [receivedAtMs - atMs, flags, reading.typeVersion, unfit, reading.uplinkId].join('|');
}

function parseInstant(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RondeError('INPUT_INVALID', `"${text}" is no RFC 3339 time`);
  return ms;
}

function catalogueValue({ value, unit, quantity }: Reading): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  const wanted = quantityOf(quantity).unit;
  const converted = convertUnit(value, unit, wanted);
  if (converted === undefined)
    throw new RondeError('INPUT_INVALID', `${quantity} is kept in ${wanted}; ${unit} cannot be converted`);
  return Number.isFinite(converted) ? converted : null;
}
