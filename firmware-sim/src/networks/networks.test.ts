import { describe, expect, test } from 'vitest';
import { openNetworks } from './index.ts';
import { NETWORK_IDS, type Delivery, type Message, type NetworkId } from './model.ts';
import { protoWriter } from './protobuf.ts';

const networks = openNetworks('default');
const gateway = { id: 'gw-west', eui: '72f0de0000000001', position: { lat: 52.1, lon: 5.1 } };

function delivery(id: NetworkId, given: Partial<Delivery> = {}): Delivery {
  return {
    ids: { deviceId: 'bin-7', devEui: '', imei: '', networkId: '', ...networks[id].namesOf(7) },
    typeId: 'milesight-em310-udl',
    uplink: { fPort: 85, bytes: Uint8Array.of(1, 0x75, 0x5c) },
    values: [
      ['fill', 0.42],
      ['tilt', 0],
      ['battery', 0.9],
    ],
    air: {
      spreadingFactor: 9,
      frequencyHz: 868_100_000,
      receptions: [
        { gateway, rssi: -101, snr: 4.5, channel: 0, gatewayMs: undefined },
        { gateway: { ...gateway, id: 'gw-oost' }, rssi: -110, snr: -2, channel: 0, gatewayMs: 1_700_000_000_000 },
      ],
    },
    fCnt: 300,
    session: 2,
    atMs: Date.UTC(2026, 0, 5, 6),
    deviceMs: Date.UTC(2026, 0, 5, 6),
    battery: 0.9,
    late: false,
    ...given,
  };
}
const json = ({ body }: Message): Record<string, unknown> => JSON.parse(body as string) as Record<string, unknown>;
const one = (id: NetworkId, given: Partial<Delivery> = {}): Message => networks[id].up(delivery(id, given)).at(-1)!;

test('every network writes for every device it names, each with a name of its own', () => {
  for (const id of NETWORK_IDS) {
    const messages = networks[id].up(delivery(id));
    expect(messages.length, id).toBeGreaterThan(0);
    for (const { to, body } of messages) {
      expect(body.length, id).toBeGreaterThan(10);
      expect(networks[id].transport === 'mqtt', id).toBe(to.includes('/'));
    }
    const names = [1, 2, 819_199_999].map((index) => JSON.stringify(networks[id].namesOf(index)));
    expect(new Set(names).size, id).toBe(networks[id].source === 'native' ? 1 : 3);
  }
});

test('proto3 JSON leaves zeros out, a gateway without clock has no time', () => {
  const up = json(one('things-stack', { fCnt: 0 }))['uplink_message'] as Record<string, object[]>;
  expect(up).not.toHaveProperty('f_cnt');
  expect(up['rx_metadata']![0]).not.toHaveProperty('time');
  expect(up['rx_metadata']![1]).toHaveProperty('time');
  expect(json(one('chirpstack', { fCnt: 0 }))).not.toHaveProperty('fCnt');
});

test('LORIOT tells an uplink twice: at once, then with every gateway', () => {
  const [rx, gw] = networks.loriot.up(delivery('loriot')).map(json);
  expect([rx!['cmd'], gw!['cmd']]).toEqual(['rx', 'gw']);
  expect(gw!['gws']).toHaveLength(2);
  for (const field of ['EUI', 'fcnt', 'port', 'data', 'ts']) expect(gw![field]).toEqual(rx![field]);
});

test('ThingPark says when it hands over late; sessions change the address, not the devEUI', () => {
  const report = (given: Partial<Delivery>) =>
    json(one('thingpark', given))['DevEUI_uplink'] as Record<string, unknown>;
  expect([report({})['Late'], report({ late: true })['Late']]).toEqual([0, 1]);
  expect(report({ session: 3 })['DevAddr']).not.toBe(report({ session: 2 })['DevAddr']);
  expect(report({})['Time']).toBe('2026-01-05T06:00:00.000+00:00');
});

test('a Milesight NB-IoT frame has the layout of the user guide, and carries what waited before the newest report', () => {
  const frame = one('milesight-nb').body as Uint8Array;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  expect([view.getUint8(0), view.getUint16(1), view.getUint16(3)]).toEqual([2, 1, frame.length - 5]);
  expect([view.getUint16(6), view.getUint16(84)]).toEqual([300, 3]);
  expect(Buffer.from(frame.subarray(33, 48)).toString()).toBe('868508000000007');
  expect([...frame.subarray(86)]).toEqual([1, 0x75, 0x5c]);
  const [batch] = networks['milesight-nb'].batch!([
    delivery('milesight-nb', { uplink: { fPort: 85, bytes: Uint8Array.of(1, 0x75, 0x50) }, fCnt: 299 }),
    delivery('milesight-nb'),
  ]);
  expect([...(batch!.body as Uint8Array).subarray(86)]).toEqual([1, 0x75, 0x50, 1, 0x75, 0x5c]);
});

describe('SenML', () => {
  test('counts older times from the newest, leaves null out, and KPN writes the battery as text', () => {
    const old = delivery('senml', { deviceMs: Date.UTC(2026, 0, 5, 5), values: [['fill', 0.4]] });
    const [pack] = networks.senml.batch!([old, delivery('senml', { values: [['fill', 0.5]] })]);
    expect(JSON.parse(pack!.body as string)).toEqual([
      { bn: 'urn:dev:mac:72f0de0000001007:', bt: 1_767_592_800, n: 'fill', u: '/', v: 0.4, t: -3600 },
      { n: 'fill', u: '/', v: 0.5 },
    ]);
    expect(networks.senml.up(delivery('senml', { values: [['distance', null]] }))).toEqual([]);
    const kpn = JSON.parse(one('kpn').body as string) as object[];
    expect(kpn.at(-1)).toEqual({ n: 'battery', u: '%', vs: '90.0' });
  });

  test('without a clock only the newest is told, without a time', () => {
    const [pack] = networks.senml.batch!([
      delivery('senml', { deviceMs: null }),
      delivery('senml', { deviceMs: null, values: [['fill', 0.5]] }),
    ]);
    expect(JSON.parse(pack!.body as string)).toEqual([
      { bn: 'urn:dev:mac:72f0de0000001007:', n: 'fill', u: '/', v: 0.5 },
    ]);
  });
});

test('Sparkplug: a node is born, then its device, then data; numbers run together over the edge node', () => {
  const { sparkplug } = openNetworks('default');
  const ids = (index: number) => ({ ...delivery('sparkplug').ids, ...sparkplug.namesOf(index) });
  const sent = [7, 8, 7].flatMap((index) => sparkplug.up(delivery('sparkplug', { ids: ids(index) })));
  expect(sent.map(({ to }) => to.split('/')[2])).toEqual(['NBIRTH', 'DBIRTH', 'DBIRTH', 'DDATA']);
  // field 3 at the end: seq
  expect(sent.map(({ body }) => (body as Uint8Array).at(-1))).toEqual([0, 1, 2, 3]);
  expect(sparkplug.up(delivery('sparkplug', { ids: ids(107) })).map(({ to }) => to.split('/')[3])).toEqual([
    'edge-1',
    'edge-1',
  ]);
});

test('own devices send their counter and their own time, or none', () => {
  expect(json(one('native-plain'))).toEqual({
    at: '2026-01-05T06:00:00.000Z',
    seq: 300,
    fill: 0.42,
    tilt: 0,
    battery: 0.9,
  });
  expect(json(one('native', { deviceMs: null }))).toEqual({ fPort: 85, data: 'AXVc', fCnt: 300 });
});

test('the Protocol Buffers writer follows the encoding rules', () => {
  // examples of protobuf.dev, "Encoding": 150 in field 1, "testing" in field 2, and the ten bytes of -2
  expect(protoWriter().uint(1, 150).text(2, 'testing').finish()).toEqual(
    Uint8Array.of(0x08, 0x96, 0x01, 0x12, 0x07, ...Buffer.from('testing')),
  );
  expect(protoWriter().int(1, -2).finish()).toEqual(
    Uint8Array.of(0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  );
  expect(protoWriter().uint(1, 0).bool(2, false).double(3, 0).text(4, '').finish()).toEqual(new Uint8Array(0));
  expect(protoWriter().present(1, 0).presentDouble(2, 0).finish()).toHaveLength(11);
  expect(
    protoWriter()
      .uint(1, 2 ** 40)
      .finish(),
  ).toEqual(Uint8Array.of(0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20));
});
