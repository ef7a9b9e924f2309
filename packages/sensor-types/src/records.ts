import type { CanonicalValue } from '@ronde/contracts';
import { z } from 'zod';
import { isRecord, knownKeys, renamedKeys } from './known-keys.ts';
import { Measurements } from './measurement.ts';
import { timeOf } from './parts.ts';
import { isPath, pick } from './pick.ts';

const Path = z.string().refine(isPath, 'is no path; write it like history or log.entries');

/** Where readings stand that the device kept while it was offline, each with the time when it was measured. */
const RecordsOne = z.preprocess(
  (given) => renamedKeys(given, { time: 'at', timestamp: 'at', fields: 'columns', mapping: 'measurements' }),
  knownKeys({
    /** Path of the list: of objects, of lists, or a text such as "[90,25.1,2024-05-23 20:04:42],[…]". */
    from: Path,
    /** Path of the time within a record. */
    at: Path,
    /** How the time is written; absent: seconds or milliseconds by their size, or a text. */
    unit: z.enum(['s', 'ms', 'iso']).optional(),
    /** Names of the entries of a record that is a list or a text. */
    columns: z.array(z.string().min(1)).min(1).optional(),
    /** What the values of a record mean; absent: the type's own lines, applied to each record. */
    measurements: Measurements.optional(),
  }),
);
export const Records = z.preprocess((given) => [given].flat(), z.array(RecordsOne));
export type Records = z.infer<typeof Records>;

/** A record as an object, and when it was measured; undefined when it gives no time that can be read. */
export interface KeptRecord {
  data: Record<string, unknown>;
  atMs: number | undefined;
}

/** More than a message of 64 KiB holds of any known device. */
const MAX_RECORDS = 500;

/** Finds the records of one part, newest last as sent; what cannot be read as a record is told in `warnings`. */
export function recordsIn(
  data: Record<string, unknown>,
  { from, at, unit, columns }: Records[number],
  warnings: string[],
): KeptRecord[] {
  const found = pick(data, from);
  if (found === undefined || found === null) return [];
  const rows: unknown[] = typeof found === 'string' ? rowsOf(found) : [found].flat(columns && isTable(found) ? 0 : 1);
  const list = rows.map((row) => toObject(row, columns)).filter((row) => row !== undefined);
  if (list.length < rows.length || (rows.length === 0 && found !== '' && !Array.isArray(found)))
    warnings.push(`${from}: ${Math.max(1, rows.length - list.length)} records cannot be read`);
  if (list.length > MAX_RECORDS) warnings.push(`${from}: ${list.length} records, the last ${MAX_RECORDS} are read`);
  return list.slice(-MAX_RECORDS).map((record) => ({ data: record, atMs: inUnit(pick(record, at), unit) }));
}

/** A list whose entries are values: one record of columns. */
function isTable(found: unknown): boolean {
  return Array.isArray(found) && !found.some((one) => typeof one === 'object');
}

function toObject(row: unknown, columns: string[] | undefined): Record<string, unknown> | undefined {
  if (isRecord(row)) return row;
  if (!Array.isArray(row) || !columns) return undefined;
  const cells: unknown[] = row;
  return Object.fromEntries(columns.slice(0, cells.length).map((name, i) => [name, cells[i]]));
}

/** "[90,25.1,2024-05-23 20:04:42],[…]": how Dragino's own decoders write what was kept. */
function rowsOf(text: string): string[][] {
  return [...text.matchAll(/\[([^[\]]*)\]/g)].map(([, row = '']) => row.split(',').map((cell) => cell.trim()));
}

function inUnit(given: unknown, unit: Records[number]['unit']): number | undefined {
  const number = typeof given === 'string' && /^\d+(\.\d+)?$/.test(given.trim()) ? Number(given) : given;
  if (unit === undefined) return timeOf(number);
  if (unit === 'iso') return typeof given === 'string' ? timeOf(given) : undefined;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) return undefined;
  return Math.round(unit === 's' ? number * 1000 : number);
}

/**
 * Marks the values of a record as kept: they count at their own time. One whose time cannot be read gets one that no
 * clock believes, another for each record, so that ingest keeps them apart and out of the present.
 */
export function asKept(value: CanonicalValue, atMs: number | undefined, index: number): CanonicalValue {
  return { ...value, flags: [...value.flags, 'BACKFILLED'], atMs: value.atMs ?? atMs ?? index + 1 };
}
