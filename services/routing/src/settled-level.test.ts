import { expect, test } from 'vitest';
import { settledLevel } from './settled-level.ts';

const tail = (...fills: number[]) => fills.map((fill, index) => ({ atMs: index, fill, crew: false }));
const level = (...fills: number[]) => settledLevel(tail(...fills))?.fill;

test('a steady series gives its newest reading', () => {
  expect(level(0.2, 0.22, 0.25)).toBe(0.25);
  expect(level(0.4)).toBe(0.4);
  expect(level()).toBeUndefined();
});

test('a jump on one reading alone waits for the next', () => {
  expect(level(0.2, 0.22, 1)).toBe(0.22);
  expect(level(0.9, 0.92, 0.05)).toBe(0.92);
});

test('a jump that the next reading confirms holds', () => {
  expect(level(0.2, 0.98, 1)).toBe(1);
  expect(level(0.9, 0.05, 0.06)).toBe(0.06);
});

test('a spike that is over leaves no trace', () => {
  expect(level(0.2, 1, 0.21)).toBe(0.21);
});

test('what a crew says needs no confirmation', () => {
  expect(settledLevel([...tail(0.9, 0.92), { atMs: 3, fill: 0, crew: true }])?.fill).toBe(0);
  expect(
    settledLevel([
      { atMs: 1, fill: 0, crew: true },
      { atMs: 2, fill: 0.5, crew: false },
    ])?.fill,
  ).toBe(0.5);
});
