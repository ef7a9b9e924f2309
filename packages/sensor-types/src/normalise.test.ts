import { describe, expect, test } from 'vitest';
import { Manifest } from './manifest.ts';
import { normalise, normaliseRecord } from './normalise.ts';

/** A line as it may be written in `sensor.yaml`. */
type Line = Record<string, unknown>;

/** A manifest with the given mapping lines. */
function manifestWith(measurements: Record<string, Line> | 'catalogue', geometry = {}): Manifest {
  return Manifest.parse({
    id: 'acme-x',
    version: '1.0.0',
    vendor: 'Acme',
    model: 'X',
    description: 'a test',
    source: 'sheet',
    licence: 'EUPL-1.2',
    measurements,
    geometry,
  });
}

function first(line: Line, data: Record<string, unknown>, name = 'distance') {
  return normalise(manifestWith({ [name]: { from: 'x', unit: name === 'distance' ? 'mm' : '%', ...line } }), data)
    .values[0];
}

describe('a mapping line', () => {
  test('converts to the unit of the catalogue without binary noise', () => {
    expect(first({}, { x: 1234 })).toEqual({ quantity: 'distance', value: 1.234, unit: 'm', quality: 'ok', flags: [] });
  });

  test('takes the unit written behind the number', () => {
    expect(first({ parse: 'number-with-unit' }, { x: '12,5 cm' })?.value).toBe(0.125);
    expect(first({ parse: 'number-with-unit' }, { x: '2 furlong' })).toMatchObject({ value: null, quality: 'invalid' });
  });

  test.each([
    ['No Sensor', ['No Sensor']],
    [254, [254]],
    [255, ['>=250']],
    [100, ['<280']],
    [7, ['<=7']],
    [8, ['>7']],
    ['254', [254]],
  ])('knows %j as a code for no value in %j', (x, invalid) => {
    expect(first({ invalid }, { x })).toMatchObject({ value: null, quality: 'invalid', flags: ['SENTINEL'] });
  });

  test('keeps unreadable values as invalid with a warning, never in silence', () => {
    const { values, warnings } = normalise(manifestWith({ distance: { from: 'x' } }), { x: { odd: true } });
    expect(values).toMatchObject([{ value: null, quality: 'invalid', flags: ['UNREADABLE'] }]);
    expect(warnings).toHaveLength(1);
  });

  test('takes null as a value that cannot be read, and an absent path as not sent', () => {
    const manifest = manifestWith({ distance: { from: 'x' }, fill: { from: 'y', unit: 'percent' } });
    expect(normalise(manifest, { x: null })).toEqual({
      values: [{ quantity: 'distance', value: null, unit: 'm', quality: 'invalid', flags: ['UNREADABLE'] }],
      warnings: ['distance: null is no valid value'],
    });
  });

  test('turns remaining into filled', () => {
    expect(first({ invert: true }, { x: 69 }, 'fill')?.value).toBeCloseTo(0.31, 9);
  });

  test('scales, then adds the offset', () => {
    expect(first({ scale: 10, offset: 5 }, { x: 100 })?.value).toBe(1.005);
  });

  test('follows the first path that is there', () => {
    expect(first({ from: ['data.a.b', 'a.c'] }, { a: { c: 500 } })?.value).toBe(0.5);
    expect(first({ from: 'constructor.name' }, { a: 1 })).toBeUndefined();
  });

  test('maps states, and marks a state it does not know', () => {
    const line = { map: { tilt: 1, normal: false }, unit: undefined };
    expect(first(line, { x: 'normal' }, 'tilt')).toMatchObject({ value: 0, quality: 'ok' });
    expect(first(line, { x: 'sideways' }, 'tilt')).toMatchObject({ value: null, quality: 'invalid' });
  });

  test('marks what the device cannot measure as suspect and what nothing can measure as invalid', () => {
    expect(first({ range: [280, 7500] }, { x: 9000 })).toMatchObject({
      value: 9,
      quality: 'suspect',
      flags: ['OUT_OF_RANGE'],
    });
    expect(first({}, { x: 40_000 })).toMatchObject({ value: 40, quality: 'invalid', flags: ['OUT_OF_RANGE'] });
  });

  test('puts two lines of one quantity into their chambers', () => {
    const manifest = manifestWith({
      left: { quantity: 'distance', chamber: 'left', from: 'a', unit: 'cm' },
      right: { quantity: 'distance', chamber: 'right', from: 'b', unit: 'cm' },
    });
    expect(normalise(manifest, { a: 10, b: 20 }).values.map(({ chamber, value }) => [chamber, value])).toEqual([
      ['left', 0.1],
      ['right', 0.2],
    ]);
  });

  test('lets the worst quality rule win and adds every flag once', () => {
    const quality = [
      { when: 'n', below: 3, flag: 'FEW_SAMPLES', quality: 'suspect' },
      { when: 'n', below: 1, flag: 'FEW_SAMPLES', quality: 'invalid' },
      { when: 'angle', above: 20, flag: 'TILTED', quality: 'suspect' },
    ];
    expect(first({ quality }, { x: 1000, n: 2, angle: 30 })).toMatchObject({
      quality: 'suspect',
      flags: ['FEW_SAMPLES', 'TILTED'],
    });
    expect(first({ quality }, { x: 1000, n: 0 })).toMatchObject({ quality: 'invalid', flags: ['FEW_SAMPLES'] });
    expect(first({ quality }, { x: 1000, n: 15 })).toMatchObject({ quality: 'ok', flags: [] });
  });

  test('marks a distance in the blind zone as censored', () => {
    const manifest = manifestWith({ distance: { from: 'x', unit: 'mm' } }, { blindZoneM: 0.3 });
    expect(normalise(manifest, { x: 200 }).values).toMatchObject([
      { value: 0.2, quality: 'censored', flags: ['BLIND_ZONE'] },
    ]);
  });
});

describe('plain values', () => {
  const plain = manifestWith('catalogue');

  test('go by the names of the catalogue; others are named in a warning', () => {
    const { values, warnings } = normaliseRecord(plain, { fill: 0.4, wibble: 1, lidOpen: false, snr: null });
    expect(values.map(({ quantity, value }) => [quantity, value])).toEqual([
      ['fill', 0.4],
      ['lidOpen', 0],
    ]);
    expect(warnings).toEqual(['wibble: not in the catalogue of quantities, left out']);
  });

  test('take the unit and the chamber that a list gives', () => {
    const { values } = normaliseRecord(plain, [
      { quantity: 'fill', value: 32, unit: '%', chamber: 'left' },
      { quantity: 'distance', value: 1234, unit: 'mm' },
      { quantity: 'temperature', value: 20, unit: 'V' },
    ]);
    expect(values).toEqual([
      { quantity: 'fill', value: 0.32, unit: '1', quality: 'ok', flags: [], chamber: 'left' },
      { quantity: 'distance', value: 1.234, unit: 'm', quality: 'ok', flags: [] },
      { quantity: 'temperature', value: null, unit: 'Cel', quality: 'invalid', flags: ['UNREADABLE'] },
    ]);
  });

  test('a state that is neither 0 nor 1 is invalid', () => {
    expect(normaliseRecord(plain, { tilt: 0.5 }).values).toMatchObject([
      { quality: 'invalid', flags: ['OUT_OF_RANGE'] },
    ]);
  });
});

test('a mapping line for an unknown quantity is a fault that names it', () => {
  expect(() => manifestWith({ wibble: { from: 'x' } })).toThrow(/wibble/);
});
