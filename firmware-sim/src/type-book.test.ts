import { expect, test } from 'vitest';
import { openEncoders } from '@ronde/sensor-types';
import { openTypeBook } from './type-book.ts';

test('a type brings its codes for "no value", its blind zone and what it measures', async () => {
  const book = await openTypeBook(await openEncoders());
  expect(book.of('milesight-em310-udl')).toMatchObject({
    codesM: [null, 65.533, 65.534, 65.535],
    blindM: 0.03,
    firstPort: 85,
    level: true,
  });
  expect(book.of('decentlab-dl-mbx').codesM).toEqual([null, 9.999]);
  expect(book.of('plain')).toMatchObject({ codesM: [2.54], quantities: ['fill', 'temperature', 'battery'] });
  expect(book.of('plain').encode).toBeUndefined();
  expect(book.of('bosch-tps110').level).toBe(false);
  for (const id of book.ids()) expect(book.of(id).codesM.length, id).toBeGreaterThan(0);
});

test('a type that does not exist, or was not asked for, is refused', async () => {
  const encoders = await openEncoders();
  await expect(openTypeBook(encoders, ['nobody'])).rejects.toMatchObject({ code: 'SENSOR_TYPE_UNKNOWN' });
  const book = await openTypeBook(encoders, ['plain']);
  expect(() => book.of('elsys-elt')).toThrow('elsys-elt was not opened');
});
