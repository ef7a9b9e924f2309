import { Id, isQuantity } from '@ronde/contracts';
import type { CanonicalValue, UcumCode } from '@ronde/contracts';
import { holds } from './conditions.ts';
import { isRecord } from './known-keys.ts';
import type { Manifest, Measurement } from './manifest.ts';
import { pick } from './pick.ts';
import { partsOf, timeOf } from './parts.ts';
import { readLine } from './read-line.ts';
import { asKept, recordsIn } from './records.ts';

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
  const data = fPort === undefined ? decoded : { ...decoded, $fPort: fPort };
  const lines = manifest.measurements;
  const now =
    lines === 'catalogue'
      ? normaliseRecord(manifest, withoutRecords(manifest, decoded))
      : readLines(manifest, lines, data);
  const kept = keptIn(manifest, data);
  const values = kept.values.length === 0 ? now.values : [...now.values, ...kept.values];
  return { values, warnings: [...now.warnings, ...kept.warnings], ...counterOf(manifest, data) };
}

function readLines(
  { geometry }: Manifest,
  lines: Record<string, Measurement>,
  data: Record<string, unknown>,
): Normalised {
  const values = new Map<string, CanonicalValue>();
  const warnings: string[] = [];
  for (const [key, line] of Object.entries(lines)) {
    const found = firstOf(data, line);
    if (found === undefined || values.has(slotOf(line))) continue;
    for (const { raw, ...place } of partsOf(line, found, data)) {
      const value = { ...readLine(line, raw, { data, geometry }), ...place };
      const slot = slotOf(value);
      if (values.has(slot)) continue;
      if (value.quality === 'invalid') warnings.push(invalidText(key, raw));
      values.set(slot, value);
    }
  }
  return { values: [...values.values()], warnings };
}

/** The values of records that the device kept, each at its own time: the lines of the type, applied to each record. */
function keptIn(manifest: Manifest, data: Record<string, unknown>): Normalised {
  const values = new Map<string, CanonicalValue>();
  const warnings: string[] = [];
  for (const part of manifest.records) {
    const lines = part.measurements ?? manifest.measurements;
    for (const [index, { data: record, atMs }] of recordsIn(data, part, warnings).entries()) {
      const inRecord = { ...record, $fPort: data['$fPort'] };
      const read =
        lines === 'catalogue' ? normaliseRecord(manifest, known(record)) : readLines(manifest, lines, inRecord);
      for (const value of read.values.map((one) => asKept(one, atMs, index)))
        if (!values.has(slotOf(value))) values.set(slotOf(value), value);
      warnings.push(...read.warnings);
    }
  }
  return { values: [...values.values()], warnings };
}

/** Of a record by catalogue names: its time and the like are no values that were left out. */
function known(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => isQuantity(namesIn(name).quantity)));
}

function withoutRecords({ records }: Manifest, decoded: Record<string, unknown>): Record<string, unknown> {
  if (records.length === 0) return decoded;
  return Object.fromEntries(Object.entries(decoded).filter(([name]) => !records.some(({ from }) => from === name)));
}

/** A reading is known by these: two of a message cannot have them all in common. */
function slotOf({
  quantity,
  chamber,
  atMs,
}: {
  quantity: string;
  chamber?: string | undefined;
  atMs?: number;
}): string {
  return `${quantity}/${chamber ?? ''}/${atMs ?? ''}`;
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
  for (const { quantity: name, value: given, unit, ...rest } of list) {
    const { quantity, chamber = rest.chamber } = namesIn(name);
    if (!isQuantity(quantity)) {
      warnings.push(`${name}: not in the catalogue of quantities, left out`);
      continue;
    }
    if (given === null || given === undefined) continue;
    const line: Measurement = { ...PLAIN_LINE, quantity, unit, chamber };
    for (const raw of momentsOf(given)) {
      const value = readLine(line, raw, { data: {}, geometry: manifest.geometry });
      const atMs = isRecord(raw) ? timeOf(raw['time']) : undefined;
      if (value.quality === 'invalid') warnings.push(invalidText(name, raw));
      values.push(atMs === undefined ? value : { ...value, atMs });
    }
  }
  return { values, warnings };
}

/** A list of {value, time} is one quantity at several moments. */
function momentsOf(given: unknown): unknown[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.every(isRecord) ? list : [given];
}

/** `left/fill`, as SenML names it, or `fill/left`, as a mapping does: the fill of the chamber "left". */
function namesIn(name: string): { quantity: string; chamber?: string } {
  const [first = '', second] = name.split('/');
  if (second === undefined || name.split('/').length > 2) return { quantity: name };
  const [quantity, chamber] = isQuantity(second) ? [second, first] : [first, second];
  return Id.safeParse(chamber).success ? { quantity, chamber } : { quantity: name };
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
  let found: unknown;
  for (const path of line.from) {
    const one = pick(data, path);
    if (one !== undefined && one !== null) return one;
    if (one === null) found = null;
  }
  return found;
}
