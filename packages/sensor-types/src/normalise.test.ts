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

  test('gives the reason that the manifest has for a code', () => {
    const invalid = [{ code: 0, flag: 'TOO_CLOSE' }, { codes: [65535, '>=65533'], flag: 'TOO_FAR' }, 'No Sensor'];
    expect(first({ invalid }, { x: 0 })).toMatchObject({ value: null, quality: 'invalid', flags: ['TOO_CLOSE'] });
    expect(first({ invalid }, { x: 65534 })).toMatchObject({ quality: 'invalid', flags: ['TOO_FAR'] });
    expect(first({ invalid }, { x: 'no sensor' })).toMatchObject({ quality: 'invalid', flags: ['SENTINEL'] });
    const table = { 0: 'NO_TARGET', '65533..65535': 'SENSOR_FAULT' };
    expect(first({ invalid: table }, { x: 65534 })).toMatchObject({ flags: ['SENSOR_FAULT'] });
    expect(first({ invalid: table }, { x: '0 mm' })).toMatchObject({ flags: ['NO_TARGET'] });
  });

  test('a code that means a bound is kept as censored', () => {
    const invalid = [{ code: 0, flag: 'TOO_CLOSE', as: 280 }];
    expect(first({ invalid }, { x: 0 })).toMatchObject({ value: 0.28, quality: 'censored', flags: ['TOO_CLOSE'] });
  });

  test('codes and ranges count in the unit of the line, whatever unit a text carries', () => {
    expect(first({ invalid: ['<280'] }, { x: '20 cm' })).toMatchObject({ quality: 'invalid', flags: ['SENTINEL'] });
    expect(first({ range: [280, 7500] }, { x: '9 m' })).toMatchObject({ value: 9, quality: 'suspect' });
  });

  test('takes a statistic of a list, and refuses a list without one', () => {
    const x = [300, 100, '20 cm', 'No Sensor'];
    expect(first({ statistic: 'median' }, { x: [300, 100, 200] })?.value).toBe(0.2);
    expect(first({ statistic: 'p90', from: 'x[*].d' }, { x: [{ d: 0 }, { d: 100 }] })?.value).toBe(0.09);
    expect(first({ statistic: 'mean' }, { x: [100, 200] })?.value).toBe(0.15);
    expect(first({ statistic: 'last' }, { x: [100, 200] })?.value).toBe(0.2);
    expect(first({}, { x: [250] })?.value).toBe(0.25);
    expect(first({}, { x })).toMatchObject({ value: null, quality: 'invalid', flags: ['UNREADABLE'] });
  });

  test('samples far apart make the value suspect', () => {
    const spread = { between: ['low', 'high'], above: 100 };
    expect(first({ spread }, { x: 500, low: 400, high: 600 })).toMatchObject({
      quality: 'suspect',
      flags: ['SCATTERED'],
    });
    expect(first({ spread }, { x: 500, low: 450, high: 540 })).toMatchObject({ quality: 'ok' });
    const own = { statistic: 'median', spread: { above: 100 } };
    expect(first(own, { x: [100, 500, 900] })).toMatchObject({ value: 0.5, flags: ['SCATTERED'] });
  });

  test('a fill that the device works out says so, and is censored when full', () => {
    expect(first({}, { x: 50 }, 'fill')).toMatchObject({ value: 0.5, quality: 'ok', flags: ['DEVICE_COMPUTED'] });
    expect(first({}, { x: 100 }, 'fill')).toMatchObject({
      value: 1,
      quality: 'censored',
      flags: ['DEVICE_COMPUTED', 'SATURATED'],
    });
  });

  test('alternatives are tried in order, each with its own unit', () => {
    const manifest = manifestWith({
      distance: [
        { from: 'mm', unit: 'mm' },
        { from: 'cm', unit: 'cm' },
      ] as never,
    });
    expect(normalise(manifest, { cm: 49 }).values).toMatchObject([{ value: 0.49 }]);
    expect(normalise(manifest, { mm: 490, cm: 7 }).values).toMatchObject([{ value: 0.49 }]);
    expect(normalise(manifest, {}).values).toEqual([]);
  });

  test('a line holds for some ports or frames only', () => {
    const manifest = manifestWith({ distance: { from: 'x', unit: 'mm', ports: [2] } });
    expect(normalise(manifest, { x: 500 }, 2).values).toHaveLength(1);
    expect(normalise(manifest, { x: 500 }, 3).values).toEqual([]);
    const framed = manifestWith({ distance: { from: 'x', unit: 'mm', only: { frame: 'Level' } } });
    expect(normalise(framed, { x: 500, frame: 'level' }).values).toHaveLength(1);
    expect(normalise(framed, { x: 500, frame: 'config' }).values).toEqual([]);
  });

  test('battery in volts is the voltage of the battery', () => {
    expect(first({ unit: 'V' }, { x: 3.6 }, 'battery')).toMatchObject({
      quantity: 'batteryVoltage',
      value: 3.6,
      unit: 'V',
    });
  });

  test('a unit may come from a field beside the value', () => {
    expect(first({ unit_from: 'u' }, { x: 62, u: 'cm' })?.value).toBe(0.62);
    expect(first({ unit_from: 'u' }, { x: 62 })?.value).toBe(0.062);
    expect(first({ unit_from: 'u' }, { x: 62, u: 'furlong' })).toMatchObject({ value: null, flags: ['UNREADABLE'] });
  });

  test.each([
    ['tilted', 'tilt', 1],
    ['Normal', 'tilt', 0],
    ['OPEN', 'lidOpen', 1],
    ['closed', 'doorOpen', 0],
    ['occupied', 'occupancy', 1],
    [true, 'fullAlarm', 1],
    ['off', 'lampOn', 0],
  ])('reads the word %j of %s as %i', (x, name, value) => {
    expect(first({ unit: undefined }, { x }, name)).toMatchObject({ value, quality: 'ok' });
  });

  test('a word that is no state stays unread', () => {
    expect(first({ unit: undefined }, { x: 'perhaps' }, 'lidOpen')).toMatchObject({
      value: null,
      flags: ['UNREADABLE'],
    });
  });

  test('a state can be mapped to the reason why there is no value', () => {
    const map = { open: 1, closed: 0, broken: 'SENSOR_FAULT', '*': 'UNREADABLE' };
    expect(first({ map, unit: undefined }, { x: 'Broken' }, 'lidOpen')).toMatchObject({ flags: ['SENSOR_FAULT'] });
    expect(first({ map, unit: undefined }, { x: 'Open' }, 'lidOpen')).toMatchObject({ value: 1 });
  });

  test.each([
    [{ when: 'n', equals: [1, 2] }, { n: 2 }, true],
    [{ when: 'n', equals: 'TRUE' }, { n: true }, true],
    [{ when: 'n', not: 'ok' }, { n: 'OK' }, false],
    [{ when: 'n', not: 'ok' }, { n: 'bad' }, true],
    [{ when: 'n', below: 3 }, { n: '2 samples' }, true],
    [{ when: 'n', above: 3 }, { n: 3 }, false],
    [{ when: 'n', bit: 3 }, { n: 8 }, true],
    [{ when: 'n', bit: 2 }, { n: 8 }, false],
    [{ when: 'n', missing: true }, {}, true],
    [{ when: 'n', missing: true }, { n: 0 }, false],
    [{ when: 'n', equals: 1 }, {}, false],
  ])('the rule %j with %j holds: %s', (rule, data, holds) => {
    const found = first({ quality: { ...rule, flag: 'SENSOR_FAULT' } }, { x: 500, ...data });
    expect(found?.flags.includes('SENSOR_FAULT')).toBe(holds);
  });

  test('the path of a sample count makes a value without samples invalid', () => {
    expect(first({ quality: 'n' }, { x: 500, n: 0 })).toMatchObject({ quality: 'invalid', flags: ['FEW_SAMPLES'] });
    expect(first({ quality: 'n' }, { x: 500, n: 3 })).toMatchObject({ quality: 'ok' });
  });

  test('the counter of the device is given where it stands', () => {
    const manifest = Manifest.parse({
      id: 'acme-x',
      measurements: { distance: { from: 'x', unit: 'mm' } },
      health: { counter: { bits: 8, from: 'tx' } },
    });
    expect([manifest.counterBits, normalise(manifest, { x: 1000, tx: 255 }).counter]).toEqual([8, 255]);
  });

  test('nothing stands at distance 0: suspect, and farther than the sensor sees too', () => {
    const manifest = manifestWith({ distance: { from: 'x', unit: 'mm' } }, { max_distance: '4.5 m' });
    expect(normalise(manifest, { x: 0 }).values).toMatchObject([{ quality: 'suspect', flags: ['TOO_CLOSE'] }]);
    expect(normalise(manifest, { x: 4600 }).values).toMatchObject([{ quality: 'suspect', flags: ['TOO_FAR'] }]);
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
