import { expect, test } from 'vitest';
import { fillFromDistance } from './fill-from-distance.ts';

const mounting = { emptyDistanceM: 2, fullDistanceM: 0.5 };

test('fill runs straight from the empty to the full distance', () => {
  expect(fillFromDistance({ distanceM: 2, mounting })).toEqual({ value: 0, quality: 'ok', flags: [] });
  expect(fillFromDistance({ distanceM: 1.25, mounting })).toEqual({ value: 0.5, quality: 'ok', flags: [] });
  expect(fillFromDistance({ distanceM: 0.5, mounting })).toEqual({ value: 1, quality: 'ok', flags: [] });
});

test('a surface above the full mark is censored at 1', () => {
  expect(fillFromDistance({ distanceM: 0.4, mounting })).toEqual({
    value: 1,
    quality: 'censored',
    flags: ['SATURATED'],
  });
});

test('a surface in the blind zone is censored at 1 and says why', () => {
  const { value, quality, flags } = fillFromDistance({ distanceM: 0.2, mounting, blindZoneM: 0.3 });
  expect([value, quality, flags]).toEqual([1, 'censored', ['SATURATED', 'BLIND_ZONE']]);
});

test('a little beyond the floor is empty, more than a tenth beyond is suspect', () => {
  expect(fillFromDistance({ distanceM: 2.15, mounting })).toEqual({ value: 0, quality: 'ok', flags: [] });
  expect(fillFromDistance({ distanceM: 2.3, mounting })).toEqual({
    value: 0,
    quality: 'suspect',
    flags: ['OUT_OF_RANGE'],
  });
});

test('the beam angle shortens the distance by its cosine', () => {
  const tilted = fillFromDistance({ distanceM: 2, mounting: { ...mounting, angleDeg: 60 } });
  expect(tilted.value).toBeCloseTo((2 - 1) / 1.5, 6);
});

test('the offset is added to the vertical distance', () => {
  const moved = fillFromDistance({ distanceM: 1, mounting: { ...mounting, offsetM: 0.25 } });
  expect(moved.value).toBeCloseTo(0.5, 6);
});

test.each([NaN, Infinity, -0.1])('%s is no distance', (distanceM) => {
  expect(fillFromDistance({ distanceM, mounting })).toEqual({
    value: null,
    quality: 'invalid',
    flags: ['OUT_OF_RANGE'],
  });
});
