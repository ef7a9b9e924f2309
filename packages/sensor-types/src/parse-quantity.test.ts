import { expect, test } from 'vitest';
import { parseQuantity } from './parse-quantity.ts';
import type { ValueForm } from './parse-quantity.ts';

const MM: ValueForm = { unit: 'mm', like: 'm' };
/** The number and its unit, or the flag. */
function read(raw: unknown, form: ValueForm = MM): unknown {
  const parsed = parseQuantity(raw, form);
  return parsed.ok ? `${parsed.value * parsed.factor} ${parsed.unit}` : parsed.flag;
}

test.each<[unknown, string]>([
  [2799, '2799 mm'],
  ['2799', '2799 mm'],
  ['2799 mm', '2799 mm'],
  ['2799mm', '2799 mm'],
  [' 279.9 cm ', '279.9 cm'],
  ['1,5 m', '1.5 m'],
  ['+5', '5 mm'],
  ['-5', '-5 mm'],
  ['.5 m', '0.5 m'],
  ['1e3', '1000 mm'],
  ['10 inch', '254 mm'],
  [{ value: 1234, unit: 'mm' }, '1234 mm'],
  [{ value: '12', unit: 'cm' }, '12 cm'],
  [{ value: 7, unit: null }, '7 mm'],
  [{ v: 7, u: 'm' }, '7 m'],
  ['2.4(low battery)', '2.4 mm'],
])('%j is %s', (raw, expected) => {
  expect(read(raw)).toBe(expected);
});

test.each<[unknown, string]>([
  ['No Sensor', 'SENSOR_FAULT'],
  ['NoSensor', 'SENSOR_FAULT'],
  ['sensor exception', 'SENSOR_FAULT'],
  ['distance error [60001]', 'SENSOR_FAULT'],
  ['no target', 'NO_TARGET'],
  ['TARGET_TOO_CLOSE', 'TOO_CLOSE'],
  ['Blind Spot Alarm', 'TOO_CLOSE'],
  ['<280', 'TOO_CLOSE'],
  ['TARGET_TOO_FAR', 'TOO_FAR'],
  ['> 7.5 m', 'TOO_FAR'],
  ['Invalid Reading', 'UNREADABLE'],
  ['', 'UNREADABLE'],
  ['n/a', 'UNREADABLE'],
  ['12 furlong', 'UNREADABLE'],
  ['12 °C', 'UNREADABLE'],
  ['1,234 mm', 'UNREADABLE'],
  ['1.234,5 mm', 'UNREADABLE'],
  ['1 234 mm', 'UNREADABLE'],
  ['2026-01-01', 'UNREADABLE'],
  ['0x0AEF', 'UNREADABLE'],
  ['0 (No Sensor)', 'SENSOR_FAULT'],
  [NaN, 'UNREADABLE'],
  [null, 'UNREADABLE'],
  [true, 'UNREADABLE'],
  [[12], 'UNREADABLE'],
  [{ value: 'No Sensor', unit: 'mm' }, 'SENSOR_FAULT'],
  [{ value: null, unit: 'mm' }, 'UNREADABLE'],
  [{ value: 12, unit: 'V' }, 'UNREADABLE'],
  [{ other: 1 }, 'UNREADABLE'],
])('%j is no distance: %s', (raw, flag) => {
  expect(read(raw)).toBe(flag);
});

test('what the comma is can be told', () => {
  expect(read('1,234 m', { ...MM, decimal: 'comma' })).toBe('1.234 m');
  expect(read('1,234 mm', { ...MM, decimal: 'point' })).toBe('1234 mm');
  expect(read('1.234,5 mm', { ...MM, decimal: 'comma' })).toBe('1234.5 mm');
});

test('a form may allow one way of writing only', () => {
  expect(read('12 cm', { ...MM, parse: 'number' })).toBe('UNREADABLE');
  expect(read({ value: 12 }, { ...MM, parse: 'number' })).toBe('UNREADABLE');
  expect(read(12, { unit: undefined, like: 'm', parse: 'number-with-unit' })).toBe('UNREADABLE');
  expect(read('12 cm', { unit: undefined, like: 'm', parse: 'number-with-unit' })).toBe('12 cm');
});

test('true and false are values of states only', () => {
  expect(read(true, { unit: '1', like: '1', binary: true })).toBe('1 1');
});
