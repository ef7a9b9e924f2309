/** Branded plain numbers: a wrong unit fails to compile, at no cost at run time. */
type Unit<Name extends string> = number & { readonly __unit: Name };
export type Metres = Unit<'m'>;
export type Seconds = Unit<'s'>;
export type Milliseconds = Unit<'ms'>;
export type Kilograms = Unit<'kg'>;
export type Litres = Unit<'L'>;

/** UCUM codes that readings may carry (The Unified Code for Units of Measure, v2.1). */
export const UCUM_CODES = [
  '1',
  '%',
  'm',
  'mm',
  'cm',
  'Cel',
  'V',
  'mV',
  'deg',
  'kg',
  'm3',
  'L',
  'hPa',
  'Pa',
  'lx',
  'ug/m3',
  '[ppm]',
  'dB[SPL]',
  'dB',
  'dB[mW]',
  's',
  'min',
  'h',
  'm/s',
  'mm/h',
  'A',
  'W',
  'kW.h',
] as const;
export type UcumCode = (typeof UCUM_CODES)[number];

/** Multipliers to the base unit of each dimension; only these conversions are known. */
const TO_BASE: Partial<Record<UcumCode, { base: UcumCode; factor: number }>> = {
  m: { base: 'm', factor: 1 },
  cm: { base: 'm', factor: 0.01 },
  mm: { base: 'm', factor: 0.001 },
  V: { base: 'V', factor: 1 },
  mV: { base: 'V', factor: 0.001 },
  '1': { base: '1', factor: 1 },
  '%': { base: '1', factor: 0.01 },
  hPa: { base: 'Pa', factor: 100 },
  Pa: { base: 'Pa', factor: 1 },
  m3: { base: 'm3', factor: 1 },
  L: { base: 'm3', factor: 0.001 },
  s: { base: 's', factor: 1 },
  min: { base: 's', factor: 60 },
  h: { base: 's', factor: 3600 },
};

/**
 * Converts a value between two UCUM codes of one dimension.
 * @returns the converted value, or undefined when the codes do not share a dimension
 */
export function convertUnit(value: number, from: UcumCode, to: UcumCode): number | undefined {
  if (from === to) return value;
  const a = TO_BASE[from];
  const b = TO_BASE[to];
  if (!a || !b || a.base !== b.base) return undefined;
  return roundOff((value * a.factor) / b.factor);
}

/** Removes binary noise such as 1.2340000000000002 that conversion leaves behind. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12));
}
