import { expect, test } from 'vitest';
import { unitFromText } from './unit-spellings.ts';
import type { UcumCode } from './units.ts';

test.each<[string, UcumCode | undefined, UcumCode, number]>([
  ['%', undefined, '%', 1],
  ['percent', '1', '%', 1],
  ['mm', 'm', 'mm', 1],
  ['MM', 'm', 'mm', 1],
  ['millimetres', 'm', 'mm', 1],
  ['inch', 'm', 'mm', 25.4],
  ['m', 'm', 'm', 1],
  ['°C', 'Cel', 'Cel', 1],
  ['℃', 'Cel', 'Cel', 1],
  ['degrees Celsius', 'Cel', 'Cel', 1],
  ['°', 'Cel', 'Cel', 1],
  ['°', 'deg', 'deg', 1],
  ['degrees', 'deg', 'deg', 1],
  ['deg', 'Cel', 'Cel', 1],
  ['F', 'Cel', '[degF]', 1],
  ['dB(A)', 'dB[SPL]', 'dB[SPL]', 1],
  ['dB', 'dB[SPL]', 'dB[SPL]', 1],
  ['dB', 'dB', 'dB', 1],
  ['mV', 'V', 'mV', 1],
  ['0.1 °C', 'Cel', 'Cel', 0.1],
  ['1/10 mm', 'm', 'mm', 0.1],
  ['10 mV', 'V', 'mV', 10],
  ['µg/m³', 'ug/m3', 'ug/m3', 1],
  ['µS⋅cm⁻¹', 'uS/cm', 'uS/cm', 1],
  ['m·s⁻¹', 'm/s', 'm/s', 1],
  ['W⋅m⁻²', 'W/m2', 'W/m2', 1],
  ['[mm]', 'm', 'mm', 1],
  ['(°C)', 'Cel', 'Cel', 1],
  ['kWh', 'kW.h', 'kW.h', 1],
  ['mbar', 'Pa', 'hPa', 1],
])('the unit "%s" for a value in %s is %s times %s', (text, like, code, factor) => {
  expect(unitFromText(text, like)).toEqual({ code, factor });
});

test.each<[string, UcumCode | undefined]>([
  ['furlong', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['V', 'm'],
  ['percent', 'Cel'],
  ['0 mm', 'm'],
])('"%s" is no unit for a value in %s', (text, like) => {
  expect(unitFromText(text, like)).toBeUndefined();
});
