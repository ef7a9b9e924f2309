import { readFileSync } from 'node:fs';
import type { CanonicalValue } from '@ronde/contracts';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILT_IN_TYPES } from '../open-encoders.ts';
import { readFolder } from '../load-types.ts';
import type { LoadedType } from '../read-type.ts';
import { openSandbox } from '../sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { RECV_TIME, bytesOf, fuzzBytes, randomFrom } from '../test-support.ts';
import { createTypeDecoder } from '../type-decoder.ts';
import type { TypeDecodeResult, TypeDecoder } from '../type-decoder.ts';
import { typeFromFiles } from '../type-from-files.ts';
import { encodeFields } from './encode.ts';

let sandbox: Sandbox;
let decoder: TypeDecoder;
beforeAll(async () => {
  sandbox = await openSandbox();
  decoder = createTypeDecoder(sandbox);
});
afterAll(() => sandbox.close());

async function typeOf(sensorYaml: string): Promise<LoadedType> {
  const { type, faults } = await typeFromFiles({ sensorYaml });
  expect(faults).toEqual([]);
  return type!;
}

async function decode(type: LoadedType, hex: string, fPort = 1): Promise<TypeDecodeResult> {
  const [result] = await decoder.decodeBatch([{ type, input: { bytes: bytesOf(hex), fPort, recvTime: RECV_TIME } }]);
  return result!;
}

async function dataOf(fields: string, hex: string, fPort = 1): Promise<unknown> {
  const type = await typeOf(`id: acme-x\nmeasurements: {}\nfields: ${fields}`);
  const result = await decode(type, hex, fPort);
  return result.ok ? result.data : result.errors;
}

describe('a field', () => {
  test.each<[string, string, unknown]>([
    ['{ name: a, type: u8 }', 'ff', 255],
    ['{ name: a, type: i8 }', 'ff', -1],
    ['{ name: a, type: u16 }', '0102', 258],
    ['{ name: a, type: u16, endian: little }', '0102', 513],
    ['{ name: a, type: i16, endian: little }', 'feff', -2],
    ['{ name: a, type: u24 }', '010203', 66051],
    ['{ name: a, type: i24 }', 'fffffe', -2],
    ['{ name: a, type: u32 }', 'ffffffff', 4294967295],
    ['{ name: a, type: i32 }', 'fffffffe', -2],
    ['{ name: a, type: f32 }', '41d9999a', 27.2],
    ['{ name: a, type: f32, endian: little }', '9a99d941', 27.2],
    ['{ name: a, type: f64 }', '403b333333333333', 27.2],
    ['{ name: a, type: f32 }', '7fc00000', null],
    ['{ name: a, type: bcd, length: 2 }', '1234', 1234],
    ['{ name: a, type: bcd, length: 2, scale: 0.1 }', '1234', 123.4],
    ['{ name: a, type: bcd, length: 1 }', '1a', null],
    ['{ name: a, type: ascii, length: 4 }', '41420043', 'AB'],
    ['{ name: a, type: hex }', 'dead', 'dead'],
    ['{ name: a, type: bool }', '01', true],
    ['{ name: a, type: u8, bits: 7 }', '80', 1],
    ['{ name: a, type: u16, bits: [0, 13] }', 'c801', 2049],
    ['{ name: a, type: i8, bits: [0, 3] }', '0f', -1],
    ['{ name: a, type: u8, scale: 0.1 }', '07', 0.7],
    ['{ name: a, type: u8, scale: 0.5, add: -40 }', '50', 0],
    ['{ name: a, offset: -1 }', '010203', 3],
    ['{ name: a, offset: -2, type: u16 }', '010203', 515],
    ['{ name: a, type: u16, sentinel: { 65535: TOO_FAR } }', 'ffff', 'TOO_FAR'],
    ['{ name: a, type: u16, sentinel: [0] }', '0000', 'SENTINEL'],
    ['{ name: a, map: { 0: normal, 1: tilted } }', '01', 'tilted'],
    ['{ name: a, map: { 0: normal, 1: tilted } }', '02', 'unknown 2'],
    ['{ name: a, when: { byte: 0, equals: [1, 2] } }', '02', 2],
    ['{ name: a, value: none }', '', 'none'],
  ])('%s in %s is %j', async (field, hex, expected) => {
    expect(await dataOf(`[${field}]`, hex)).toEqual({ a: expected });
  });

  test('stands behind the one before, unless it says where', async () => {
    const fields = '[{ name: a, type: u16 }, { name: _, skip: true }, { name: b }, { name: c, at: 0 }]';
    expect(await dataOf(fields, '0102ff03')).toEqual({ a: 258, b: 3, c: 1 });
  });

  test('that is cut off is an error, and may be left out when it is optional', async () => {
    expect(await dataOf('[{ name: a, type: u16 }]', '01')).toEqual(['the payload ends inside "a"']);
    expect(await dataOf('[{ name: a }, { name: b, type: u16, optional: true }]', '01ff')).toEqual({ a: 1 });
  });

  test('under another condition of the bytes is not read', async () => {
    expect(await dataOf('[{ name: a, at: 1, when: { byte: 0, mask: 0x0f, equals: 2 } }]', '1305')).toEqual({});
    expect(await dataOf('[{ name: a, at: 1, when: { byte: 0, mask: 0x0f, equals: 2 } }]', '1205')).toEqual({ a: 5 });
  });
});

describe('frames', () => {
  const FRAMES = `
  - { port: 2, length: 1, fields: [{ name: short }] }
  - { port: 2, when: { byte: 0, equals: 7 }, fields: [{ name: seven, at: 1 }] }
  - { port: 3..9, length: 2.., endian: little, fields: [{ name: long, type: u16 }] }`;

  test.each<[number, string, unknown]>([
    [2, '07', { short: 7 }],
    [2, '0709', { seven: 9 }],
    [5, '0100', { long: 1 }],
    [5, '01', ['no frame fits port 5 with 1 bytes']],
    [2, '0809', ['no frame fits port 2 with 2 bytes']],
    [1, '0809', ['no frame fits port 1 with 2 bytes']],
  ])('on port %i with %s: %j', async (fPort, hex, expected) => {
    expect(await dataOf(FRAMES, hex, fPort)).toEqual(expected);
  });
});

describe('runs of items', () => {
  const FIXED = '{ tlv: { items: [{ id: 1, name: a, type: u16 }, { id: 2, fields: [{ name: b }, { name: c }] }] } }';
  const WITH_LENGTH = '{ tlv: { idBytes: 2, lengthByte: true, items: [{ id: "01 75", name: a }] } }';

  test.each<[string, string, unknown]>([
    [FIXED, '01000a020304', { a: 10, b: 3, c: 4 }],
    [FIXED, '01000a01000b', { a: 11 }],
    [FIXED, '01000a09ff', { a: 10 }],
    [FIXED, '09ff', ['unknown id 0x09']],
    [FIXED, '0100', ['the payload ends inside 0x01']],
    [FIXED, '', ['the payload is empty']],
    [WITH_LENGTH, '01750164', { a: 100 }],
    [WITH_LENGTH, '099902ffff01750164', { a: 100 }],
    [WITH_LENGTH, '017502', ['the payload ends inside 0x0175']],
    [WITH_LENGTH, '0175', ['the payload ends inside the length of 0x0175']],
    [WITH_LENGTH, '01', ['the payload ends inside an id']],
  ])('%s of %s is %j', async (fields, hex, expected) => {
    expect(await dataOf(fields, hex)).toEqual(expected);
  });
});

test('fields that name quantities are the whole type: ten lines from data sheet to readings', async () => {
  const type = await typeOf(`
id: acme-bin200
f_ports: 10
fields:
  - { name: distance, type: u16, unit: mm, sentinel: { 65535: NO_TARGET } }
  - { name: temperature, type: i16, scale: 0.1, unit: °C }
  - { name: battery, unit: percent }
  - { name: tilt, bits: 0 }
geometry: { blind_zone: 200 mm }
`);
  const result = await decode(type, '05dcffce5001', 10);
  expect(result.ok && result.values.map(({ quantity, value }) => [quantity, value])).toEqual([
    ['distance', 1.5],
    ['temperature', -5],
    ['battery', 0.8],
    ['tilt', 1],
  ]);
  const none = await decode(type, 'ffff00d75000', 10);
  expect(none.ok && none.values[0]).toMatchObject({ value: null, quality: 'invalid', flags: ['NO_TARGET'] });
  const encoded = encodeFields(type.manifest, type.manifest.fields!, {
    distanceM: 1.5,
    temperatureC: -5,
    battery: 0.8,
    tilted: true,
  });
  expect(encoded).toEqual({ fPort: 10, bytes: bytesOf('05dcffce5001') });
  const blind = encodeFields(type.manifest, type.manifest.fields!, { distanceM: null });
  expect(blind?.bytes.slice(0, 2)).toEqual(bytesOf('ffff'));
});

test.each([
  ['fields: [{ name: a, type: u9 }]\nmeasurements: {}', /fields\.frames\.0\.fields\.0\.type/],
  ['fields: [{ name: a, length: 2 }]\nmeasurements: {}', /length: is for bcd, ascii and hex/],
  ['fields: [{ name: a, bits: [6, 9] }]\nmeasurements: {}', /bits: are \[lowest, highest\] within the type/],
  ['fields: [{ name: a }]\ncodec: codec.js\nmeasurements: {}', /fields: stand instead of a codec/],
  ['fields: [{ name: a, wibble: 1 }]\nmeasurements: {}', /"wibble" is no key of this part; known: name, at/],
])('%s is a fault', async (yaml, message) => {
  const { faults } = await typeFromFiles({ sensorYaml: `id: acme-x\n${yaml}`, codecJs: '' });
  expect(faults.map((one) => `${one.field}: ${one.message}`).join('\n')).toMatch(message);
});

/** Three built-in devices, written as fields only. */
const AS_FIELDS: Record<string, string> = {
  'dragino-ldds75': `
  - { port: 2, length: 4, fields: [{ name: distance, value: No Sensor }] }
  - port: 2
    length: 5
    fields:
      - { name: Bat, type: u16, bits: [0, 13], scale: 0.001 }
      - { name: distance, type: u16 }
  - port: 2
    length: 8..
    fields:
      - { name: Bat, type: u16, bits: [0, 13], scale: 0.001 }
      - { name: distance, type: u16 }
      - { name: interrupt, skip: true }
      - { name: TempC_DS18B20, type: i16, scale: 0.1 }
      - { name: Sensor_flag }`,
  'milesight-em310-udl': `
  port: 85
  endian: little
  tlv:
    idBytes: 2
    items:
      - { id: '01 75', name: battery }
      - { id: '03 82', name: distance, type: u16 }
      - { id: '04 00', name: tilt }
      - { id: 'ff 01', name: protocol_version }
      - { id: 'ff 09', name: hardware_version, type: hex, length: 2 }
      - { id: 'ff 0a', name: software_version, type: hex, length: 2 }
      - { id: 'ff 0b', name: power_on }
      - { id: 'ff 0f', name: lorawan_class }
      - { id: 'ff 16', name: serial_number, type: hex, length: 8 }`,
  'elsys-elt': `
  port: 1..223
  tlv:
    items:
      - { id: 1, name: temperature, type: i16, scale: 0.1 }
      - { id: 2, name: humidity }
      - { id: 3, name: xyz, type: hex, length: 3 }
      - { id: 4, name: light, type: u16 }
      - { id: 5, name: pir }
      - { id: 6, name: co2, type: u16 }
      - { id: 7, name: vdd, type: u16 }
      - { id: 8, name: analog1, type: u16 }
      - { id: 9, name: position, type: hex, length: 6 }
      - { id: 10, name: pulse1, type: u16 }
      - { id: 11, name: pulseAbs1, type: u32 }
      - { id: 12, name: externalTemperature, type: i16, scale: 0.1 }
      - { id: 13, name: digital }
      - { id: 14, name: distance, type: u16 }
      - { id: 15, name: accMotion }
      - { id: 16, name: ir, type: hex, length: 4 }
      - { id: 17, name: occupancy }
      - { id: 18, name: waterleak }
      - { id: 20, name: pressure, type: i32, scale: 0.001 }
      - { id: 21, fields: [{ name: peak }, { name: soundAvg }] }
      - { id: 22, name: pulse2, type: u16 }
      - { id: 23, name: pulseAbs2, type: u32 }
      - { id: 24, name: analog2, type: u16 }
      - { id: 25, name: externalTemperature2, type: i16, scale: 0.1 }
      - { id: 26, name: digital2 }
      - { id: 27, name: analogUv, type: i32 }
      - { id: 28, name: voc, type: u16 }`,
};
/** Where the codec gives a text, the fields give the number that it stands for. */
const PATCHES: Record<string, Record<string, object>> = {
  'dragino-ldds75': {
    distance: { from: 'distance', invalid: { 'No Sensor': 'SENSOR_FAULT', 0: 'SENSOR_FAULT', '<280': 'TOO_CLOSE' } },
  },
  'milesight-em310-udl': {
    distance: { quality: [{ when: 'tilt', equals: 1, flag: 'TILTED' }] },
    tilt: { map: { 1: 1, '*': 0 } },
  },
};

describe.each(Object.keys(AS_FIELDS))('%s as fields', (id) => {
  test('gives the same readings as its codec on 3,000 random, cut and flipped payloads', async () => {
    const { type: builtIn } = await readFolder(`${BUILT_IN_TYPES}${id}`);
    const manifest = parse(readFileSync(`${BUILT_IN_TYPES}${id}/sensor.yaml`, 'utf8')) as Record<string, object>;
    const { codec: _, measurements, ...rest } = manifest;
    const fields: unknown = parse(AS_FIELDS[id] ?? '');
    const own = await typeOf(stringify({ ...rest, fields, measurements: patched(measurements, PATCHES[id]) }));
    const seeds = builtIn!.examples.flatMap(({ input }) => ('hex' in input ? [bytesOf(input.hex)] : []));
    const port = builtIn!.manifest.fPorts[0] ?? 5;
    const inputs = [...fuzzBytes(seeds, 3000, randomFrom(11))].map((bytes, i) => ({
      bytes,
      fPort: i % 20 === 0 ? 250 : port,
      recvTime: RECV_TIME,
    }));
    const [theirs, ours] = await Promise.all(
      [builtIn!, own].map((type) => decoder.decodeBatch(inputs.map((input) => ({ type, input })))),
    );
    expect(ours!.filter(({ ok }) => ok).length).toBeGreaterThan(500);
    expect(ours!.map(readingsOf)).toEqual(theirs!.map(readingsOf));
  });
});

function patched(lines: object | undefined, patches: Record<string, object> = {}): object {
  const entries = Object.entries((lines ?? {}) as Record<string, object>);
  return Object.fromEntries(entries.map(([key, line]) => [key, { ...line, ...patches[key] }]));
}

function readingsOf(result: TypeDecodeResult): CanonicalValue[] | 'refused' {
  return result.ok ? result.values : 'refused';
}
