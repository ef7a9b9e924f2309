import { expect, test } from 'vitest';
import { isPath, pick } from './pick.ts';

const data = {
  distance: { value: 1234, unit: 'mm' },
  sensors: [
    { name: 'fill', value: 0.4 },
    { name: 'battery', value: 3.6 },
  ],
  samples: [3, 1, 2],
  'air.temp': 21,
  'Distance (mm)': 300,
  data: { nested: 7 },
  none: null,
};

test.each<[string, unknown]>([
  ['distance.value', 1234],
  ['data.distance.value', 1234],
  ['data.nested', 7],
  ['data.data.nested', 7],
  ['sensors[0].value', 0.4],
  ['sensors[-1].value', 3.6],
  ['sensors.0.value', 0.4],
  ['sensors[name=battery].value', 3.6],
  ['sensors[name="battery"].value', 3.6],
  ['sensors[*].value', [0.4, 3.6]],
  ['sensors[].value', [0.4, 3.6]],
  ['sensors.*.value', [0.4, 3.6]],
  ['samples[*]', [3, 1, 2]],
  ['samples[5]', undefined],
  ['air.temp', 21],
  ['Distance (mm)', 300],
  ['["Distance (mm)"]', 300],
  ['none', null],
  ['none.value', undefined],
  ['sensors[*].gone', undefined],
  ['sensors[name=gone].value', undefined],
  ['constructor', undefined],
  ['__proto__.toString', undefined],
  ['distance.value.deeper', undefined],
])('%s leads to %j', (path, expected) => {
  expect(pick(data, path)).toEqual(expected);
});

test.each(['', 'a[', 'a..b', '[', 'a[b'])('"%s" is no path', (path) => {
  expect(isPath(path)).toBe(false);
});

test.each(['a', 'a.b', 'a[0]', 'a[*].b', 'Distance (mm)'])('"%s" is a path', (path) => {
  expect(isPath(path)).toBe(true);
});
