import { isQuantity } from '@ronde/contracts';
import type { CanonicalValue, UcumCode } from '@ronde/contracts';
import { holds } from './conditions.ts';
import type { Manifest, Measurement } from './manifest.ts';
import { pick } from './pick.ts';
import { readLine } from './read-line.ts';

export interface Normalised {
  values: CanonicalValue[];
  warnings: string[];
  /** The device's own message counter, where its manifest says where it stands. */
  counter?: number;
}

/**
 * Maps decoded data to catalogue quantities: units converted, sentinels and doubtful values marked.
 * A value that is present is never dropped: what cannot be read becomes `invalid` with value null and the reason.
 * Of several lines for one quantity and chamber the first whose field is there counts.
 * @param fPort for lines that hold for some ports only
 */
export function normalise(manifest: Manifest, decoded: Record<string, unknown>, fPort?: number): Normalised {
  if (manifest.measurements === 'catalogue') return normaliseRecord(manifest, decoded);
  const data = fPort === undefined ? decoded : { ...decoded, $fPort: fPort };
  const values = new Map<string, CanonicalValue>();
  const warnings: string[] = [];
  for (const [key, line] of Object.entries(manifest.measurements)) {
    const slot = `${line.quantity}/${line.chamber ?? ''}`;
    const raw = values.has(slot) ? undefined : firstOf(data, line);
    if (raw === undefined) continue;
    const value = readLine(line, raw, { data, geometry: manifest.geometry });
    if (value.quality === 'invalid') warnings.push(invalidText(key, raw));
    values.set(slot, value);
  }
  return { values: [...values.values()], warnings, ...counterOf(manifest, data) };
}

function counterOf({ counterFrom }: Manifest, data: Record<string, unknown>): { counter?: number } {
  const counter = counterFrom === undefined ? undefined : pick(data, counterFrom);
  return typeof counter === 'number' && Number.isSafeInteger(counter) ? { counter } : {};
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
  manifest: Pick<Manifest, 'geometry'>,
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
    const line: Measurement = { ...PLAIN_LINE, quantity, unit, chamber };
    const value = readLine(line, raw, { data: {}, geometry: manifest.geometry });
    if (value.quality === 'invalid') warnings.push(invalidText(quantity, raw));
    values.push(value);
  }
  return { values, warnings };
}

function isList(record: Record<string, unknown> | readonly PlainValue[]): record is readonly PlainValue[] {
  return Array.isArray(record);
}

function invalidText(name: string, raw: unknown): string {
  return `${name}: ${JSON.stringify(raw).slice(0, 60)} is no valid value`;
}

const PLAIN_LINE: Omit<Measurement, 'quantity'> = {
  from: [],
  only: [],
  unitFactor: 1,
  parse: 'auto',
  invalid: [],
  invert: false,
  quality: [],
  deviceComputed: false,
};

/** The first of a line's fields that is there and not null; null when only nulls are there. */
function firstOf(data: Record<string, unknown>, line: Measurement): unknown {
  if (!line.only.every((condition) => holds(condition, data))) return undefined;
  const found = line.from.map((path) => pick(data, path)).filter((one) => one !== undefined);
  return found.find((one) => one !== null) ?? found[0];
}
