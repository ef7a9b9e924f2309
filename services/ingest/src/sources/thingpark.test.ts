import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

const DevEUI = '70B3D57BA000156B';
const device = { devEui: '70b3d57ba000156b' };
const Time = '2024-11-28T21:08:22.138+00:00';
const about = { source: 'thingpark', device, atMs: Date.UTC(2024, 10, 28, 21, 8, 22, 138) };
const uplink = {
  Time,
  DevEUI,
  FPort: 1,
  FCntUp: 26,
  payload_hex: '02023b0003003702710c60',
  LrrRSSI: -114,
  LrrSNR: 4.75,
  SpFact: 9,
  Lrrid: '100019D4',
  Late: 0,
  DevAddr: '00FDA112',
};

test('an uplink report is read with its wrapper and without, with numbers or text', () => {
  const asText = {
    ...uplink,
    FPort: '1',
    FCntUp: '26',
    LrrRSSI: '-114.000000',
    LrrSNR: '4.75',
    SpFact: '9',
    Late: '0',
  };
  for (const message of [{ DevEUI_uplink: uplink }, uplink, { DevEUI_uplink: asText }]) {
    const read = only(parseEnvelope(message));
    expect(read).toMatchObject({ ...about, session: '00FDA112', fCnt: 26, fPort: 1, values: [] });
    expect(read.radio).toMatchObject({ rssi: -114, snr: 4.75, gateways: 1, spreadingFactor: 9 });
    expect(read.late).toBeUndefined();
    expect(hex(read)).toBe(uplink.payload_hex);
  }
});

test('every gateway of the list is kept, a lone one of converted XML too, and late delivery is noted', () => {
  const far = { Lrrid: 'AA', LrrRSSI: -120, LrrSNR: -9 };
  const Lrr = [far, { Lrrid: 'BB', LrrRSSI: -90, LrrSNR: 3 }];
  const read = only(parseEnvelope({ DevEUI_uplink: { ...uplink, Lrrs: { Lrr }, Late: 1 } }));
  expect(read.radio?.seenBy).toEqual([
    { id: 'BB', rssi: -90, snr: 3 },
    { id: 'AA', rssi: -120, snr: -9 },
  ]);
  expect(read.late).toBe(true);
  const lone = only(parseEnvelope({ DevEUI_uplink: { ...uplink, Lrrs: { Lrr: far } } }));
  expect(lone.radio?.seenBy).toEqual([{ id: 'AA', rssi: -120, snr: -9 }]);
});

test('an uplink of LoRaWAN commands only has neither port nor bytes', () => {
  const { FPort: _port, payload_hex: _payload, ...rest } = uplink;
  expect(only(parseEnvelope({ DevEUI_uplink: rest }))).toMatchObject({ fPort: 0, fCnt: 26, bytes: new Uint8Array() });
});

test('the last known battery comes with its own time', () => {
  const read = only(parseEnvelope({ DevEUI_uplink: { ...uplink, BatteryLevel: '127', BatteryTime: Time } }));
  expect(read.values).toEqual([{ quantity: 'battery', value: 0.498, atMs: about.atMs }]);
  for (const BatteryLevel of [0, 255, 'n/a'])
    expect(only(parseEnvelope({ DevEUI_uplink: { ...uplink, BatteryLevel, BatteryTime: Time } })).values).toEqual([]);
});

test('a payload that ThingPark did not decrypt is refused with the remedy', () => {
  const parsed = parseEnvelope({ DevEUI_uplink: { ...uplink, PayloadEncryption: 1 } });
  expect(parsed).toMatchObject({
    faults: [{ field: 'payload_hex', remedy: expect.stringContaining('AppSKey') as unknown }],
  });
});

test('notifications: a join, a reset of the counters, a device status; others are passed over', () => {
  const note = (fields: object) => ({ DevEUI_notification: { Time, DevEUI, DevAddr: '0405F519', ...fields } });
  const join = { ...about, kind: 'join' };
  expect(eventsOf(parseEnvelope(note({ Type: 'join' })))).toEqual([{ ...join, session: '0405F519' }]);
  // the same address goes on, so it cannot tell the new life of the counters
  expect(eventsOf(parseEnvelope(note({ Type: 'reset' })))).toEqual([{ ...join, session: '' }]);
  expect(eventsOf(parseEnvelope(note({ Type: 'devstatusans', Var1: '254', Var2: '-7' })))).toEqual([
    { ...about, kind: 'status', battery: 1, externalPower: false, marginDb: -7 },
  ]);
  expect(eventsOf(parseEnvelope(note({ Type: 'devstatusans', Var1: 0, Var2: 3 })))).toMatchObject([
    { battery: null, externalPower: true },
  ]);
  expect(parseEnvelope(note({ Type: 'other' }))).toMatchObject({ kind: 'ignored', event: 'notification other' });
});

test('a downlink report tells whether it was sent, and which slots failed for what reason', () => {
  const sent = { Time, DevEUI, FPort: 2, FCntDn: 24, DeliveryStatus: 1, CorrelationID: '4434704901C7450B' };
  const base = { ...about, kind: 'downlink', correlationId: '4434704901C7450B', fCntDown: 24 };
  expect(eventsOf(parseEnvelope({ DevEUI_downlink_Sent: sent }))).toEqual([{ ...base, status: 'sent', detail: null }]);
  const failed = { ...sent, DeliveryStatus: '0', DeliveryFailedCause1: 'E3', DeliveryFailedCause2: 'DA' };
  expect(eventsOf(parseEnvelope({ DevEUI_downlink_Sent: failed }))).toEqual([
    { ...base, status: 'failed', detail: 'DeliveryFailedCause1 E3, DeliveryFailedCause2 DA' },
  ]);
});

test('a location report is an event at the time of the position', () => {
  const report = {
    Time,
    DevEUI,
    DevLocTime: '2024-11-28T21:00:00Z',
    DevLAT: '52.0988',
    DevLON: '5.1254',
    DevLocRadius: 350,
  };
  expect(eventsOf(parseEnvelope({ DevEUI_location: report }))).toEqual([
    { ...about, atMs: Date.UTC(2024, 10, 28, 21), kind: 'location', lat: 52.0988, lon: 5.1254, accuracyM: 350 },
  ]);
  expect(faultsOf(parseEnvelope({ DevEUI_location: { ...report, DevLAT: '' } }))).toEqual(['DevLAT']);
});

test('faults name the field, unknown reports are passed over by name', () => {
  expect(
    faultsOf(parseEnvelope({ DevEUI_uplink: { ...uplink, DevEUI: 'x', payload_hex: '0', FPort: 'x' } })).sort(),
  ).toEqual(['DevEUI', 'FPort', 'payload_hex']);
  expect(faultsOf(parseEnvelope({ DevEUI_uplink: null }))).toEqual(['message']);
  expect(parseEnvelope({ DevEUI_multicast_summary: {} })).toMatchObject({ kind: 'ignored' });
  expect(familyOf({ DevEUI_notification: {} })).toBe('thingpark');
});
