import { expect, test } from 'vitest';
import { parseEnvelope } from './index.ts';
import { NOW, eventsOf, familyOf, faultsOf, hex, only } from './testing.ts';

const bn = 'urn:dev:DEVEUI:0059AC00001B3461:';
const device = { devEui: '0059ac00001b3461' };
const parse = (pack: unknown) => parseEnvelope(pack, undefined, NOW);
const raw = (vs: string, more: object[] = []) => [
  { bn, bt: 1.765739955219e9, n: 'payload', vs },
  { n: 'port', v: 1 },
  ...more,
  { n: 'timeOrigin', vs: 'NETWORK' },
];

test("a raw LoRa payload is the device's bytes, digits that look like a number included", () => {
  for (const payload of ['763d0028', '12345678', '01e5', '']) {
    const uplink = only(parse(raw(payload)));
    expect(uplink).toMatchObject({ source: 'kpn', device, fPort: 1, fCnt: null, atMs: 1_765_739_955_219, radio: null });
    expect(hex(uplink)).toBe(payload);
  }
});

test('the extended form adds counter and signal', () => {
  const extended = raw('763d0028', [
    { n: 'FCntUp', v: 0 },
    { n: 'LrrRSSI', v: -107 },
    { n: 'LrrSNR', v: 3 },
    { n: 'LrrESP', v: -108.764351 },
    { n: 'DevLrrCnt', v: 2 },
    { n: 'SpFact', v: 8 },
  ]);
  expect(only(parse(extended))).toMatchObject({
    fCnt: 0,
    radio: { rssi: -107, snr: 3, gateways: 2, spreadingFactor: 8 },
  });
});

test('a payload as data (vd) is base64', () => {
  expect(
    hex(
      only(
        parse([
          { bn, n: 'payload', vd: 'dj0AKA' },
          { n: 'port', v: 1 },
        ]),
      ),
    ),
  ).toBe('763d0028');
});

test('decoded measurements keep their names; the battery comes as text', () => {
  // tago-io/decoders@dbdd65e, decoders/network/kpn-things/v1.0.0/payload.test.ts
  const pack = [
    { bn: 'urn:dev:DVNUUID:737b588b-547e-45d3-96d0-f79723291bf1:', bt: 1713193637, n: 'battery', u: '%', vs: '32.0' },
    { n: 'accelerationX', u: 'm/s2', v: 0.39 },
    { n: 'latitude', u: 'lat', v: 51.90725 },
    { n: 'longitude', u: 'lon', v: 4.48934 },
  ];
  const uuid = '737b588b-547e-45d3-96d0-f79723291bf1';
  const atMs = 1_713_193_637_000;
  expect(parse(pack)).toMatchObject({
    uplinks: [
      {
        source: 'kpn',
        device: { networkId: uuid, orDeviceId: uuid },
        values: [
          { quantity: 'battery', value: 0.32, atMs },
          { quantity: 'latitude', value: 51.90725, atMs },
          { quantity: 'longitude', value: 4.48934, atMs },
        ],
        words: { record: { accelerationX: 0.39 }, faults: [{ field: '1.u' }] },
      },
    ],
    events: [{ kind: 'location', lat: 51.90725, lon: 4.48934, accuracyM: null, atMs }],
  });
});

test('a position that the network computed is an event and no measurement', () => {
  const pack = [
    { bn, bt: 1718745022.862, n: 'locOrigin', vs: 'KPNLORA' },
    { n: 'latitude', u: 'lat', v: 51.854275 },
    { n: 'longitude', u: 'lon', v: 4.645165 },
    { n: 'radius', u: 'm', v: 10001 },
    { n: 'locMethod', vs: 'RSSI' },
    { n: 'locAccuracy', u: '%', v: 9999 },
    { n: 'locTime', v: 1718719507.925 },
  ];
  expect(eventsOf(parse(pack))).toEqual([
    {
      source: 'kpn',
      device,
      atMs: 1_718_719_507_925,
      kind: 'location',
      lat: 51.854275,
      lon: 4.645165,
      accuracyM: 10001,
    },
  ]);
});

test('a base record of the older form is no measurement', () => {
  const pack = [
    { bn, bt: 1654194188 },
    { n: 'payload', vs: '6a00' },
    { n: 'port', v: 1 },
  ];
  expect(only(parse(pack))).toMatchObject({ device, atMs: 1_654_194_188_000, fPort: 1 });
});

test('faults name the field, and the message alone says whose it is', () => {
  expect(faultsOf(parse(raw('76x')))).toEqual(['0.vs']);
  expect(
    faultsOf(
      parse([
        { bn, n: 'payload', vs: '00' },
        { n: 'port', v: 300 },
        { n: 'FCntUp', v: -1 },
      ]),
    ),
  ).toEqual(['port', 'FCntUp']);
  expect(faultsOf(parse([{ bn, n: 'timeOrigin', vs: 'NETWORK' }]))).toEqual(['message']);
  expect(familyOf(raw('00'))).toBe('kpn');
});
