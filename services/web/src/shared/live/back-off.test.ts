import { expect, test } from 'vitest';
import { delayOf } from './back-off.ts';

test('the wait doubles from half a second to thirty seconds', () => {
  const longest = [0, 1, 2, 6, 20].map((attempt) => delayOf(attempt, () => 1));
  expect(longest).toEqual([500, 1000, 2000, 30_000, 30_000]);
});

test('jitter takes away at most half of the wait', () => {
  expect(delayOf(3, () => 0)).toBe(2000);
  expect(delayOf(3, () => 1)).toBe(4000);
});
