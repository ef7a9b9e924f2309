import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

const ids = { device_id: 'dev1', dev_eui: '0004A30B001C0530', dev_addr: '00BCB929' };
const device = { devEui: '0004a30b001c0530' };
const received_at = '2020-02-17T10:32:24.590413417Z';
const AT = Date.UTC(2020, 1, 17, 10, 32, 24, 590);

test('zero values that proto3 JSON leaves out are read as zero', () => {
  const uplink = only(parseEnvelope({ end_device_ids: ids, uplink_message: { session_key_id: 's' } }));
  expect(uplink).toMatchObject({ device, fCnt: 0, fPort: 0, session: 's', atMs: null, radio: null });
  expect(hex(uplink)).toBe('');
});

test('the gateways are listed best first, forwarded ones by their own name, and the best one gives the signal', () => {
  const rx_metadata = [
    { gateway_ids: { gateway_id: 'far', eui: 'AA00000000000001' }, rssi: -110, snr: -3 },
    { gateway_ids: { gateway_id: 'packetbroker' }, packet_broker: { forwarder_gateway_id: 'neighbour' }, rssi: -95 },
    { gateway_ids: { gateway_id: 'silent' } },
    { gateway_ids: { gateway_id: 'near' }, rssi: -80, snr: 7.5 },
  ];
  const settings = { data_rate: { lora: { bandwidth: 125000, spreading_factor: 9 } } };
  const uplink_message = { frm_payload: 'qg==', rx_metadata, settings };
  expect(only(parseEnvelope({ end_device_ids: ids, uplink_message })).radio).toEqual({
    rssi: -80,
    snr: 7.5,
    gateways: 4,
    spreadingFactor: 9,
    bandwidthHz: 125_000,
    seenBy: [
      { id: 'near', rssi: -80, snr: 7.5 },
      { id: 'neighbour', rssi: -95, snr: 0 },
      { id: 'aa00000000000001', rssi: -110, snr: -3 },
      { id: 'silent', rssi: null, snr: null },
    ],
  });
});

test('what describes the way of a message may be odd without costing the measurement', () => {
  const uplink_message = { frm_payload: 'qg==', f_cnt: 3, rx_metadata: 'none', settings: [], received_at: 7 };
  expect(only(parseEnvelope({ end_device_ids: ids, received_at: null, uplink_message }))).toMatchObject({
    fCnt: 3,
    atMs: null,
    radio: null,
  });
});

test('the battery that the network asked for comes with the time of its answer', () => {
  const last_battery_percentage = { f_cnt: 2, value: 88.5, received_at };
  const uplink_message = { frm_payload: 'qg==', last_battery_percentage };
  expect(only(parseEnvelope({ end_device_ids: ids, uplink_message })).values).toEqual([
    { quantity: 'battery', value: 0.885, atMs: AT },
  ]);
});

test('a join tells the session that its uplinks will carry', () => {
  const message = { end_device_ids: ids, received_at, join_accept: { session_key_id: 'AXBS', received_at } };
  expect(eventsOf(parseEnvelope(message))).toEqual([
    { source: 'things-stack', device, atMs: AT, kind: 'join', session: 'AXBS' },
  ]);
});

test.each([
  ['downlink_queued', 'queued', null],
  ['downlink_sent', 'sent', null],
  ['downlink_ack', 'acknowledged', null],
  ['downlink_nack', 'failed', 'the device did not acknowledge it; The Things Stack tries again'],
])('%s is the progress of a downlink, found by the id that was given with it', (event, status, detail) => {
  const correlation_ids = ['as:downlink:01E19B99501X84X6CV471TVSZ1', 'rpc:/ttn.lorawan.v3.AppAs/Push:01', 'ronde:d-17'];
  const message = { end_device_ids: ids, received_at, [event]: { f_port: 15, f_cnt: 11, correlation_ids } };
  expect(eventsOf(parseEnvelope(message))).toEqual([
    {
      source: 'things-stack',
      device,
      atMs: AT,
      kind: 'downlink',
      status,
      detail,
      correlationId: 'ronde:d-17',
      fCntDown: 11,
    },
  ]);
});

test("a failed downlink says why; ids of the stack itself are nobody else's", () => {
  const downlink = { f_port: 15, frm_payload: 'vu8=', correlation_ids: ['as:downlink:01E19Z5W3BZBG7CXSJE9C0A3CE'] };
  const error = { name: 'application_downlink_too_long', message_format: 'application downlink payload is too long' };
  const message = { end_device_ids: ids, received_at, downlink_failed: { downlink, error } };
  expect(eventsOf(parseEnvelope(message))).toMatchObject([
    { kind: 'downlink', status: 'failed', correlationId: null, detail: 'application downlink payload is too long' },
  ]);
});

test('a solved location is an event; other messages of the server are passed over by name', () => {
  const location = { latitude: 52.1, longitude: 5.1, accuracy: 120, source: 'SOURCE_LORA_TDOA_GEOLOCATION' };
  expect(eventsOf(parseEnvelope({ end_device_ids: ids, location_solved: { service: 'x', location } }))).toMatchObject([
    { kind: 'location', lat: 52.1, lon: 5.1, accuracyM: 120 },
  ]);
  for (const event of ['service_data', 'downlink_queue_invalidated', 'uplink_normalized'])
    expect(parseEnvelope({ end_device_ids: ids, [event]: {} })).toMatchObject({ kind: 'ignored', event });
});

test('a message whose filter dropped the device takes it from the topic', () => {
  const topic = 'v3/app@ttn/devices/bin-7/up';
  expect(only(parseEnvelope({ uplink_message: { frm_payload: 'qg==' } }, topic)).device).toEqual({
    networkId: 'bin-7',
    orDeviceId: 'bin-7',
  });
});

test('faults name the field', () => {
  expect(faultsOf(parseEnvelope({ uplink_message: {} }))).toEqual(['end_device_ids.dev_eui']);
  expect(faultsOf(parseEnvelope({ join_accept: {} }))).toEqual(['end_device_ids.dev_eui']);
  const wrong = { frm_payload: '%', f_cnt: -1, f_port: 256 };
  expect(faultsOf(parseEnvelope({ end_device_ids: ids, uplink_message: wrong })).sort()).toEqual([
    'uplink_message.f_cnt',
    'uplink_message.f_port',
    'uplink_message.frm_payload',
  ]);
  expect(faultsOf(parseEnvelope({ end_device_ids: ids, uplink_message: { decoded_payload: { a: 1 } } }))).toEqual([
    'uplink_message.frm_payload',
  ]);
  expect(faultsOf(parseEnvelope({ end_device_ids: { dev_eui: 'x' }, uplink_message: {} }))).toEqual([
    'end_device_ids.dev_eui',
  ]);
  const far = { location: { latitude: 99, longitude: 5 } };
  expect(faultsOf(parseEnvelope({ end_device_ids: ids, location_solved: far }))).toEqual(['location.latitude']);
});

test('the message alone says whose it is', () => {
  expect(familyOf({ end_device_ids: ids, uplink_message: {} })).toBe('things-stack');
  expect(familyOf({ end_device_ids: ids, downlink_nack: {} })).toBe('things-stack');
});
