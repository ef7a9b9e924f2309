import { expect, test } from 'vitest';
import { crewVerdict } from './verdict.ts';
import { HOUR, MONDAY } from './testing.ts';

const after = (...fills: number[]) => fills.map((fill, i) => ({ atMs: MONDAY + (i + 1) * HOUR, fill }));
const say = (before: number, ...fills: number[]) =>
  crewVerdict({ emptiedAtMs: MONDAY, before, readingsAfter: after(...fills) });

test('a low reading after the crew said "emptied" confirms it', () => {
  expect(say(0.9, 0.05)).toBe('confirmed');
  expect(say(0.9, 0.85, 0.1)).toBe('confirmed');
});

test('two readings as full as before contradict it', () => {
  expect(say(0.9, 0.9, 0.91)).toBe('contradicted');
  expect(say(0.9, 0.9, 0.91, 0.02)).toBe('contradicted');
});

test('without two readings nothing is known yet', () => {
  expect(say(0.9)).toBe('pending');
  expect(say(0.9, 0.9)).toBe('pending');
});

test('readings from before the emptying and broken ones do not count', () => {
  const readingsAfter = [
    { atMs: MONDAY - HOUR, fill: 0.9 },
    { atMs: MONDAY, fill: 0.9 },
    { atMs: MONDAY + 1, fill: NaN },
  ];
  expect(crewVerdict({ emptiedAtMs: MONDAY, before: 0.9, readingsAfter })).toBe('pending');
});

test('a bin that was nearly empty cannot contradict the crew', () => {
  expect(say(0.1, 0.11, 0.12)).toBe('confirmed');
});
