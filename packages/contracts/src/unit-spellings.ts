import { UCUM_CODES, convertUnit } from './units.ts';
import type { UcumCode } from './units.ts';

/** A unit as somebody wrote it: its code, and how many of that code one of it is ("inch" = 25.4 mm). */
export interface WrittenUnit {
  code: UcumCode;
  factor: number;
}

/** Spellings in lower case; where one can mean two units, the quantity at hand decides (° of heat or of angle). */
const SPELLINGS: Record<string, UcumCode | readonly UcumCode[]> = {
  percent: '%',
  pct: '%',
  procent: '%',
  'percent rh': '%',
  '%rh': '%',
  '% rh': '%',
  rh: '%',
  '%el': '%',
  fraction: '1',
  ratio: '1',
  count: '1',
  counts: '1',
  pcs: '1',
  none: '1',
  '/': '1',
  metre: 'm',
  meter: 'm',
  mtr: 'm',
  decimetre: 'dm',
  decimeter: 'dm',
  centimetre: 'cm',
  centimeter: 'cm',
  millimetre: 'mm',
  millimeter: 'mm',
  '°c': 'Cel',
  'º c': 'Cel',
  ºc: 'Cel',
  '° c': 'Cel',
  c: 'Cel',
  degc: 'Cel',
  'deg c': 'Cel',
  deg_c: 'Cel',
  celsius: 'Cel',
  centigrade: 'Cel',
  'degree celsius': 'Cel',
  'degrees celsius': 'Cel',
  'graden celsius': 'Cel',
  '°f': '[degF]',
  f: '[degF]',
  degf: '[degF]',
  fahrenheit: '[degF]',
  kelvin: 'K',
  '°': ['deg', 'Cel'],
  º: ['deg', 'Cel'],
  deg: ['deg', 'Cel'],
  degree: ['deg', 'Cel'],
  graden: ['deg', 'Cel'],
  volt: 'V',
  millivolt: 'mV',
  amp: 'A',
  ampere: 'A',
  milliampere: 'mA',
  watt: 'W',
  kwh: 'kW.h',
  wh: 'W.h',
  hertz: 'Hz',
  gram: 'g',
  kilogram: 'kg',
  kilo: 'kg',
  tonne: 't',
  ton: 't',
  liter: 'L',
  litre: 'L',
  ltr: 'L',
  l: 'L',
  ml: 'mL',
  'cubic metre': 'm3',
  'cubic meter': 'm3',
  cbm: 'm3',
  pascal: 'Pa',
  mbar: 'hPa',
  millibar: 'hPa',
  lux: 'lx',
  'ug/m3': 'ug/m3',
  'mg/m3': 'mg/m3',
  'mg/l': 'mg/L',
  ppm: '[ppm]',
  ppb: '[ppb]',
  ph: '[pH]',
  ntu: '{NTU}',
  db: ['dB', 'dB[SPL]'],
  dba: 'dB[SPL]',
  'db(a)': 'dB[SPL]',
  dbspl: 'dB[SPL]',
  'db spl': 'dB[SPL]',
  dbm: 'dB[mW]',
  sec: 's',
  second: 's',
  minute: 'min',
  hour: 'h',
  hr: 'h',
  day: 'd',
  kmh: 'km/h',
  kph: 'km/h',
  mps: 'm/s',
  'us/cm': 'uS/cm',
  'ms/cm': 'mS/cm',
};
/** Units that are so many of a code. */
const SCALED: Record<string, readonly [UcumCode, number]> = {
  um: ['mm', 0.001],
  micrometre: ['mm', 0.001],
  inch: ['mm', 25.4],
  inches: ['mm', 25.4],
  in: ['mm', 25.4],
  '"': ['mm', 25.4],
  ft: ['m', 0.3048],
  foot: ['m', 0.3048],
  feet: ['m', 0.3048],
  kw: ['W', 1000],
  mwh: ['kW.h', 1000],
  khz: ['Hz', 1000],
  mph: ['m/s', 0.44704],
};
const TIMES_UNIT = /^(\d+(?:[.,]\d+)?)(?:\s*\/\s*(\d+))?\s*[x*]?\s*(\D.*)$/;

/**
 * Reads a unit as people and vendors write it: `%`, `percent`, `°C`, `millimetres`, `0.1 °C`, `1/10 mm`, `dB(A)`.
 * @param like the unit that the value must fit; decides between several meanings of one spelling
 * @returns undefined when it is not known, or does not fit
 */
export function unitFromText(text: string, like?: UcumCode): WrittenUnit | undefined {
  const clean = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll('℃', '°C')
    .replaceAll('℉', '°F')
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll(/[⋅·](\w+)⁻¹/g, '/$1')
    .replaceAll(/[⋅·](\w+)⁻²/g, '/$12')
    .replaceAll(/[⋅·](\w+)⁻³/g, '/$13')
    .replaceAll('³', '3')
    .replaceAll('²', '2');
  const plain = plainUnit(clean, like);
  if (plain) return plain;
  const [, inside] = /^[[(]\s*(.+?)\s*[\])]$/.exec(clean) ?? [];
  if (inside !== undefined) return unitFromText(inside, like);
  const [, times, by, unit] = TIMES_UNIT.exec(clean) ?? [];
  const base = unit === undefined ? undefined : plainUnit(unit, like);
  if (!base || times === undefined) return undefined;
  const factor = Number(times.replace(',', '.')) / Number(by ?? 1);
  return factor > 0 && Number.isFinite(factor) ? { code: base.code, factor: base.factor * factor } : undefined;
}

function plainUnit(text: string, like: UcumCode | undefined): WrittenUnit | undefined {
  const fits = (code: UcumCode) => like === undefined || convertUnit(1, code, like) !== undefined;
  // Case tells mV from MV and m from M, so a code exactly as written comes first.
  const exact = UCUM_CODES.find((code) => code === text);
  if (exact && fits(exact)) return { code: exact, factor: 1 };
  const word = text.toLowerCase();
  const spelt = lookUp(SPELLINGS, word);
  const code = [spelt ?? []].flat().find(fits);
  if (code) return { code, factor: 1 };
  const [unit, factor] = lookUp(SCALED, word) ?? [];
  if (unit !== undefined && factor !== undefined) return fits(unit) ? { code: unit, factor } : undefined;
  return spelt === undefined ? exactInAnyCase(text, fits) : undefined;
}

function lookUp<V>(table: Record<string, V>, word: string): V | undefined {
  const known = [word, word.replace(/s$/, '')].find((one) => Object.hasOwn(table, one));
  return known === undefined ? undefined : table[known];
}

/** "MM", "KG": upper case on a label, taken when only one code can be meant. */
function exactInAnyCase(text: string, fits: (code: UcumCode) => boolean): WrittenUnit | undefined {
  const same = UCUM_CODES.filter((code) => code.toLowerCase() === text.toLowerCase() && fits(code));
  return same.length === 1 && same[0] !== undefined ? { code: same[0], factor: 1 } : undefined;
}
