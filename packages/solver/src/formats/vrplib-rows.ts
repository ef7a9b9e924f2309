import type { Document, Section } from './vrplib-document.ts';
import { numbersOf } from './text-lines.ts';
import type { FaultList } from './text-lines.ts';

/** What the rows of a section look like. */
export interface RowShape {
  /** what a row is about */
  readonly of: 'node' | 'vehicle';
  /** rows there must be: one each for 1…count */
  readonly count: number;
  /** numbers after the first; absent means any */
  readonly width?: number;
  /** numbers below 0 are allowed */
  readonly signed?: boolean;
}

/** Reads a header's number; the fallback, without a fault, when it is absent. */
export function headerNumber(document: Document, key: string, faults: FaultList, fallback?: number): number {
  const line = document.headers.get(key);
  if (!line) {
    if (fallback === undefined) faults.add(0, key, `is missing; add a line "${key} : <number>"`);
    return fallback ?? 0;
  }
  const value = line.text === '' ? NaN : Number(line.text);
  if (Number.isFinite(value) && value >= 0) return value;
  faults.add(line.number, key, `needs a number of 0 or more, has "${line.text.slice(0, 40)}"; correct it`);
  return 0;
}

/** Reads a header's whole number above 0. */
export function headerCount(document: Document, key: string, faults: FaultList): number {
  const before = faults.faults.length;
  const value = headerNumber(document, key, faults);
  if (faults.faults.length > before || (Number.isInteger(value) && value > 0)) return value;
  faults.add(document.headers.get(key)!.number, key, `needs a whole number above 0, has "${value}"; correct it`);
  return 0;
}

function checkRow(values: readonly number[], shape: RowShape, taken: boolean): string | undefined {
  const [key, ...rest] = values;
  if (!Number.isInteger(key)) return `must start with the number of a ${shape.of}, starts with ${key}; correct the row`;
  if (key! < 1 || key! > shape.count)
    return `${shape.of} ${key} is outside 1…${shape.count}; correct the number, or the count in the header`;
  if (taken) return `${shape.of} ${key} comes a second time; keep one of the two rows`;
  if (shape.width !== undefined && rest.length !== shape.width)
    return `needs ${shape.width} number(s) after the ${shape.of}, has ${rest.length}; correct the row`;
  const negative = shape.signed ? undefined : rest.find((value) => value < 0);
  return negative === undefined ? undefined : `${negative} is below 0; give 0 or more`;
}

function checkCount(
  section: Section,
  name: string,
  shape: RowShape,
  found: readonly unknown[],
  faults: FaultList,
): void {
  let absent = 0;
  while (absent < shape.count && found[absent]) absent++;
  if (absent === shape.count) return;
  const rows = section.rows.length;
  const message = `ends after ${rows} of ${shape.count} rows; the first one missing is ${shape.of} ${absent + 1}; add it`;
  faults.add(section.endsAt, name, message);
}

/**
 * Reads the rows of a section, each with the number of its node or vehicle in front; undefined when it is absent.
 * Every fault names its line.
 */
export function readRows(
  document: Document,
  name: string,
  shape: RowShape,
  faults: FaultList,
): readonly (readonly number[])[] | undefined {
  const section = document.sections.get(name);
  if (!section) return undefined;
  const found: number[][] = [];
  const before = faults.faults.length;
  for (const line of section.rows) {
    const values = numbersOf(line, name, faults);
    const wrong = values && checkRow(values, shape, found[values[0]! - 1] !== undefined);
    if (wrong) faults.add(line.number, name, wrong);
    else if (values) found[values[0]! - 1] = values.slice(1);
  }
  if (faults.faults.length === before) checkCount(section, name, shape, found, faults);
  return found;
}

/** Reads all numbers of a section in one row, whatever its lines. */
export function readStream(document: Document, name: string, faults: FaultList): Float64Array {
  const section = document.sections.get(name);
  if (!section) return new Float64Array(0);
  return Float64Array.from(section.rows.flatMap((line) => numbersOf(line, name, faults) ?? []));
}
