import { expect, test } from 'vitest';
import { parseLorawanLabel } from './lorawan-label.ts';

const read = (text: string) => {
  const result = parseLorawanLabel(text);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.value;
};
const faultsOf = (text: string) => {
  const result = parseLorawanLabel(text);
  return result.ok ? [] : result.faults.map(({ field }) => field);
};

// TR005 v1.0.0 §4.3
const EXAMPLE = 'LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR:CAF2C';

test("the specification's own example is read whole, with its checksum", () => {
  expect(read(EXAMPLE)).toEqual({
    form: 'tr005',
    joinEui: '1122334455667788',
    devEui: 'aabbccddeeff0011',
    vendorId: 0xaabb,
    profileId: 0x1122,
    ownerToken: 'AABBCCDDEEFF',
    serialNumber: 'YYWWNNNNNN',
    proprietary: 'FOOBAR',
  });
});

test('letter case and text around the code do not matter', () => {
  expect(read(EXAMPLE.toLowerCase()).devEui).toBe('aabbccddeeff0011');
  expect(read(`Scanned: "${EXAMPLE}" today`).serialNumber).toBe('YYWWNNNNNN');
});

test('one wrong letter is told by the checksum, a missing checksum is allowed', () => {
  expect(faultsOf(EXAMPLE.replace('FOOBAR', 'FOOBAZ'))).toEqual(['checksum']);
  expect(read(EXAMPLE.replace(':CAF2C', '')).proprietary).toBe('FOOBAR');
});

test('every faulty part of a code is named at once', () => {
  expect(faultsOf('LW:D0:11223344:XX:AABB:Zwhat')).toEqual(['joinEui', 'devEui', 'profileId', 'text']);
  expect(faultsOf('')).toEqual(['text']);
  expect(faultsOf('hello world')).toEqual(['text']);
  expect(faultsOf('DevEUI=24E12471 AppKey=0011')).toEqual(['devEui', 'appKey']);
});

test('empty parts are left out, and the maker follows from its number', () => {
  expect(read('LW:D0:24E124C0002A0001:24E124136D456789:02590259:O:S:P')).toEqual({
    form: 'tr005',
    joinEui: '24e124c0002a0001',
    devEui: '24e124136d456789',
    vendorId: 601,
    profileId: 601,
    vendor: { slug: 'milesight', name: 'Milesight' },
  });
});

test.each([
  'URN:LW:DP:42FFFFFFFFFFFFFF:4242FFFFFFFFFFFF:42FFFF42:%V0102%SSERIAL%PPROPRIETARY',
  'URN:DEV:LW:42FFFFFFFFFFFFFF_4242FFFFFFFFFFFF_42FFFF42_V0102_SSERIAL_PPROPRIETARY',
])('labels by a draft of the recommendation are read: %s', (text) => {
  expect(read(text)).toMatchObject({
    form: 'tr005-draft',
    joinEui: '42ffffffffffffff',
    devEui: '4242ffffffffffff',
    vendorId: 0x42ff,
    ownerToken: '0102',
    serialNumber: 'SERIAL',
    proprietary: 'PROPRIETARY',
  });
});

test.each([
  ['{"DevEUI":"24E124136D456789","AppEUI":"24E124C0002A0001","AppKey":"5572404C696E6B4C6F52613230313823"}', 'json'],
  ['DevEUI:24E124136D456789,AppKey:5572404C696E6B4C6F52613230313823,AppEUI:24E124C0002A0001', 'fields'],
  [
    'DEV EUI = 24:E1:24:13:6D:45:67:89\nAPP EUI = 24-E1-24-C0-00-2A-00-01\nAPP KEY = 5572404C696E6B4C6F52613230313823',
    'fields',
  ],
])("makers' own forms give the same: %s", (text, form) => {
  expect(read(text)).toEqual({
    form,
    devEui: '24e124136d456789',
    joinEui: '24e124c0002a0001',
    appKey: '5572404c696e6b4c6f52613230313823',
    vendor: { slug: 'milesight', name: 'Milesight' },
  });
});

test('a label of Dragino by position, and one of Seeed that runs two numbers together', () => {
  expect(read('DS026349738;A84041035660E3AA;A840410000000107;A66A89B6606C1BD125B54E7CA4B10DD4')).toMatchObject({
    devEui: 'a84041035660e3aa',
    joinEui: 'a840410000000107',
    appKey: 'a66a89b6606c1bd125b54e7ca4b10dd4',
    serialNumber: 'DS026349738',
    vendor: { slug: 'dragino' },
  });
  expect(read('2CF7F1C04490010D8FA012C179CF2BD9:0:1000468:114992868224900030')).toMatchObject({
    devEui: '2cf7f1c04490010d',
    joinEui: '8fa012c179cf2bd9',
  });
});

test('a bare devEUI is enough, however it is grouped', () => {
  for (const text of ['a84041035660e3aa', 'A8-40-41-03-56-60-E3-AA', 'a8 40 41 03 56 60 e3 aa'])
    expect(read(text)).toMatchObject({ form: 'bare', devEui: 'a84041035660e3aa', vendor: { slug: 'dragino' } });
  expect(read('joined as 70B3D57ED0000001, device A84041035660E3AA')).toMatchObject({
    devEui: 'a84041035660e3aa',
    joinEui: '70b3d57ed0000001',
  });
});

test('a web address with the number of a device is read, another serial number is kept as such', () => {
  expect(read('HTTPS://WWW.MILESIGHT-IOT.COM/?SN=24E124136D456789').devEui).toBe('24e124136d456789');
  expect(read('S/N: 6136B12345670001')).toEqual({ form: 'fields', serialNumber: '6136B12345670001' });
});
