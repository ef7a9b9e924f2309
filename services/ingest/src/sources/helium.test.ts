import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

// docs.helium.com, console integrations, JSON schema; its reported_at has a digit too many
const uplink = {
  app_eui: '6948A4B59F4666AD',
  dev_eui: '1C29FBD1D2084E21',
  devaddr: 'B5A44869',
  fcnt: 19,
  hotspots: [
    { id: '11KHJW', name: 'icy-fiery-hippo', rssi: -54, snr: 9.8, spreading: 'SF9BW125', status: 'success' },
    { id: '11ni2C', name: 'cool-chiffon-hornet', rssi: -51, snr: 9, spreading: 'SF9BW125', status: 'success' },
  ],
  id: '7c523974-4ce7-4a92-948b-55171a6e4d77',
  name: 'Test Me',
  payload: 'SGVsbG8sIHdvcmxkIQ==',
  port: 1,
  reported_at: 1_586_868_546_123,
};

test('an uplink is read with its hotspots, best first', () => {
  const read = only(parseEnvelope(uplink));
  expect(read).toMatchObject({
    source: 'helium',
    device: { devEui: '1c29fbd1d2084e21' },
    session: 'B5A44869',
    fCnt: 19,
    fPort: 1,
    atMs: 1_586_868_546_123,
  });
  expect(hex(read)).toBe(Buffer.from('Hello, world!').toString('hex'));
  expect(read.radio).toEqual({
    rssi: -51,
    snr: 9,
    gateways: 2,
    spreadingFactor: 9,
    bandwidthHz: 125_000,
    seenBy: [
      { id: '11ni2C', rssi: -51, snr: 9 },
      { id: '11KHJW', rssi: -54, snr: 9.8 },
    ],
  });
});

test('a join tells the address its uplinks will carry', () => {
  expect(eventsOf(parseEnvelope({ ...uplink, type: 'join' }))).toEqual([
    {
      source: 'helium',
      device: { devEui: '1c29fbd1d2084e21' },
      atMs: uplink.reported_at,
      kind: 'join',
      session: 'B5A44869',
    },
  ]);
});

test('faults name the field, and the message alone says whose it is', () => {
  expect(faultsOf(parseEnvelope({ ...uplink, dev_eui: 'x', payload: '%' })).sort()).toEqual(['dev_eui', 'payload']);
  expect(familyOf(uplink)).toBe('helium');
});
