import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedData } from '../../../../tests/shared-data.ts';
import { checkEnvelopes } from './check-envelopes.ts';
import { truthOf } from './truth.ts';

const loriot = {
  cmd: 'rx',
  EUI: 'FC48C900000001C5',
  ts: 1731410377000,
  fcnt: 2,
  port: 11,
  rssi: -78,
  snr: 7.8,
  dr: 'SF9 BW125 4/5',
  data: '0101',
};
const says = (text: string): unknown => expect.stringContaining(text);

test('a message is counted under its network and its own structure of keys', () => {
  const { rssi: _rssi, ...quiet } = loriot;
  const check = checkEnvelopes([
    { integration: 'LORIOT', file: 'a', payload: loriot },
    { integration: 'LORIOT', file: 'b', payload: { ...loriot, fcnt: 3 } },
    { integration: 'LORIOT', file: 'c', payload: quiet },
    { integration: 'ThingPark', file: 'd', payload: loriot },
  ]);
  expect(check).toMatchObject({
    total: 4,
    recognised: 3,
    exact: 3,
    byNetwork: { LORIOT: { total: 3, exact: 3 }, ThingPark: { total: 1, exact: 0 } },
    worstNetwork: { name: 'ThingPark', exactShare: 0 },
  });
  expect(Object.values(check.byShape).map(({ total, exact, example }) => [total, exact, example])).toEqual([
    [2, 2, 'a'],
    [1, 1, 'c'],
    [1, 0, 'd'],
  ]);
});

test('failures say which line, and what is wrong with it', () => {
  const check = checkEnvelopes([
    { integration: 'ChirpStack', file: 'a', payload: loriot },
    { integration: 'LORIOT', payload: { ...loriot, EUI: 'x' } },
    { integration: 'LORIOT', payload: { cmd: 'cq', EUI: 'FC48C900000001C5' } },
    3,
  ]);
  expect(check.failures).toEqual([
    { line: 1, file: 'a', why: says('family loriot, not chirpstack') },
    { line: 2, file: '', why: 'EUI is not a devEUI of 8 bytes' },
    { line: 3, file: '', why: 'passed over as the event cq' },
    { line: 4, file: '', why: says('family unknown') },
  ]);
});

test.each([
  [
    'things-stack',
    {
      end_device_ids: { dev_eui: '0004A30B001C0530' },
      received_at: '2024-11-11T08:43:11.357207831Z',
      uplink_message: {
        frm_payload: 'qrs=',
        received_at: '2024-11-11T08:43:11.151969423Z',
        rx_metadata: [{ rssi: -91 }],
      },
    },
    { devEui: '0004a30b001c0530', fPort: 0, fCnt: 0, bytesHex: 'aabb', timeMs: 1_731_314_591_151, rssi: -91, snr: 0 },
  ],
  [
    'chirpstack',
    {
      devEUI: 'AgICAgICAgI=',
      fCnt: 10,
      fPort: 5,
      data: 'Ag==',
      rxInfo: [{ time: '2019-11-08T14:59:25.048445+01:00' }],
    },
    { devEui: '0202020202020202', fPort: 5, fCnt: 10, bytesHex: '02', timeMs: 1_573_221_565_048, rssi: undefined },
  ],
  [
    'http',
    { devEUI: '24e1641092176759', time: '2020-0327T12:39:05.547336Z', rxInfo: [{ rssi: -57, loRaSNR: 10 }] },
    { devEui: '24e1641092176759', timeMs: 1_585_312_745_547, rssi: -57, snr: 10 },
  ],
  [
    'thingpark',
    { DevEUI: '70B3D57BA000156B', FPort: '1', FCntUp: '26', payload_hex: '0202', LrrRSSI: '-114.0', LrrSNR: '4.75' },
    { devEui: '70b3d57ba000156b', fPort: 1, fCnt: 26, bytesHex: '0202', timeMs: undefined, rssi: -114, snr: 4.75 },
  ],
  [
    'loriot',
    {
      ...loriot,
      gws: [
        { rssi: -42, snr: 8.8 },
        { rssi: -38, snr: 8.5 },
      ],
    },
    { devEui: 'fc48c900000001c5', fPort: 11, fCnt: 2, bytesHex: '0101', timeMs: loriot.ts, rssi: -38, snr: 8.5 },
  ],
])('what a message of %s holds is found where its documents place it', (family, message, truth) => {
  expect(truthOf(family, message)).toMatchObject({ ...truth, isUplink: true });
});

test('an event among the uplinks is exact when its device and time are, and nothing of an uplink is in it', () => {
  const payload = { deviceInfo: { devEui: '0101010101010101' }, time: '2022-07-18T09:34:15.775Z', margin: 10 };
  expect(checkEnvelopes([{ integration: 'ChirpStack', payload }])).toMatchObject({ exact: 1, failures: [] });
  expect(checkEnvelopes([{ integration: 'ChirpStack', payload: { ...payload, fCnt: 1 } }])).toMatchObject({
    failures: [{ why: 'read as the event status' }],
  });
});

test('a converter of another platform is heard as a witness, of the device and not of its gateways', () => {
  const result = [
    {
      attributes: { lora_dev_eui: 'FC48C900000001C5', latestFPort: 12 },
      telemetry: [{ values: { fCnt: 2, lora_spreading_factor: 9, rssi: -78 } }],
    },
    { attributes: { devEui: 'a gateway' }, telemetry: [{ values: { rssi: -1 } }] },
  ];
  const { witness } = checkEnvelopes([{ integration: 'LORIOT', file: 'a', payload: loriot, result }]);
  expect(witness).toEqual({
    compared: 5,
    agreeing: 4,
    disagreements: [{ line: 1, file: 'a', field: 'fPort', ours: 11, theirs: 12 }],
  });
});

const pairs = sharedData('sensors/envelope-pairs.jsonl');
test.skipIf(!pairs)(
  '126 real messages of seven integrations are recognised and read exactly, and their converters agree (needs the shared data)',
  () => {
    const lines = readFileSync(pairs!, 'utf8').trim().split('\n');
    const check = checkEnvelopes(lines.map((line) => JSON.parse(line) as unknown));
    expect(check).toMatchObject({
      total: 126,
      recognised: 126,
      exact: 126,
      failures: [],
      witness: { disagreements: [] },
    });
    expect(check.witness.compared).toBeGreaterThan(300);
  },
);
