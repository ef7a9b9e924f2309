import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { CHIRPSTACK } from './protobuf-vectors.ts';
import { bytes, eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

const device = { devEui: '0101010101010101' };
const v4 = { time: '2022-07-18T09:34:15.775023242+00:00', deviceInfo: { devEui: '0101010101010101' } };
const AT = Date.UTC(2022, 6, 18, 9, 34, 15, 775);
const about = { source: 'chirpstack', device, atMs: AT };
const topic = (event: string): string => `application/1/device/0101010101010101/event/${event}`;
const ITEM = '1bbcab1d-6ec6-4136-b3f5-d63be1dc08de';

test('an uplink with nothing but gateways is read with zeros', () => {
  const uplink = only(parseEnvelope({ ...v4, devAddr: '00189440', rxInfo: [{ rssi: -36 }] }));
  expect(uplink).toMatchObject({ fCnt: 0, fPort: 0, session: '00189440', radio: { rssi: -36, snr: 0 }, atMs: AT });
});

test('the older form with a base64 EUI and the hexadecimal one are the same device', () => {
  const old = { applicationID: '1', fPort: 5, fCnt: 10, data: 'qg==' };
  expect(only(parseEnvelope({ ...old, devEUI: 'AgICAgICAgI=' })).device).toEqual({ devEui: '0202020202020202' });
  expect(only(parseEnvelope({ ...old, devEUI: '0202020202020202' })).device).toEqual({ devEui: '0202020202020202' });
});

test('data rate and gateways are read from every form: v4, v3 with base64 ids and kHz, and gateways of their own', () => {
  const rate = { spreadingFactor: 11, bandwidthHz: 125_000 };
  const own = { ...v4, data: 'qg==', rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -104, snr: -3 }] };
  const modulation = { lora: { bandwidth: 125000, spreadingFactor: 11 } };
  expect(only(parseEnvelope({ ...own, txInfo: { modulation } })).radio).toMatchObject({
    ...rate,
    seenBy: [{ id: '0016c001f153a14c', rssi: -104, snr: -3 }],
  });
  const old = { applicationID: '1', devEUI: 'AgICAgICAgI=', data: 'qg==' };
  const txInfo = { modulation: 'LORA', loRaModulationInfo: { bandwidth: 125, spreadingFactor: 11 } };
  const rxInfo = [{ gatewayID: 'AwMDAwMDAwM=', rssi: -48, loRaSNR: 9 }];
  expect(only(parseEnvelope({ ...old, rxInfo, txInfo })).radio).toMatchObject({
    ...rate,
    seenBy: [{ id: '0303030303030303', rssi: -48, snr: 9 }],
  });
  const gateway = { ...old, rxInfo: [{ mac: '24e124fffef021be', rssi: -57, loRaSNR: 10 }] };
  const dataRate = { modulation: 'LORA', bandwidth: 125, spreadFactor: 11 };
  expect(only(parseEnvelope({ ...gateway, txInfo: { dataRate } })).radio).toMatchObject({
    ...rate,
    seenBy: [{ id: '24e124fffef021be' }],
  });
});

test('the topic names the event; without one its fields do', () => {
  expect(eventsOf(parseEnvelope({ ...v4, devAddr: '00189440' }, topic('join')))).toEqual([
    { ...about, kind: 'join', session: '00189440' },
  ]);
  expect(eventsOf(parseEnvelope({ ...v4, devAddr: '00189440' }))).toMatchObject([{ kind: 'join' }]);
  const oldJoin = { applicationID: '1', devEUI: 'AgICAgICAgI=', devAddr: 'AFE5Qg==', rxInfo: [{ rssi: -50 }], dr: 0 };
  expect(eventsOf(parseEnvelope(oldJoin))).toMatchObject([{ kind: 'join', session: 'AFE5Qg==' }]);
  for (const event of ['integration', 'log'])
    expect(parseEnvelope(v4, topic(event))).toEqual({ kind: 'ignored', event, family: 'chirpstack' });
});

test('a status gives charge and margin; on mains or unknown there is no charge', () => {
  const status = (fields: object) => eventsOf(parseEnvelope({ ...v4, ...fields }));
  const base = { ...about, kind: 'status' };
  expect(status({ margin: 10, batteryLevel: 88.3 })).toEqual([
    { ...base, battery: 0.883, externalPower: false, marginDb: 10 },
  ]);
  expect(status({ externalPowerSource: true })).toEqual([{ ...base, battery: null, externalPower: true, marginDb: 0 }]);
  expect(status({ margin: 3, batteryLevelUnavailable: true })).toMatchObject([{ battery: null, externalPower: false }]);
  expect(status({ margin: 3 })).toMatchObject([{ battery: null }]);
});

test('downlinks are followed by their queue item: sent, acknowledged, not acknowledged, given up', () => {
  const base = { ...about, kind: 'downlink', correlationId: ITEM };
  const item = { ...v4, queueItemId: ITEM, fCntDown: 3 };
  expect(eventsOf(parseEnvelope({ ...item, downlinkId: 1, gatewayId: '0016c001f153a14c' }))).toEqual([
    { ...base, status: 'sent', fCntDown: 3, detail: null },
  ]);
  expect(eventsOf(parseEnvelope({ ...item, acknowledged: true }))).toMatchObject([{ status: 'acknowledged' }]);
  expect(eventsOf(parseEnvelope(item))).toMatchObject([
    { status: 'failed', detail: 'the device did not acknowledge it' },
  ]);
  const log = { ...v4, level: 'ERROR', code: 'DOWNLINK_PAYLOAD_SIZE', context: { queue_item_id: ITEM } };
  expect(eventsOf(parseEnvelope({ ...log, description: 'too large' }))).toEqual([
    { ...base, status: 'failed', fCntDown: null, detail: 'DOWNLINK_PAYLOAD_SIZE: too large' },
  ]);
  expect(parseEnvelope({ ...v4, level: 'ERROR', code: 'UPLINK_MIC' })).toMatchObject({ kind: 'ignored', event: 'log' });
});

test('a location is an event, and one off the globe is passed over', () => {
  const location = { latitude: 52.1, longitude: 5.1, altitude: 2 };
  expect(eventsOf(parseEnvelope({ ...v4, location }))).toEqual([
    { ...about, kind: 'location', lat: 52.1, lon: 5.1, accuracyM: null },
  ]);
  expect(parseEnvelope({ ...v4, location: { latitude: 99 } })).toMatchObject({ kind: 'ignored' });
});

test('a payload that the server cannot decrypt is refused with the remedy', () => {
  const parsed = parseEnvelope({ ...v4, data: 'qg==', joinServerContext: { sessionKeyId: 'x' } });
  expect(faultsOf(parsed)).toEqual(['data']);
  expect(parsed).toMatchObject({ faults: [{ remedy: expect.stringContaining('key') as unknown }] });
});

test('faults name the field', () => {
  expect(faultsOf(parseEnvelope({ deviceInfo: {}, data: 'qg==' }))).toEqual(['deviceInfo.devEui']);
  expect(faultsOf(parseEnvelope({ deviceInfo: { devEui: '01' }, data: '%', fCnt: 1.5 })).sort()).toEqual([
    'data',
    'deviceInfo.devEui',
    'fCnt',
  ]);
});

const fromBytes = (digits: string, event?: string) =>
  parseEnvelope(bytes(digits), event === undefined ? undefined : topic(event));

test.each([undefined, 'up'])('an uplink in protobuf says the same as in JSON (topic says %s)', (event) => {
  const uplink = only(fromBytes(CHIRPSTACK.up, event));
  expect(uplink).toMatchObject({ ...about, session: '00189440', fCnt: 70_000, fPort: 1, values: [] });
  expect(hex(uplink)).toBe('aa');
  expect(uplink.radio).toEqual({
    rssi: -36,
    snr: 10.5,
    gateways: 2,
    spreadingFactor: 11,
    bandwidthHz: 125_000,
    seenBy: [
      { id: '0016c001f153a14d', rssi: -36, snr: 10.5 },
      { id: '0016c001f153a14c', rssi: -104, snr: -3.25 },
    ],
  });
  expect(only(fromBytes(CHIRPSTACK.upZero, event))).toMatchObject({ fCnt: 0, fPort: 0, bytes: new Uint8Array() });
});

test.each([
  ['join', { kind: 'join', session: '00189440' }],
  ['ack', { kind: 'downlink', status: 'acknowledged', correlationId: ITEM, fCntDown: 3 }],
  ['nack', { kind: 'downlink', status: 'failed', correlationId: ITEM }],
  ['txack', { kind: 'downlink', status: 'sent', correlationId: '42cb6459-a640-46ec-9623-bdff39dc4736', fCntDown: 2 }],
  ['status', { kind: 'status', battery: 0.883, externalPower: false, marginDb: -7 }],
  ['statusExternal', { kind: 'status', battery: null, externalPower: true, marginDb: 10 }],
  ['location', { kind: 'location', lat: 37.344214, lon: -8.839375, accuracyM: 12.5 }],
  [
    'log',
    { kind: 'downlink', status: 'failed', detail: 'EXPIRED: Device queue-item discarded because it has expired' },
  ],
] as const)('the event %s in protobuf is told by its bytes and by its topic alike', (name, event) => {
  const named = { nack: 'ack', statusExternal: 'status' }[name as 'nack'] ?? name;
  for (const parsed of [fromBytes(CHIRPSTACK[name]), fromBytes(CHIRPSTACK[name], named)])
    expect(eventsOf(parsed)).toMatchObject([{ ...about, ...event }]);
});

test('bytes that are no event of ChirpStack are refused', () => {
  expect(fromBytes(CHIRPSTACK.logMic)).toMatchObject({ kind: 'ignored', event: 'log' });
  for (const digits of ['', '00', '0a', '0aff', CHIRPSTACK.up.slice(0, -2), CHIRPSTACK.up.replace('4210', '4211')])
    expect([digits.slice(0, 8), fromBytes(digits).kind]).toEqual([digits.slice(0, 8), 'refused']);
});

test('the message alone says whose it is, and a gateway that posts by itself is told apart', () => {
  expect(familyOf(v4)).toBe('chirpstack');
  expect(familyOf(bytes(CHIRPSTACK.up))).toBe('chirpstack');
  const own = { devEUI: '24e1641092176759', data: 'qg==', rxInfo: [{ mac: '24e124fffef021be', rssi: -57 }] };
  expect(familyOf(own)).toBe('http');
});
