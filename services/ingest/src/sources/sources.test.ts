import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Uplink } from '@ronde/contracts';
import { sharedData } from '../../../../tests/shared-data.ts';
import { checkEnvelopes } from '../check-envelopes.ts';
import { parseEnvelope } from './index.ts';
import { native } from './native.ts';
import { senml } from './senml.ts';
import type { Parsed } from './parsed.ts';
import { toDevEui, toMs } from './fields.ts';

const NOW = Date.UTC(2026, 0, 5, 6);
const context = { receivedAtMs: NOW, deviceId: 'bin-1' };

function only(parsed: Parsed): Uplink {
  expect(parsed).toMatchObject({ kind: 'uplinks' });
  const uplinks = parsed.kind === 'uplinks' ? parsed.uplinks : [];
  expect(uplinks).toHaveLength(1);
  return uplinks[0]!;
}
function faultsOf(parsed: Parsed): string[] {
  return parsed.kind === 'refused' ? parsed.faults.map((f) => f.field) : [];
}
const hex = (uplink: Uplink): string => Buffer.from(uplink.bytes ?? []).toString('hex');

describe('The Things Stack', () => {
  const ids = { device_id: 'dev1', dev_eui: '0004A30B001C0530', dev_addr: '00BCB929' };

  test('zero values that proto3 JSON leaves out are read as zero', () => {
    const uplink = only(parseEnvelope({ end_device_ids: ids, uplink_message: { session_key_id: 's' } }));
    expect(uplink).toMatchObject({
      device: { devEui: '0004a30b001c0530' },
      fCnt: 0,
      fPort: 0,
      session: 's',
      atMs: null,
      radio: null,
    });
    expect(hex(uplink)).toBe('');
  });

  test('the gateway that heard best gives the signal, and entries without one are passed over', () => {
    const rx_metadata = [{ rssi: -110, snr: -3 }, { packet_broker: {} }, { rssi: -80, snr: 7.5 }];
    const uplink = only(parseEnvelope({ end_device_ids: ids, uplink_message: { frm_payload: 'qg==', rx_metadata } }));
    expect(uplink.radio).toEqual({ rssi: -80, snr: 7.5, gateways: 3 });
  });

  test('every other message type is an ignored event', () => {
    for (const event of ['join_accept', 'downlink_ack', 'downlink_failed', 'location_solved', 'service_data']) {
      expect(parseEnvelope({ end_device_ids: ids, [event]: {} })).toMatchObject({ kind: 'ignored', event });
    }
  });

  test('a message whose filter dropped the device takes it from the topic', () => {
    const uplink = only(parseEnvelope({ uplink_message: { frm_payload: 'qg==' } }, 'v3/app@ttn/devices/bin-7/up'));
    expect(uplink.device).toEqual({ deviceId: 'bin-7' });
  });

  test('faults name the field', () => {
    expect(faultsOf(parseEnvelope({ uplink_message: {} }))).toEqual(['end_device_ids.dev_eui']);
    expect(faultsOf(parseEnvelope({ end_device_ids: ids, uplink_message: { frm_payload: '%', f_cnt: -1 } }))).toEqual(
      expect.arrayContaining(['uplink_message.frm_payload', 'uplink_message.f_cnt']),
    );
    expect(faultsOf(parseEnvelope({ end_device_ids: ids, uplink_message: { decoded_payload: { a: 1 } } }))).toEqual([
      'uplink_message.frm_payload',
    ]);
  });
});

describe('ChirpStack', () => {
  const v4 = {
    time: '2022-07-18T09:34:15.775023242+00:00',
    deviceInfo: { devEui: '0101010101010101' },
    devAddr: '00189440',
  };

  test('an uplink with nothing but gateways is read with zeros', () => {
    const uplink = only(parseEnvelope({ ...v4, rxInfo: [{ rssi: -36 }] }));
    expect(uplink).toMatchObject({ fCnt: 0, fPort: 0, session: '00189440', radio: { rssi: -36, snr: 0 } });
    expect(new Date(uplink.atMs!).toISOString()).toBe('2022-07-18T09:34:15.775Z');
  });

  test('the older form with a base64 EUI and the hexadecimal one are the same device', () => {
    const old = { applicationID: '1', fPort: 5, fCnt: 10, data: 'qg==' };
    expect(only(parseEnvelope({ ...old, devEUI: 'AgICAgICAgI=' })).device).toEqual({ devEui: '0202020202020202' });
    expect(only(parseEnvelope({ ...old, devEUI: '0202020202020202' })).device).toEqual({ devEui: '0202020202020202' });
  });

  test('the topic names the event; without one the fields do', () => {
    expect(parseEnvelope(v4, 'application/1/device/0101010101010101/event/join')).toEqual({
      kind: 'ignored',
      event: 'join',
      family: 'chirpstack',
    });
    expect(parseEnvelope(v4)).toMatchObject({ kind: 'ignored', event: 'join' });
    expect(parseEnvelope({ ...v4, margin: 10 })).toMatchObject({ kind: 'ignored', event: 'status' });
    expect(parseEnvelope({ ...v4, queueItemId: 'x', fCntDown: 3 })).toMatchObject({ kind: 'ignored', event: 'ack' });
  });
});

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

  test('unknown names beside known ones are warnings with a remedy, alone they refuse the message', () => {
    expect(native.parse({ fill: 0.4, temp: 3 }, context)).toMatchObject({
      kind: 'uplinks',
      warnings: [{ field: 'temp', remedy: 'did you mean "temperature"?' }],
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
      kind: 'uplinks',
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
    expect(parseEnvelope(odd).kind).not.toBe('uplinks');
  }
});

test('times are cut after the millisecond, odd forms of gateways included', () => {
  expect(toMs('2023-05-19T05:33:35.641841782Z')).toBe(1_684_474_415_641);
  expect(toMs('2020-0327T12:39:05.547336Z')).toBe(1_585_312_745_547);
  expect(toMs('2023-08-01T16:47:40+0200')).toBe(Date.UTC(2023, 7, 1, 14, 47, 40));
  expect(toMs('2023-13-01T16:47:40Z')).toBeUndefined();
  expect(toDevEui('70-B3-D5-7B-A0-00-15-6B')).toBe('70b3d57ba000156b');
});

const pairs = sharedData('sensors/envelope-pairs.jsonl');
test.skipIf(!pairs)(
  '126 real messages of seven integrations are recognised and read exactly (needs the shared data)',
  () => {
    const lines = readFileSync(pairs!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(checkEnvelopes(lines)).toMatchObject({ total: 126, recognised: 126, exact: 126, failures: [] });
  },
);

test('the check of envelopes says which field is wrong', () => {
  const payload = {
    cmd: 'rx',
    EUI: 'FC48C900000001C5',
    ts: 1731410377000,
    fcnt: 2,
    port: 11,
    rssi: -78,
    snr: 7.8,
    data: '0101',
  };
  const lines = [
    { integration: 'LORIOT', payload },
    { integration: 'ChirpStack', file: 'a', payload },
    { integration: 'LORIOT', payload: { ...payload, EUI: 'x' } },
    3,
  ];
  const check = checkEnvelopes(lines);
  expect(check).toMatchObject({ total: 4, recognised: 2, exact: 1, byShape: { LORIOT: { total: 2, exact: 1 } } });
  const says = (text: string) => expect.stringContaining(text) as unknown;
  expect(check.failures).toEqual([
    { line: 2, file: 'a', why: 'family loriot, not chirpstack' },
    { line: 3, file: '', why: 'EUI is not a devEUI of 8 bytes' },
    { line: 4, file: '', why: says('family unknown') },
  ]);
});

const envelopes = sharedData('sensors/envelopes');
test.skipIf(!envelopes)(
  'documented events of The Things Stack and ChirpStack are uplinks or ignored events, never faults (needs the shared data)',
  () => {
    const files = readdirSync(envelopes!).filter((name) =>
      /^(tts3-(format|cayenne)|chirpstack4|real-(things|chirp))/.test(name),
    );
    const results = files.flatMap((name) => {
      const file = JSON.parse(readFileSync(`${envelopes}/${name}`, 'utf8')) as {
        valid_json: boolean;
        topic: string;
        body: unknown;
      };
      return file.valid_json
        ? [
            `${name}: ${parseEnvelope(file.body, 'v3/a@t/devices/d/up'.replace('v3', name.startsWith('tts') ? 'v3' : 'x')).kind}`,
          ]
        : [];
    });
    expect(results.filter((line) => line.endsWith('refused'))).toEqual([]);
    expect(results.filter((line) => line.endsWith('uplinks')).length).toBeGreaterThanOrEqual(7);
  },
);
