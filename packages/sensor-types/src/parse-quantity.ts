import type { UcumCode } from '@ronde/contracts';

/** How vendors write units in their texts. */
const UNIT_TEXTS: Record<string, UcumCode> = {
  mm: 'mm',
  cm: 'cm',
  m: 'm',
  '%': '%',
  '℃': 'Cel',
  '°C': 'Cel',
  C: 'Cel',
  Cel: 'Cel',
  V: 'V',
  mV: 'mV',
  '°': 'deg',
  deg: 'deg',
  kg: 'kg',
  hPa: 'hPa',
  Pa: 'Pa',
  lx: 'lx',
  lux: 'lx',
  ppm: '[ppm]',
  L: 'L',
  l: 'L',
  m3: 'm3',
  'm³': 'm3',
  s: 's',
  min: 'min',
  h: 'h',
  dB: 'dB[SPL]',
};
const NUMBER_WITH_UNIT = /^\s*([+-]?\d{1,15}(?:[.,]\d{1,12})?(?:[eE][+-]?\d{1,2})?)\s*(\S{0,8})\s*$/;
const COMPARISON = /^(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)$/;

/** Reads a decoded value as a number; a unit written behind it wins over the expected one. */
export function parseQuantity(
  raw: unknown,
  unit: UcumCode,
  withUnit: boolean,
): { value: number; unit: UcumCode } | undefined {
  if (typeof raw === 'boolean') return { value: raw ? 1 : 0, unit };
  if (typeof raw === 'number') return Number.isFinite(raw) ? { value: raw, unit } : undefined;
  if (typeof raw !== 'string') return undefined;
  const match = NUMBER_WITH_UNIT.exec(raw);
  if (!match?.[1]) return undefined;
  const written = match[2] ? UNIT_TEXTS[match[2]] : unit;
  if (written === undefined || (match[2] && !withUnit)) return undefined;
  return { value: Number(match[1].replace(',', '.')), unit: written };
}

/** Tells whether a decoded value is one of the codes that mean "no value". */
export function isSentinel(raw: unknown, value: number, invalid: readonly (string | number | boolean)[]): boolean {
  return invalid.some((code) => {
    if (code === raw || (typeof code === 'number' && code === value)) return true;
    const comparison = typeof code === 'string' ? COMPARISON.exec(code) : null;
    return comparison !== null && compare(value, comparison[1] ?? '', Number(comparison[2]));
  });
}

function compare(value: number, operator: string, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  return value >= limit;
}
