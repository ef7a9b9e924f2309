import { convertUnit, isQuantity, quantityOf } from '@ronde/contracts';
import type { CanonicalValue, Quality, Quantity, ReadingFlag, UcumCode } from '@ronde/contracts';
import type { Manifest, Measurement } from './manifest.ts';
import { isSentinel, parseQuantity } from './parse-quantity.ts';
import { pick } from './pick.ts';
import { applyRules, worse } from './quality-rules.ts';

export interface Normalised {
  values: CanonicalValue[];
  warnings: string[];
}

/**
 * Maps decoded data to catalogue quantities: units converted, sentinels and doubtful values marked.
 * A value that is present is never dropped: what cannot be read becomes `invalid` with value null.
 */
export function normalise(manifest: Manifest, data: Record<string, unknown>): Normalised {
  if (manifest.measurements === 'catalogue') return normaliseRecord(manifest, data);
  const values: CanonicalValue[] = [];
  const warnings: string[] = [];
  for (const [key, line] of Object.entries(manifest.measurements)) {
    const raw = firstOf(data, line.from);
    if (raw === undefined) continue;
    if (raw === null) {
      warnings.push(`${key}: no number, taken as missing`);
      continue;
    }
    const quantity = line.quantity ?? (key as Quantity);
    const value = readLine(quantity, line, raw);
    if (value.quality === 'invalid') warnings.push(invalidText(key, raw));
    values.push(finish(value, line, manifest, data));
  }
  return { values, warnings };
}

/** A value by catalogue name, as a platform or a plain device sends it; without unit: the catalogue's. */
export interface PlainValue {
  quantity: string;
  value: unknown;
  unit?: UcumCode | undefined;
  chamber?: string | undefined;
}

/** Maps values by catalogue name to canonical values: a list with units and chambers, or a plain record. */
export function normaliseRecord(
  manifest: Manifest,
  record: Record<string, unknown> | readonly PlainValue[],
): Normalised {
  const list = isList(record)
    ? record
    : Object.entries(record).map(([quantity, value]): PlainValue => ({ quantity, value }));
  const values: CanonicalValue[] = [];
  const warnings: string[] = [];
  for (const { quantity, value: raw, unit, chamber } of list) {
    if (!isQuantity(quantity)) {
      warnings.push(`${quantity}: not in the catalogue of quantities, left out`);
      continue;
    }
    if (raw === null || raw === undefined) continue;
    const line: Measurement = { ...PLAIN_LINE, unit, chamber };
    const value = readLine(quantity, line, raw);
    if (value.quality === 'invalid') warnings.push(invalidText(quantity, raw));
    values.push(finish(value, line, manifest, {}));
  }
  return { values, warnings };
}

function isList(record: Record<string, unknown> | readonly PlainValue[]): record is readonly PlainValue[] {
  return Array.isArray(record);
}

function invalidText(name: string, raw: unknown): string {
  return `${name}: ${JSON.stringify(raw).slice(0, 60)} is no valid value`;
}

const PLAIN_LINE: Measurement = { from: '', parse: 'number-with-unit', invalid: [], invert: false, quality: [] };

function firstOf(data: Record<string, unknown>, from: string | string[]): unknown {
  for (const path of typeof from === 'string' ? [from] : from) {
    const found = pick(data, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readLine(quantity: Quantity, line: Measurement, raw: unknown): CanonicalValue {
  const { unit } = quantityOf(quantity);
  const read = readNumber(line, raw, line.unit ?? unit);
  if (!read) return mark(quantity, null, 'invalid', ['SENTINEL']);
  const scaled = read.value * (line.scale ?? 1) + (line.offset ?? 0);
  const converted = convertUnit(scaled, read.unit, unit);
  if (converted === undefined || !Number.isFinite(converted)) return mark(quantity, null, 'invalid', ['OUT_OF_RANGE']);
  // without binary noise such as 0.31000000000000005
  const value = line.invert ? Number((1 - converted).toPrecision(12)) : converted;
  if (!isPlausible(quantity, value)) return mark(quantity, value, 'invalid', ['OUT_OF_RANGE']);
  if (line.range && (read.value < line.range[0] || read.value > line.range[1]))
    return mark(quantity, value, 'suspect', ['OUT_OF_RANGE']);
  return mark(quantity, value, 'ok', []);
}

function readNumber(line: Measurement, raw: unknown, unit: UcumCode): { value: number; unit: UcumCode } | undefined {
  const mapped = line.map ? line.map[String(raw)] : raw;
  const read = parseQuantity(mapped, unit, line.parse === 'number-with-unit');
  return read && !isSentinel(raw, read.value, line.invalid) ? read : undefined;
}

function isPlausible(quantity: Quantity, value: number): boolean {
  const { min, max, binary } = quantityOf(quantity);
  return value >= min && value <= max && (!binary || value === 0 || value === 1);
}

function finish(
  value: CanonicalValue,
  line: Measurement,
  manifest: Manifest,
  data: Record<string, unknown>,
): CanonicalValue {
  const placed = line.chamber === undefined ? value : { ...value, chamber: line.chamber };
  return applyRules(markBlindZone(placed, manifest), line.quality, data);
}

/** Nearer than the blind zone an ultrasonic sensor cannot see: the distance is at most this. */
function markBlindZone(value: CanonicalValue, manifest: Manifest): CanonicalValue {
  const { blindZoneM } = manifest.geometry;
  if (value.quantity !== 'distance' || value.value === null || blindZoneM === undefined) return value;
  if (value.value >= blindZoneM) return value;
  return { ...value, quality: worse(value.quality, 'censored'), flags: [...value.flags, 'BLIND_ZONE'] };
}

function mark(quantity: Quantity, value: number | null, quality: Quality, flags: ReadingFlag[]): CanonicalValue {
  return { quantity, value, unit: quantityOf(quantity).unit, quality, flags };
}
