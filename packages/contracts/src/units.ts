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
  'W.h',
  'mA',
  'Hz',
  'g',
  't',
  'm3/h',
  'km/h',
  'W/m2',
  'kPa',
  'bar',
  'uS/cm',
  'mS/cm',
  'mg/L',
  'mg/m3',
  '[ppb]',
  '[pH]',
  '{NTU}',
  '[degF]',
  'K',
  'dm',
  'mL',
  'd',
] as const;
export type UcumCode = (typeof UCUM_CODES)[number];

/** Multipliers to the base unit of each dimension, and where its zero lies; only these conversions are known. */
const TO_BASE: Partial<Record<UcumCode, { base: UcumCode; factor: number; zero?: number }>> = {
  m: { base: 'm', factor: 1 },
  cm: { base: 'm', factor: 0.01 },
  mm: { base: 'm', factor: 0.001 },
  dm: { base: 'm', factor: 0.1 },
  V: { base: 'V', factor: 1 },
  mV: { base: 'V', factor: 0.001 },
  '1': { base: '1', factor: 1 },
  '%': { base: '1', factor: 0.01 },
  hPa: { base: 'Pa', factor: 100 },
  kPa: { base: 'Pa', factor: 1000 },
  bar: { base: 'Pa', factor: 100_000 },
  Pa: { base: 'Pa', factor: 1 },
  m3: { base: 'm3', factor: 1 },
  L: { base: 'm3', factor: 0.001 },
  mL: { base: 'm3', factor: 0.000_001 },
  s: { base: 's', factor: 1 },
  min: { base: 's', factor: 60 },
  h: { base: 's', factor: 3600 },
  d: { base: 's', factor: 86_400 },
  kg: { base: 'kg', factor: 1 },
  g: { base: 'kg', factor: 0.001 },
  t: { base: 'kg', factor: 1000 },
  A: { base: 'A', factor: 1 },
  mA: { base: 'A', factor: 0.001 },
  'kW.h': { base: 'kW.h', factor: 1 },
  'W.h': { base: 'kW.h', factor: 0.001 },
  'm/s': { base: 'm/s', factor: 1 },
  'km/h': { base: 'm/s', factor: 1 / 3.6 },
  'uS/cm': { base: 'uS/cm', factor: 1 },
  'mS/cm': { base: 'uS/cm', factor: 1000 },
  'ug/m3': { base: 'ug/m3', factor: 1 },
  'mg/m3': { base: 'ug/m3', factor: 1000 },
  '[ppm]': { base: '[ppm]', factor: 1 },
  '[ppb]': { base: '[ppm]', factor: 0.001 },
  Cel: { base: 'Cel', factor: 1 },
  '[degF]': { base: 'Cel', factor: 5 / 9, zero: 32 },
  K: { base: 'Cel', factor: 1, zero: 273.15 },
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
  return roundOff(((value - (a.zero ?? 0)) * a.factor) / b.factor + (b.zero ?? 0));
}

/** Removes binary noise such as 1.2340000000000002 that conversion leaves behind. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12));
}
