import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';
import { RECV_TIME, linesOf } from '../test-support.ts';
import { checkCodecs } from './check-codecs.ts';
import { checkNormalise } from './check-normalise.ts';
import { decodeOnce } from './decode-once.ts';
import { decodedEqual, differenceOf } from './deep-equal.ts';

function codecsWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-codecs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('one payload is decoded with a type to data and readings', async () => {
  const report = await decodeOnce({
    type: 'milesight-em310-udl',
    fPort: 85,
    hex: '01755c 03824408 040001',
    recvTime: RECV_TIME,
  });
  expect(report.data).toEqual({ battery: 92, distance: 2116, tilt: 'tilt' });
  expect(report.readings[0]).toEqual({
    quantity: 'distance',
    value: 2.116,
    unit: 'm',
    quality: 'suspect',
    flags: ['TILTED'],
  });
});

test('one payload is decoded with a bare script, and errors are told', async () => {
  const script =
    'function decodeUplink(i) { return i.fPort === 1 ? { data: { n: i.bytes.length } } : { errors: ["port"] }; }';
  const base = { script, hex: '0102', recvTime: RECV_TIME };
  expect(await decodeOnce({ ...base, fPort: 1 })).toEqual({ data: { n: 2 }, errors: [], warnings: [], readings: [] });
  expect(await decodeOnce({ ...base, fPort: 2 })).toEqual({ data: null, errors: ['port'], warnings: [], readings: [] });
});

test('wrong hexadecimal and unknown types are refused by code', async () => {
  const base = { fPort: 1, recvTime: RECV_TIME };
  await expect(decodeOnce({ ...base, type: 'plain', hex: 'xyz' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(decodeOnce({ ...base, type: 'nobody', hex: '00' })).rejects.toMatchObject({
    code: 'SENSOR_TYPE_UNKNOWN',
  });
});

test('a bare script with normalizeUplink gives readings', async () => {
  const script = `function Decoder(bytes) { return { t: bytes[0] }; }
    function normalizeUplink(i) { return { data: [{ air: { temperature: i.data.t } }] }; }`;
  const report = await decodeOnce({ script, hex: '15', fPort: 1 });
  expect(report).toMatchObject({ data: { t: 21 }, readings: [{ quantity: 'temperature', value: 21, unit: 'Cel' }] });
});

test('scripts of every accepted form run unmodified and are compared', async () => {
  const folder = codecsWith({
    'ts013.js':
      'function decodeUplink(i) { return { data: { v: i.bytes[0], u: undefined, bad: 0 / 0 } }; } function encodeDownlink(i) { return { bytes: [i.data.v], fPort: 3 }; } function decodeDownlink(i) { return { data: { v: i.bytes[0] } }; }',
    'ttn2.js':
      'function Decoder(bytes, port) { return { v: bytes[0] + port }; } function Encoder(obj) { return [obj.v]; }',
    'cs3.js': 'function Decode(fPort, bytes, variables) { return { v: bytes[0] + fPort }; }',
    'module.js': 'module.exports = { decodeUplink: (i) => ({ data: { v: Buffer.from(i.bytes).readUInt16BE(0) } }) };',
    'lexical.js': 'const decodeUplink = (i) => ({ data: { v: i.bytes.length } });',
  });
  const line = (id: string, script: string, rest: object) =>
    JSON.stringify({ id, script, routine: 'decodeUplink', fPort: 1, bytesHex: '0205', ...rest });
  const lines = [
    line('a', 'ts013.js', { expected: { data: { v: 2.0000001, bad: null } } }),
    line('b', 'ts013.js', {
      routine: 'encodeDownlink',
      bytesHex: undefined,
      inputData: { v: 7 },
      expected: { fPort: 3, bytesHex: '07' },
    }),
    line('c', 'ts013.js', {
      routine: 'encodeDownlink',
      bytesHex: undefined,
      input: { data: { v: 8 } },
      expected: { fPort: 3, bytesHex: '08' },
    }),
    line('d', 'ts013.js', { routine: 'decodeDownlink', expected: { data: { v: 2 } } }),
    line('e', 'ttn2.js', { expected: { data: { v: 3 } } }),
    line('f', 'ttn2.js', {
      routine: 'encodeDownlink',
      bytesHex: undefined,
      inputData: { v: 9 },
      expected: { bytesHex: '09' },
    }),
    line('g', 'cs3.js', { expected: { data: { v: 3 } } }),
    line('h', 'module.js', { expected: { data: { v: 517 } } }),
    line('i', 'lexical.js', { expected: { data: { v: 2 } } }),
    line('wrong', 'lexical.js', { expected: { data: { v: 3 } } }),
    line('lost', 'none.js', { expected: {} }),
    line('outside', '../../etc/passwd', { expected: {} }),
    'not json',
  ];
  const report = await checkCodecs(lines, folder);
  expect(report).toMatchObject({ total: 13, exact: 9, mismatch: 1, errors: 3 });
  expect(report.failures.map(({ id }) => id)).toEqual(['wrong', 'lost', 'outside', 'line 13']);
  expect(report.byScript['ts013.js']).toEqual({ total: 4, exact: 4 });
});

test('bytes may be written as numbers, as hexadecimal text or as a typed array, wherever they stand', async () => {
  const folder = codecsWith({
    'down.js':
      'function decodeUplink(i) { return { data: { n: i.bytes.length } }; } function encodeDownlink(i) { return i.data.as === "text" ? { bytes: "0A0b" } : { bytes: Uint8Array.of(10, 11) }; }',
  });
  const line = (id: string, rest: object) => ({ id, script: 'down.js', ...rest });
  const down = { routine: 'encodeDownlink' };
  const report = await checkCodecs(
    [
      line('hex input', { input: { bytes: '01 02 03', fPort: 1 }, expected: { data: { n: 3 } } }),
      line('list input', { input: { bytes: [1, 2], fPort: 1 }, expected: { data: { n: 2 } } }),
      line('text', { ...down, inputData: { as: 'text' }, expected: { bytes: [10, 11], fPort: 1 } }),
      line('typed', { ...down, inputData: { as: 'typed' }, expected: { bytes: '0a0b' } }),
      line('odd', { input: { bytes: '0' }, expected: {} }),
      line('wrong', { ...down, inputData: { as: 'typed' }, expected: { bytes: '0a0c' } }),
    ],
    folder,
  );
  expect(report.failures.map(({ id }) => id)).toEqual(['odd', 'wrong']);
});

test('normalised measurements are compared as The Things Stack reads them: one is a list of one', async () => {
  const folder = codecsWith({
    'n.js':
      'function decodeUplink(i) { return { data: { t: i.bytes[0] } }; } function normalizeUplink(i) { return { data: { air: { temperature: i.data.t } } }; }',
  });
  const line = { script: 'n.js', routine: 'normalizeUplink', fPort: 1, bytesHex: '07' };
  const report = await checkCodecs(
    [
      { ...line, id: 'list', expected: { data: [{ air: { temperature: 7 } }] } },
      { ...line, id: 'one', expected: { data: { air: { temperature: 7 } } } },
      { ...line, id: 'other', expected: { data: [{ air: { temperature: 8 } }] } },
    ],
    folder,
  );
  expect(report.failures.map(({ id }) => id)).toEqual(['other']);
});

test('comparison ignores undefined, takes NaN for null and rounds at a millionth', () => {
  expect(decodedEqual({ a: 1, b: undefined, c: NaN }, { a: 1.0000000001, c: null })).toBe(true);
  expect(differenceOf({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe('a.1.b: expected 2, got 3');
  expect(decodedEqual({ a: null }, {})).toBe(true);
  expect(decodedEqual({ at: 'XXXX-XX-XXTXX:XX:XX.XXXZ' }, { at: '2024-05-01T10:00:00.000Z' })).toBe(true);
  expect(decodedEqual({ at: 'XXXX-XX-XXTXX:XX:XX.XXXZ' }, { at: 'soon' })).toBe(false);
  expect(decodedEqual([1], { 0: 1 })).toBe(false);
  expect(decodedEqual({ a: 'x' }, { a: 'x', b: 1 })).toBe(false);
});

test('normalise check tells right, invalid, wrong and unmapped apart', async () => {
  const line = (rest: object) => JSON.stringify({ routine: 'decodeUplink', fPort: 85, bytesHex: '03824408', ...rest });
  const canonical = [{ quantity: 'distance', value: 2116, unit: 'mm', quality: 'ok' }];
  const report = await checkNormalise([
    line({ id: 'own', type: 'milesight-em310-udl', expected: { data: { distance: 2116 } } }),
    line({ id: 'milesight-iot/em310-udl-codec#decodeUplink:9', expected: {}, canonical }),
    line({
      id: 'sentinel',
      script: 'vendor/milesight-iot/em310-udl.js',
      bytesHex: '0382ffff',
      expected: { data: { distance: 65535 } },
    }),
    line({ id: 'odd', vendor: 'milesight-iot', devices: ['em310-udl'], expected: { data: { distance: 9 } } }),
    line({ id: 'acme/x-codec#decodeUplink:0', expected: {} }),
    JSON.parse(line({ id: 'down', routine: 'encodeDownlink', expected: {} })),
    '',
  ]);
  expect(report).toMatchObject({ total: 5, right: 2, invalid: 1, wrong: 1, unmapped: 1 });
});

const examplesFile = sharedData('sensors/payload-examples.jsonl');

test.skipIf(!examplesFile)(
  'normalises the public examples of our devices without a wrong one (skipped: the public data set is not beside this checkout)',
  async () => {
    const report = await checkNormalise(linesOf(examplesFile ?? ''));
    expect(report).toMatchObject({ wrong: 0, unmapped: 0 });
    expect(report.right + report.invalid).toBeGreaterThanOrEqual(33);
  },
);

test('canonical values are compared in any unit, by chamber, and openly invalid is not wrong', async () => {
  const folder = codecsWith({
    'acme-two.js':
      'function decodeUplink(i) { return { data: { a: i.bytes[0], b: i.bytes[1] === 255 ? "No Sensor" : i.bytes[1] } }; }',
    'acme-two.yaml': 'measurements: { distance/left: { from: a, unit: cm }, distance/right: { from: b, unit: cm } }',
    'acme-water.js': 'function decodeUplink(i) { return { data: { a: i.bytes[0] } }; }',
    'acme-water.yaml': 'measurements: { waterLevel: { from: a, unit: cm } }',
    'broken.yaml': 'measurements: { distance: { from: a, unit: furlong } }',
  });
  const line = (id: string, bytesHex: string, canonical: object[]) => ({ id, type: 'acme-two', bytesHex, canonical });
  const distance = (value: number | null, rest: object = {}) => ({ quantity: 'distance', value, unit: 'mm', ...rest });
  const report = await checkNormalise(
    [
      line('both', '0a14', [distance(100, { chamber: 'left' }), distance(0.2, { chamber: 'right', unit: 'm' })]),
      line('in any order', '0a14', [distance(200), distance(100)]),
      line('told that there is none', '0aff', [distance(null, { chamber: 'right', quality: 'invalid' })]),
      line('openly none', '0aff', [distance(300, { chamber: 'right' })]),
      line('swapped', '0a14', [distance(200, { chamber: 'left' })]),
      line('a value where there is none', '0a14', [distance(null, { chamber: 'right', quality: 'invalid' })]),
      line('another quality', '0a14', [distance(100, { quality: 'suspect' })]),
      line('out of nothing', '0a14', []),
      { ...line('water out of nothing', '0a', []), type: 'acme-water' },
      line('not measured', '0a14', [{ quantity: 'fill', value: 0.5 }]),
      line('no such quantity', '0a14', [{ quantity: 'wibble', value: 1 }]),
      line('no such unit', '0a14', [distance(100, { unit: 'V' })]),
      line('no hexadecimal', '0a1', [distance(100)]),
    ],
    [folder],
  );
  expect(report).toMatchObject({ total: 13, right: 3, invalid: 1, wrong: 9, unmapped: 0 });
  expect(report.failures.map(({ id }) => id)[0]).toBe('openly none');
  expect(report.faults.map(({ field }) => field)).toEqual([
    `${join(folder, 'broken.yaml')}: measurements.distance.unit`,
  ]);
});
