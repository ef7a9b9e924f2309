import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { familyOf, faultsOf, hex, only } from './testing.ts';

// tago-io/decoders@dbdd65e, decoders/network/nbiot-miotiq
const message = {
  customerId: '123456789012345',
  rcvTime: 1686584299,
  srcImsi: '01_Virtual_Device',
  srcIP: '10.10.10.10',
  srcPort: '28898',
  payload: 'Ug==',
};
const MILESIGHT =
  '020001005f00000001303130313031313036373439443139303534363930303331383638353038303634383037333530343630303433323234323133313130383938363034313231303232373030363238353709000e01756403670b0104823b01050001';

test('a datagram belongs to the SIM that sent it', () => {
  const uplink = only(parseEnvelope(message));
  expect(uplink).toMatchObject({
    source: 'miotiq',
    device: { networkId: '01_Virtual_Device', orDeviceId: '01_Virtual_Device' },
    fCnt: null,
    fPort: null,
    atMs: 1_686_584_299_000,
  });
  expect(hex(uplink)).toBe('52');
});

test('a Milesight frame inside is opened: its counter counts, the SIM still names the device', () => {
  const payload = Buffer.from(MILESIGHT, 'hex').toString('base64');
  expect(only(parseEnvelope({ ...message, srcImsi: '460043224213110', payload }))).toMatchObject({
    source: 'miotiq',
    device: { networkId: '460043224213110' },
    fCnt: 0,
    fPort: 85,
    atMs: 1_686_584_299_000,
  });
});

test('faults name the field, and the message alone says whose it is', () => {
  expect(faultsOf(parseEnvelope({ ...message, srcImsi: '', payload: '%' })).sort()).toEqual(['payload', 'srcImsi']);
  expect(familyOf(message)).toBe('miotiq');
});
