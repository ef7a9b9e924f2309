import { ReadingFlag, convertUnit, quantityOf, unitFromText } from '@ronde/contracts';
import type { CanonicalValue, Quality } from '@ronde/contracts';
import { chooseOf, isScattered } from './distribution.ts';
import { markDoubts } from './doubts.ts';
import { codeOf } from './invalid-codes.ts';
import type { InvalidCode } from './invalid-codes.ts';
import type { Manifest, Measurement } from './manifest.ts';
import { inUnit, parseQuantity } from './parse-quantity.ts';
import type { Parsed, ValueForm } from './parse-quantity.ts';
import { pick } from './pick.ts';
import { applyRules, lower } from './quality-rules.ts';
import { stateOf } from './state-words.ts';

/** What stands around a line: the whole decoded data, and what the sensor can see. */
export interface LineContext {
  data: Record<string, unknown>;
  geometry: Manifest['geometry'];
}

/** Reads what a mapping line found in decoded data as a canonical value, with every reason to doubt it. */
export function readLine(line: Measurement, found: unknown, { data, geometry }: LineContext): CanonicalValue {
  const form = formOf(line, data);
  const raw = Array.isArray(found) ? chooseOf(found, line.statistic, form) : found;
  let value = markDoubts(markGeometry(readOne(line, raw, form), line, geometry), line, raw);
  if (isScattered(line, found, data, form)) value = lower(value, 'suspect', line.spread?.flag ?? 'SCATTERED');
  value = markComputed(applyRules(value, line.quality, data), line);
  return line.chamber === undefined ? value : { ...value, chamber: line.chamber };
}

/** How the value is written; a unit that another field names wins over the manifest's. */
function formOf(line: Measurement, data: Record<string, unknown>): ValueForm {
  const { unit: like, binary = false } = quantityOf(line.quantity);
  const carried = line.parse === 'number-with-unit' || line.parse === 'wrapped';
  const form = { like, binary: binary || line.map !== undefined, parse: line.parse, decimal: line.decimal };
  const written = line.unitFrom === undefined ? undefined : pick(data, line.unitFrom);
  if (typeof written === 'string') {
    // A unit that is named and not known must not be taken for the usual one.
    const named = unitFromText(written, like);
    return { ...form, unit: named?.code, ...(named && { unitFactor: named.factor }) };
  }
  if (line.currentLoop) return { ...form, like: 'mA', unit: 'mA', binary: false };
  return { ...form, unit: line.unit ?? (carried ? undefined : like), unitFactor: line.unitFactor };
}

function readOne(line: Measurement, raw: unknown, form: ValueForm): CanonicalValue {
  const state = line.map ? mapped(line.map, raw) : undefined;
  if (state && 'flag' in state) return nothing(line, state.flag);
  const read = parseQuantity(state ? state.value : wordOf(line, raw), form);
  const inLine = read.ok ? numberIn(line, read, form) : undefined;
  const code = codeOf(line.invalid, raw, inLine);
  if (code) return meantBy(line, code, form);
  if (!read.ok) return nothing(line, read.flag);
  return line.currentLoop ? ofLoop(line, line.currentLoop, read) : judge(line, read, inLine);
}

/** Outside these the loop is broken or shorted. NAMUR NE 43 */
const LOOP_MA = [3.6, 21] as const;

function ofLoop(line: Measurement, [at4, at20]: [number, number], read: Parsed & { ok: true }): CanonicalValue {
  const currentMa = inUnit(read, 'mA');
  if (currentMa === undefined || currentMa < LOOP_MA[0] || currentMa > LOOP_MA[1]) return nothing(line, 'SENSOR_FAULT');
  const value = Number((at4 + ((currentMa - 4) / 16) * (at20 - at4)).toPrecision(9));
  const { unit = quantityOf(line.quantity).unit, unitFactor: factor } = line;
  return judge(line, { ok: true, value, unit, factor }, value);
}

/** Comparisons, spans and ranges of a manifest are in the decoded unit, whatever unit a text carries. */
function numberIn(line: Measurement, read: Parsed & { ok: true }, form: ValueForm): number | undefined {
  if (line.currentLoop) return inUnit(read, 'mA');
  return line.unit === undefined ? read.value : inUnit(read, line.unit, form.unitFactor);
}

/** A state's meaning by the line's table: exactly as written, else in any case, else `*`. */
function mapped(
  map: NonNullable<Measurement['map']>,
  raw: unknown,
): { value: number | boolean } | { flag: ReadingFlag } {
  const text = String(raw);
  const key = Object.hasOwn(map, text)
    ? text
    : (Object.keys(map).find((one) => one.toLowerCase() === text.trim().toLowerCase()) ?? '*');
  const meaning = Object.hasOwn(map, key) ? map[key] : null;
  if (typeof meaning === 'number' || typeof meaning === 'boolean') return { value: meaning };
  const flag = ReadingFlag.safeParse(meaning);
  return { flag: flag.success ? flag.data : 'UNREADABLE' };
}

function wordOf(line: Measurement, raw: unknown): unknown {
  if (typeof raw !== 'string' || !quantityOf(line.quantity).binary) return raw;
  return stateOf(line.quantity, raw) ?? raw;
}

function judge(line: Measurement, read: Parsed & { ok: true }, inLine: number | undefined): CanonicalValue {
  const { unit, min, max, binary } = quantityOf(line.quantity);
  const scaled = (withoutFloat32(read.value) * (line.scale ?? 1) + (line.offset ?? 0)) * read.factor;
  const converted = convertUnit(scaled, read.unit, unit);
  if (converted === undefined) return nothing(line, 'UNREADABLE');
  if (!Number.isFinite(converted)) return nothing(line, 'OUT_OF_RANGE');
  const value = plain(line.invert ? 1 - converted : converted);
  const isState = !binary || value === 0 || value === 1;
  if (value < min || value > max || !isState) return mark(line, value, 'invalid', ['OUT_OF_RANGE']);
  const beyond = line.range && inLine !== undefined && (inLine < line.range[0] || inLine > line.range[1]);
  return beyond ? mark(line, value, 'suspect', ['OUT_OF_RANGE']) : mark(line, value, 'ok', []);
}

/** A code with a bound says "at most" or "at least" this; one without says that there is no value. */
function meantBy(line: Measurement, code: InvalidCode, form: ValueForm): CanonicalValue {
  if (code.as === undefined || form.unit === undefined) return nothing(line, code.flag);
  const bound = judge(line, { ok: true, value: code.as, unit: form.unit, factor: form.unitFactor ?? 1 }, undefined);
  return lower(bound, 'censored', code.flag);
}

/**
 * Nearer than the blind zone an ultrasonic sensor cannot see: the distance is at most this. Farther than its reach
 * it sees something else, unless the line has a range of its own. Nothing ever stands at distance 0: most devices
 * mean "no echo" by it, some "too close".
 */
function markGeometry(value: CanonicalValue, line: Measurement, geometry: Manifest['geometry']): CanonicalValue {
  const { blindZoneM, maxDistanceM } = geometry;
  if (value.quantity !== 'distance' || value.value === null) return value;
  if (blindZoneM !== undefined && value.value < blindZoneM) return lower(value, 'censored', 'BLIND_ZONE');
  if (value.value === 0) return lower(value, 'suspect', 'TOO_CLOSE');
  if (maxDistanceM !== undefined && !line.range && value.value > maxDistanceM)
    return lower(value, 'suspect', 'TOO_FAR');
  return value;
}

/** A fill read from a device is the device's own sum; at its end of the scale it says "at least". */
function markComputed(value: CanonicalValue, line: Measurement): CanonicalValue {
  const { deviceComputed = line.quantity === 'fill' } = line;
  if (!deviceComputed || value.value === null) return value;
  const flagged = lower(value, 'ok', 'DEVICE_COMPUTED');
  return line.quantity === 'fill' && value.value === 1 ? lower(flagged, 'censored', 'SATURATED') : flagged;
}

/** Removes binary noise such as 0.30999999999999994, and the sign of zero. */
function plain(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

/** 27.200000762939453 is 27.2 in the 32 bits in which it was sent: the shortest number with the same bits. */
function withoutFloat32(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  const digits = [6, 7, 8, 9].find((count) => Math.fround(Number(value.toPrecision(count))) === value);
  return digits === undefined ? value : Number(value.toPrecision(digits));
}

function nothing(line: Measurement, flag: ReadingFlag): CanonicalValue {
  return mark(line, null, 'invalid', [flag]);
}

function mark(line: Measurement, value: number | null, quality: Quality, flags: ReadingFlag[]): CanonicalValue {
  return { quantity: line.quantity, value, unit: quantityOf(line.quantity).unit, quality, flags };
}
