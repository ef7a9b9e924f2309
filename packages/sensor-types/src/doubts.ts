import { quantityOf } from '@ronde/contracts';
import type { CanonicalValue, Quantity } from '@ronde/contracts';
import { isRecord } from './known-keys.ts';
import type { Measurement } from './measurement.ts';
import { lower } from './quality-rules.ts';
import { tellsRest, unitInName } from './unit-in-name.ts';

/** What is measured from nothing to full: here a full register is never a value, and a wrong one costs a round. */
const LEVELS: readonly Quantity[] = ['distance', 'distanceMin', 'distanceMax', 'fill', 'waterLevel', 'mass', 'volume'];

/** Tells whether a quantity runs from nothing to full. */
export function isLevel(quantity: Quantity): boolean {
  return LEVELS.includes(quantity);
}

/** Digits of registers with all bits set, of two bytes and of four, without and with a sign. */
const FULL = ['65535', '32767', '4294967295', '2147483647'];
const FULL_LENGTH = 5;

/**
 * Doubts a value where its manifest cannot be quite right: rules that hold for any device, for what a mapping of few
 * lines leaves unsaid. A line's own `range`, or `invert` written out, is the manifest's word and wins.
 */
export function markDoubts(value: CanonicalValue, line: Measurement, raw: unknown): CanonicalValue {
  if (value.value === null || value.quality === 'invalid') return value;
  if (isFullRegister(line, raw)) return { ...lower(value, 'invalid', 'SENTINEL'), value: null };
  if (looksLikeCode(line, raw)) return lower(value, 'suspect', 'SENTINEL');
  const doubts = doubtsOf(line);
  if ((typeof raw === 'number' && doubts.contradictsName) || doubts.isRestAsFill || isDeadZero(line, raw))
    return lower(value, 'suspect', 'MAPPING_DOUBTFUL');
  return value;
}

/** 65535, and as 6553.5 or 65.535 after the codec's own scaling. */
function isFullRegister(line: Measurement, raw: unknown): boolean {
  const text = textOfLevel(line, raw);
  return text !== undefined && text.length >= FULL_LENGTH && FULL.includes(text.replace('.', '').replace(/^0+/, ''));
}

/**
 * Nines only, a register of 13 bits or more with all of them set, or one of the last codes before a full one: makers
 * take them for "no echo" and the like, but a level can be such a number by chance.
 */
const NINES = /^(?:9{4,}|9{3,}\.9)$/;
const LAST_CODES = [65533, 65534, 32766];
const NARROWEST = 2 ** 13 - 1;

function looksLikeCode(line: Measurement, raw: unknown): boolean {
  const text = textOfLevel(line, raw);
  if (text === undefined || !/^\d+(?:\.\d)?$/.test(text)) return false;
  const register = Number(text.replace('.', ''));
  const isAllOnes = register >= NARROWEST && Number.isInteger(Math.log2(register + 1));
  return NINES.test(text) || isAllOnes || LAST_CODES.includes(register);
}

/** The decoded number of a level as written; undefined where the line says itself what can be measured. */
function textOfLevel({ quantity, range, currentLoop }: Measurement, raw: unknown): string | undefined {
  if (!isLevel(quantity) || range || currentLoop) return undefined;
  const given = isRecord(raw) ? (raw['value'] ?? raw['v']) : raw;
  const number = typeof given === 'string' ? Number.parseFloat(given) : given;
  return typeof number === 'number' ? String(number) : undefined;
}

interface LineDoubts {
  /** "distance_cm" mapped as millimetres, "loop_mA" as metres. */
  contradictsName: boolean;
  isRestAsFill: boolean;
}
/** What a line's own words make doubtful is the same for every value. */
const doubtsOfLine = new WeakMap<Measurement, LineDoubts>();

function doubtsOf(line: Measurement): LineDoubts {
  const known = doubtsOfLine.get(line);
  if (known) return known;
  const found = { contradictsName: contradictsName(line), isRestAsFill: isRestAsFill(line) };
  doubtsOfLine.set(line, found);
  return found;
}

function contradictsName({ from, unit, unitFactor, unitFrom, scale, quantity, currentLoop }: Measurement): boolean {
  if (unitFrom !== undefined || scale !== undefined || currentLoop) return false;
  const own = quantityOf(quantity).unit;
  return from.some((path) => {
    const told = unitInName(path, own);
    return told !== undefined && (told.fits?.code !== (unit ?? own) || told.fits.factor !== unitFactor);
  });
}

function isRestAsFill({ quantity, invert, from, map }: Measurement): boolean {
  return quantity === 'fill' && invert === undefined && map === undefined && from.some(tellsRest);
}

/** A live zero, moved by an offset, reads 0 only when nothing comes from the sensor. */
function isDeadZero({ quantity, scale, offset = 0 }: Measurement, raw: unknown): boolean {
  return isLevel(quantity) && raw === 0 && scale !== undefined && offset < 0;
}
