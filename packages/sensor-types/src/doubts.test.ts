import { expect, test } from 'vitest';
import { Manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

function read(measurements: Record<string, unknown>, data: Record<string, unknown>) {
  return normalise(Manifest.parse({ id: 'acme-x', measurements }), data).values[0];
}

test.each([
  ['distance1_cm', 'distance', 90, 0.9],
  ['Level(m)', 'waterLevel', 1.5, 1.5],
  ['Distance_mm', 'distance', 250, 0.25],
  ['data.fillPercent', 'fill', 55, 0.55],
  ['level_pct', 'fill', 5, 0.05],
  ['depth_inches', 'waterLevel', 10, 0.254],
])('a line without a unit takes the one in the name "%s"', (from, quantity, raw, value) => {
  expect(read({ [quantity]: { from } }, { [from.replace('data.', '')]: raw })).toMatchObject({ value, quality: 'ok' });
});

test.each([
  [{ distance: { from: 'distance_cm', unit: 'mm' } }, { distance_cm: 90 }],
  [{ fill: { from: 'level_mm', unit: 'percent' } }, { level_mm: 90 }],
  [{ waterLevel: { from: 'loop_mA', unit: 'm' } }, { loop_mA: 12 }],
  [{ fill: { from: 'remaining', unit: 'percent' } }, { remaining: 69 }],
  [{ fill: { from: 'tank.emptyPercent', unit: 'percent' } }, { tank: { emptyPercent: 69 } }],
  [{ waterLevel: { from: 'x', scale: 0.003125, offset: -1.25 } }, { x: 0 }],
])('%j is doubtful: name and mapping do not agree', (measurements, data) => {
  expect(read(measurements, data)).toMatchObject({
    quality: 'suspect',
    flags: expect.arrayContaining(['MAPPING_DOUBTFUL']),
  });
});

test('what the manifest says of it is taken at its word', () => {
  expect(read({ fill: { from: 'remaining', unit: 'percent', invert: true } }, { remaining: 69 })?.quality).toBe('ok');
  expect(read({ fill: { from: 'remaining', unit: 'percent', invert: false } }, { remaining: 69 })?.quality).toBe('ok');
  // the text carries a unit of its own
  expect(read({ distance: { from: 'x_cm', unit: 'mm' } }, { x_cm: '90 mm' })?.quality).toBe('ok');
});

test.each([65535, 65.535, 6553.5, '65535 mm', 32767])('%j is a full register and no level', (x) => {
  const line = { from: 'x', unit: typeof x === 'number' && x < 100 ? 'm' : 'mm' };
  expect(read({ waterLevel: line }, { x })).toMatchObject({ value: null, quality: 'invalid', flags: ['SENTINEL'] });
  expect(read({ count: 'x' }, { x: 65535 })).toMatchObject({ value: 65535, quality: 'ok' });
  expect(read({ waterLevel: { ...line, range: [0, 1e5] } }, { x })?.quality).toBe('ok');
});

test.each([9999, '9999 mm', 99999, 999.9, 65534, 6553.3, 8191, 16383, '16383', 1638.3])(
  '%j looks like a code and is a doubtful level',
  (x) => {
    const line = { from: 'x', unit: 'mm' };
    const seen = read({ waterLevel: line }, { x });
    expect(seen).toMatchObject({ quality: 'suspect', flags: ['SENTINEL'] });
    expect(seen?.value).toBeCloseTo(Number.parseFloat(String(x)) / 1000, 9);
    expect(read({ count: 'x' }, { x: 9999 })?.quality).toBe('ok');
    expect(read({ waterLevel: { ...line, range: [0, 1e5] } }, { x })?.quality).toBe('ok');
  },
);

test('a code is seen within {value, unit} too', () => {
  const wrapped = (value: unknown) =>
    read({ waterLevel: 'depth' }, { depth: { displayName: 'Depth', value, unit: 'mm' } });
  expect(wrapped(65535)).toMatchObject({ value: null, quality: 'invalid', flags: ['SENTINEL'] });
  expect(wrapped('9999')).toMatchObject({ value: 9.999, quality: 'suspect', flags: ['SENTINEL'] });
  expect(wrapped(4232)).toMatchObject({ value: 4.232, quality: 'ok' });
});

test.each([9.999, 99.99, 99.9, 999, 9998, 65532, 1023, 4095, 8.191, 16382])('%j is a level like any other', (x) => {
  expect(read({ waterLevel: { from: 'x', unit: 'mm' } }, { x })).toMatchObject({ quality: 'ok', flags: [] });
});

test.each([
  [12, 2.5, 'ok', []],
  [4, 0, 'ok', []],
  ['20.00 mA', 5, 'ok', []],
  [0, null, 'invalid', ['SENSOR_FAULT']],
  [3.5, null, 'invalid', ['SENSOR_FAULT']],
  [21.5, null, 'invalid', ['SENSOR_FAULT']],
])('a loop of %j gives %j, and a broken one no level', (x, value, quality, flags) => {
  expect(read({ waterLevel: { from: 'x', current_loop: [0, 5] } }, { x })).toMatchObject({ value, quality, flags });
  expect(read({ fill: { from: 'x', unit: 'percent', current_loop: [0, 100] } }, { x: 12 })?.value).toBe(0.5);
});

test('a level in milliamperes is refused with the way to give its loop', () => {
  const parsed = Manifest.safeParse({ id: 'acme-x', measurements: { waterLevel: { from: 'x', unit: 'mA' } } });
  expect(parsed.error?.issues[0]?.message).toContain('current_loop: [0, 5]');
});

test('a row of byte fields that says nothing of full registers and dead loops is not taken in by them', () => {
  const row = { name: 'waterLevel', type: 'u16', scale: 0.003125, add: -1.25, unit: 'm' };
  const manifest = Manifest.parse({ id: 'acme-x', fields: [row] });
  const of = (raw: number) => normalise(manifest, { waterLevel: raw * 0.003125 - 1.25 }).values[0];
  expect(of(1200)).toMatchObject({ value: 2.5, quality: 'ok' });
  expect(of(65535)).toMatchObject({ value: null, quality: 'invalid' });
  expect(of(0)).toMatchObject({ quality: 'suspect', flags: ['MAPPING_DOUBTFUL'] });
});
