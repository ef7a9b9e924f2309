import { ContainerShape } from '@ronde/contracts';
import { describe, expect, test } from 'vitest';
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

describe('the shape of the container', () => {
  const one = { emptyDistanceM: 1, fullDistanceM: 0 };
  const fillAt = (height: number, shape: ContainerShape) =>
    fillFromDistance({ distanceM: 1 - height, mounting: { ...one, shape } }).value;
  const SHAPES: ContainerShape[] = [
    { kind: 'upright' },
    { kind: 'lying-cylinder' },
    { kind: 'tapered', bottomWidth: 0.7 },
    { kind: 'tapered', bottomWidth: 0 },
    { kind: 'tapered', bottomWidth: 1.4 },
    { kind: 'sphere' },
    { kind: 'sphere', cutBottom: 0.2, cutTop: 0.1 },
    { kind: 'bag' },
    { kind: 'bag', sag: 0 },
    { kind: 'bag', sag: 1 },
  ];

  test.each(SHAPES)('$kind is empty at the bottom, full at the top, and never falls between', (shape) => {
    const fills = Array.from({ length: 101 }, (_, i) => fillAt(i / 100, shape) ?? NaN);
    expect([fills[0], fills[100]]).toEqual([0, 1]);
    for (const [i, fill] of fills.entries()) expect(fill).toBeGreaterThanOrEqual(fills[i - 1] ?? 0);
  });

  test.each<[string, number, ContainerShape, number]>([
    ['half a lying cylinder', 0.5, { kind: 'lying-cylinder' }, 0.5],
    // Segment at a quarter of the diameter: (acos(0.5) − 0.5·sin(60°)) / π.
    ['a lying cylinder up to a quarter', 0.25, { kind: 'lying-cylinder' }, 0.195501],
    ['half a globe', 0.5, { kind: 'sphere' }, 0.5],
    // Cap of a quarter of the diameter: 0.25²·(3 − 0.5).
    ['a globe up to a quarter', 0.25, { kind: 'sphere' }, 0.15625],
    ['a cone up to half its height', 0.5, { kind: 'tapered', bottomWidth: 0 }, 0.125],
    // Frustum 0.5 → 1 up to half: (0.125 + 0.0625 + 0.0104167) / 0.583333.
    ['a tapered box up to half its height', 0.5, { kind: 'tapered', bottomWidth: 0.5 }, 0.339286],
    ['half an ellipsoid', 1, { kind: 'bag', sag: 1 }, 1],
    // Round part holds 2/3 of its height: (0.2 + 0.2) / (0.9).
    ['a bag up to half its depth', 0.5, { kind: 'bag', sag: 0.3 }, 0.444444],
  ])('%s', (_, height, shape, fill) => {
    expect(fillAt(height, shape)).toBeCloseTo(fill, 5);
  });

  test('a table gives its points, lines between them, and its ends beyond', () => {
    const shape: ContainerShape = {
      kind: 'table',
      points: [
        [0.2, 1],
        [0.6, 0.8],
        [1, 0.1],
      ],
    };
    const mounting = { emptyDistanceM: 1.2, fullDistanceM: 0.1, shape };
    const at = (distanceM: number) => fillFromDistance({ distanceM, mounting }).value;
    expect([at(0.15), at(0.2), at(0.4), at(0.6), at(0.8), at(1), at(1.15)]).toEqual([1, 1, 0.9, 0.8, 0.45, 0.1, 0.1]);
  });

  test('a table whose fill grows with distance is refused', () => {
    const points = [
      [0.2, 0.1],
      [1, 0.9],
    ];
    expect(ContainerShape.safeParse({ kind: 'table', points }).success).toBe(false);
    expect(ContainerShape.safeParse({ kind: 'table', points: points.toReversed() }).success).toBe(false);
  });
});
