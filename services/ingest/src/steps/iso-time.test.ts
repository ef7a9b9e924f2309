import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from './iso-time.ts';

test('any moment is written as Date writes it, in any order', () => {
  const moment = fc.double({ min: -62_000_000_000_000, max: 253_402_300_799_999, noNaN: true });
  const near = fc.integer({ min: 1_790_000_000_000, max: 1_790_000_200_000 });
  fc.assert(
    fc.property(fc.oneof(moment, near), (atMs) => {
      expect(isoTime(atMs)).toBe(new Date(atMs).toISOString());
    }),
    { numRuns: 5_000 },
  );
});

test('what is no moment is no text either', () => {
  for (const atMs of [NaN, Infinity, 8.7e15, 253_402_300_800_000]) expect(() => isoTime(atMs)).toThrow(RangeError);
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
});
