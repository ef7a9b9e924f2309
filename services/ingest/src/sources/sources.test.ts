import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';
import { parseEnvelope } from './index.ts';
import { native } from './native.ts';
import { senml } from './senml.ts';
import { NOW, faultsOf, hex, only } from './testing.ts';
import { toDevEui, toMs } from './fields.ts';

const context = { receivedAtMs: NOW, deviceId: 'bin-1' };

describe('native', () => {
  test('raw bytes, plain values and SenML are told apart', () => {
    expect(hex(only(native.parse({ fPort: 85, data: 'AXVk', fCnt: 7 }, context)))).toBe('017564');
    const plain = only(native.parse({ at: '2026-01-05T07:00:00+02:00', seq: 3, fill: 0.42, lidOpen: true }, context));
    expect(plain).toMatchObject({ device: { deviceId: 'bin-1' }, fCnt: 3, atMs: NOW - 3_600_000, bytes: null });
    expect(plain.values).toEqual([
      { quantity: 'fill', value: 0.42 },
      { quantity: 'lidOpen', value: 1 },
    ]);
    expect(only(native.parse([{ n: 'fill', u: '%', v: 42 }], context))).toMatchObject({
      source: 'native',
      values: [{ quantity: 'fill', value: 0.42 }],
    });
  });

  test('unknown names are kept in the words of the message, each with a remedy', () => {
    expect(native.parse({ fill: 0.4, temp: 3 }, context)).toMatchObject({
      kind: 'read',
      uplinks: [
        {
          values: [{ quantity: 'fill' }],
          words: { record: { fill: 0.4, temp: 3 }, faults: [{ field: 'temp', remedy: 'did you mean "temperature"?' }] },
        },
      ],
    });
    expect(faultsOf(native.parse({ colour: 3 }, context))).toEqual(['colour']);
    expect(faultsOf(native.parse({ fill: '0.4' }, context))).toEqual(['fill']);
    expect(faultsOf(native.parse({ at: 'yesterday', fill: 1 }, context))).toEqual(['at']);
    expect(faultsOf(native.parse({ fPort: 300, data: '%' }, context)).sort()).toEqual(['data', 'fPort']);
    for (const odd of [null, 3, 'x', {}, []]) expect(native.parse(odd, context).kind).toBe('refused');
  });

  test('a device cannot speak for another; an integration names the device in the body', () => {
    expect(faultsOf(native.parse({ deviceId: 'bin-2', fill: 1 }, context))).toEqual(['deviceId']);
    expect(only(native.parse({ deviceId: 'bin-2', fill: 1 }, { receivedAtMs: NOW })).device).toEqual({
      deviceId: 'bin-2',
    });
    expect(only(native.parse({ devEui: 'A840410000000001', fill: 1 }, { receivedAtMs: NOW })).device).toEqual({
      devEui: 'a840410000000001',
    });
  });
});

describe('SenML', () => {
  test('base fields hold for the following records, and small times count from receipt', () => {
    const parsed = senml.parse(
      [
        { bn: 'urn:dev:mac:0024befffe804ff1:', bt: -60, bu: 'Cel', n: 'temperature', v: 21.5 },
        { n: 'temperature', t: -60, v: 20 },
        { bn: 'urn:dev:imei:351756051523999:', bt: 1_713_193_637.5, bu: '%', n: '2/fill', v: 40 },
        { n: 'battery', vs: '32.0' },
      ],
      { receivedAtMs: NOW },
    );
    expect(parsed).toMatchObject({
      kind: 'read',
      warnings: [],
      uplinks: [
        {
          device: { devEui: '0024befffe804ff1' },
          values: [
            { quantity: 'temperature', value: 21.5, atMs: NOW - 60_000 },
            { quantity: 'temperature', value: 20, atMs: NOW - 120_000 },
          ],
        },
        {
          device: { imei: '351756051523999' },
          values: [
            { quantity: 'fill', value: 0.4, chamber: '2', atMs: 1_713_193_637_500 },
            { quantity: 'battery', value: 0.32, atMs: 1_713_193_637_500 },
          ],
        },
      ],
    });
  });

  test('faults name the record', () => {
    expect(faultsOf(senml.parse([{ n: 'fill', v: 1 }], { receivedAtMs: NOW }))).toEqual(['0.bn']);
    expect(
      faultsOf(
        senml.parse(
          [
            { n: 'fill', u: 'Cel', v: 1 },
            { n: 'fill', u: 'furlong', v: 1 },
          ],
          context,
        ),
      ),
    ).toEqual(['0.n', '1.u']);
    expect(faultsOf(senml.parse([{ n: 3 }], context))).toEqual(['0.n']);
  });
});

test('nothing that is not a message makes the reader throw', () => {
  for (const odd of [
    null,
    1,
    'x',
    [],
    {},
    [[]],
    [null],
    { uplink_message: 3 },
    { deviceInfo: {} },
    { cmd: 'rx', EUI: 1 },
    { DevEUI_uplink: null },
  ]) {
    expect(parseEnvelope(odd).kind).not.toBe('read');
  }
});

test('times are cut after the millisecond, odd forms of gateways included', () => {
  expect(toMs('2023-05-19T05:33:35.641841782Z')).toBe(1_684_474_415_641);
  expect(toMs('2020-0327T12:39:05.547336Z')).toBe(1_585_312_745_547);
  expect(toMs('2023-08-01T16:47:40+0200')).toBe(Date.UTC(2023, 7, 1, 14, 47, 40));
  expect(toMs('2023-13-01T16:47:40Z')).toBeUndefined();
  expect(toDevEui('70-B3-D5-7B-A0-00-15-6B')).toBe('70b3d57ba000156b');
});

const envelopes = sharedData('sensors/envelopes');
test.skipIf(!envelopes)(
  'every documented message of every network is read or passed over by name (needs the shared data)',
  () => {
    const kinds = readdirSync(envelopes!).flatMap((name) => {
      const file = JSON.parse(readFileSync(`${envelopes}/${name}`, 'utf8')) as {
        valid_json?: boolean;
        topic: string;
        body: { frameHex?: string };
      };
      // comments and missing commas of the documents themselves; a command goes to the network, not to us
      if (file.valid_json === false || name === 'INDEX.json' || name.includes('command-down')) return [];
      const body =
        file.body.frameHex === undefined ? file.body : new Uint8Array(Buffer.from(file.body.frameHex, 'hex'));
      const { kind } = parseEnvelope(body, undefined, NOW);
      return [`${name.replace(/\.json$/, '')}: ${kind}`];
    });
    // parts of a message: one without its envelope, one whose filter let the device go, so that only the topic names it
    expect(kinds.filter((line) => line.endsWith('refused'))).toEqual([
      'tts3-cayenne-lpp: refused',
      'tts3-webhook-1-: refused',
    ]);
    expect(kinds.filter((line) => line.endsWith('read')).length).toBeGreaterThanOrEqual(25);
  },
);
