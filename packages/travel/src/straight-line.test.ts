import { expect, test } from 'vitest';
import { greatCircleM, openTravel } from './index.ts';

const UTRECHT = { lat: 52.0907, lon: 5.1214 };
const AMSTERDAM = { lat: 52.3731, lon: 4.8926 };

test('the great circle between Utrecht and Amsterdam is about 35 km', () => {
  expect(greatCircleM(UTRECHT, AMSTERDAM)).toBeGreaterThan(34_000);
  expect(greatCircleM(UTRECHT, AMSTERDAM)).toBeLessThan(36_000);
});

test('the matrix is symmetric with a zero diagonal, and twice the speed is less time', async () => {
  const travel = await openTravel('straight-line:');
  const slow = await travel.matrix([UTRECHT, AMSTERDAM, UTRECHT], { speedKmh: 20 });
  const fast = await travel.matrix([UTRECHT, AMSTERDAM, UTRECHT], { speedKmh: 40 });
  expect(slow.distanceM[0 * 3 + 1]).toBe(slow.distanceM[1 * 3 + 0]);
  expect(slow.distanceM[0]).toBe(0);
  expect(slow.durationS[0 * 3 + 2]).toBe(0);
  expect(fast.durationS[1]!).toBeLessThan(slow.durationS[1]!);
});

test('an unknown back-end is refused with the schemes that exist', async () => {
  await expect(openTravel('teleport:')).rejects.toThrow(/known: straight-line:/);
});
