import { ReadingFlag, convertUnit, unitFromText } from '@ronde/contracts';
import type { UcumCode } from '@ronde/contracts';
import { isRecord } from './known-keys.ts';

/** How a decoded value is written, and in which unit when it does not say so itself. */
export interface ValueForm {
  /** Unit of a bare number; undefined: a bare number cannot be read. */
  unit: UcumCode | undefined;
  unitFactor?: number;
  /** The quantity's own unit; a unit that does not fit it makes the value unreadable. */
  like: UcumCode;
  /** Whether true and false are values: of states only. */
  binary?: boolean;
  parse?: 'auto' | 'number' | 'number-with-unit' | 'wrapped';
  decimal?: 'comma' | 'point' | undefined;
}

/** A number of `unit` (`factor` of them each), or why there is none. */
export type Parsed = { ok: true; value: number; unit: UcumCode; factor: number } | { ok: false; flag: ReadingFlag };

const UNREADABLE: Parsed = { ok: false, flag: 'UNREADABLE' };
const NUMBER = /^([+-]?(?:\d{1,15}(?:[.,]\d{1,15})?|[.,]\d{1,15})(?:[eE][+-]?\d{1,2})?)(?:\s*([^\s\d].{0,23}))?$/;
/** Texts that tell why there is no value; the first that fits counts. */
const REASONS: [RegExp, ReadingFlag][] = [
  [/no (target|echo|object|signal|reflection|return)/i, 'NO_TARGET'],
  [/too (close|near|short)|blind|underrange|under range|^</i, 'TOO_CLOSE'],
  [/too (far|long)|overrange|over range|out of range|^>/i, 'TOO_FAR'],
  [/no (sensor|probe)|fault|fail|error|disconnect|not (connected|found)|disabled|exception|broken/i, 'SENSOR_FAULT'],
];

/** "2.4(low battery)": a remark about the battery says nothing against the number before it. */
const BATTERY_REMARK = /\s*\((?:low|weak) batt?(?:ery)?\)$/i;

/** Reads a decoded value as a number: plain, as text with a unit, or wrapped as {value, unit}. */
export function parseQuantity(raw: unknown, form: ValueForm): Parsed {
  const { parse = 'auto' } = form;
  if (typeof raw === 'boolean') return form.binary === true ? bare(Number(raw), form) : UNREADABLE;
  if (typeof raw === 'number') return Number.isFinite(raw) ? bare(raw, form) : UNREADABLE;
  if (typeof raw === 'string') return readText(raw.trim().replace(BATTERY_REMARK, ''), form);
  if (!isRecord(raw) || parse === 'number' || parse === 'number-with-unit') return UNREADABLE;
  return readWrapped(raw, form);
}

function bare(value: number, { unit, unitFactor = 1 }: ValueForm): Parsed {
  return unit === undefined ? UNREADABLE : { ok: true, value, unit, factor: unitFactor };
}

/** A text that is no number says why, where it is one of the usual sentences. */
export function reasonOf(text: string): ReadingFlag {
  const named = ReadingFlag.safeParse(text);
  if (named.success) return named.data;
  const words = text.replaceAll(/[_-]+/g, ' ').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
  return REASONS.find(([pattern]) => pattern.test(words))?.[1] ?? 'UNREADABLE';
}

function readText(text: string, form: ValueForm): Parsed {
  const [, number, written] = NUMBER.exec(withPoint(text, form.decimal)) ?? [];
  if (number === undefined) return { ok: false, flag: reasonOf(text) };
  if (written !== undefined && form.parse === 'number') return UNREADABLE;
  const value = readNumber(number);
  if (value === undefined) return UNREADABLE;
  if (written === undefined) return bare(value, form);
  const unit = unitFromText(written, form.like);
  return unit ? { ok: true, value, unit: unit.code, factor: unit.factor } : { ok: false, flag: reasonOf(written) };
}

/**
 * "1,5" is one and a half; "1,234" may be a thousand and more, and "1.234" in texts of the same vendor too: a comma
 * before exactly three digits is only read when the manifest says what it is.
 */
function readNumber(text: string): number | undefined {
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text) ? undefined : Number(text.replace(',', '.'));
}

/** Takes the other sign out, which parts thousands, so that a point is the decimal sign. */
function withPoint(text: string, decimal: 'comma' | 'point' | undefined): string {
  if (decimal === 'comma') return text.replaceAll(/(?<=\d)\.(?=\d)/g, '').replace(',', '.');
  return decimal === 'point' ? text.replaceAll(/(?<=\d),(?=\d)/g, '') : text;
}

function readWrapped(raw: Record<string, unknown>, form: ValueForm): Parsed {
  const value = raw['value'] ?? raw['v'];
  const written = raw['unit'] ?? raw['units'] ?? raw['u'];
  if (value === undefined || value === null || typeof value === 'object') return UNREADABLE;
  if (typeof written !== 'string' || written.trim() === '') return parseQuantity(value, form);
  const unit = unitFromText(written, form.like);
  return unit ? parseQuantity(value, { ...form, unit: unit.code, unitFactor: unit.factor }) : UNREADABLE;
}

/** Gives a parsed value in another unit of its dimension; undefined when it has none there. */
export function inUnit(read: Parsed & { ok: true }, unit: UcumCode, factor = 1): number | undefined {
  if (read.unit === unit && read.factor === factor) return read.value;
  const converted = convertUnit(read.value * read.factor, read.unit, unit);
  return converted === undefined ? undefined : Number((converted / factor).toPrecision(12));
}
