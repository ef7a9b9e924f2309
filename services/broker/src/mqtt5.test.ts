import type { IConnackPacket, IDisconnectPacket, MqttClient } from 'mqtt';
import { expect, test, vi } from 'vitest';
import { SECRET, bytes, login, rawClient, startRig, type RawClient, type Rig } from './harness.ts';

const up = 'v1/default/bin-1/up';
const down = 'v1/default/bin-1/down';
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
const properties = (...parts: (Buffer | number[])[]): Buffer => {
  const block = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([block.length]), block]);
};
const connect = (
  over: { id?: string; password?: string; flags?: number; keepaliveS?: number; props?: Buffer } = {},
) => {
  const { id = 'bin-1', password = SECRET, flags = 0xc2, keepaliveS = 60, props = properties() } = over;
  const head = Buffer.from([5, flags, keepaliveS >> 8, keepaliveS & 0xff]);
  return bytes.frame(0x10, Buffer.concat([text('MQTT'), head, props, text(id), text('bin-1'), text(password)]));
};
const publish = (first: number, topic: string, props: Buffer, payload = '{}'): Buffer => {
  const id = (first & 6) > 0 ? Buffer.from([0, 1]) : Buffer.alloc(0);
  return bytes.frame(first, Buffer.concat([text(topic), id, props, Buffer.from(payload)]));
};

async function rig5(): Promise<Rig> {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  return rig;
}
async function rawLogin5(rig: Rig, connectBytes = connect()): Promise<{ client: RawClient; connack: Buffer }> {
  const client = rawClient(rig.port);
  client.send(connectBytes);
  const start = await client.received(2);
  return { client, connack: (await client.received(2 + (start[1] ?? 0))).subarray() };
}
const login5 = (rig: Rig, over = {}): Promise<MqttClient> => login(rig, 'bin-1', { protocolVersion: 5, ...over });

test.each([
  ['the right secret', connect(), 0],
  ['a wrong secret', connect({ password: 'wrong' }), 0x87],
  ['the client id of another', connect({ id: 'bin-2' }), 0x87],
  ['a session that it would go on with', connect({ flags: 0xc0 }), 0],
  ['no keep alive', connect({ keepaliveS: 0 }), 0],
  ['a keep alive of 18 hours', connect({ keepaliveS: 65_535 }), 0],
  ['an authentication method', connect({ props: properties([0x15], text('SCRAM')) }), 0x8c],
  ['authentication data alone', connect({ props: properties([0x16], text('x')) }), 0x82],
])('a login of MQTT 5 with %s is answered with its reason', async (_title, connectBytes, code) => {
  const { connack } = await rawLogin5(await rig5(), connectBytes);
  expect([connack[0], connack[2], connack[3]]).toEqual([0x20, 0, code]);
});

test.each([
  ['a property of PUBLISH', properties([0x23, 0, 1]), 0x82],
  ['a property of servers', properties([0x24, 1]), 0x82],
  ['a property that does not exist', properties([0x7f, 0]), 0x81],
  ['a property twice', properties([0x21, 0, 1, 0x21, 0, 1]), 0x82],
  ['a receive maximum of 0', properties([0x21, 0, 0]), 0x82],
  ['a flag that is neither 0 nor 1', properties([0x17, 2]), 0x82],
  ['a cut property', properties([0x11, 0, 0]), 0x81],
  ['properties longer than the packet', Buffer.from([0x7f]), 0x81],
  ['a user property that is not UTF-8', properties([0x26, 0, 1, 0xff, 0, 0]), 0x81],
])('a CONNECT of MQTT 5 with %s is refused with its reason and closed', async (_title, props, code) => {
  const { client } = await rawLogin5(await rig5(), connect({ props }));
  await client.closed;
  expect([...(await client.received(99))]).toEqual([0x20, 3, 0, code, 0]);
});

test('what the broker grants is told in CONNACK', async () => {
  const rig = await rig5();
  const { connack } = await rawLogin5(
    rig,
    connect({ keepaliveS: 0, props: properties([0x11, 0, 0, 0, 60], [0x26], text('a'), text('b')) }),
  );
  expect(connack.subarray(4).toString('hex')).toBe(
    ['18', '1100000000', '1304b0', '2401', '2500', '2700002000', '220010', '2900', '2a00'].join(''),
  );
});

test('a device sends with MQTT 5, with topic aliases too, and each message is stored under its whole topic', async () => {
  const rig = await rig5();
  const device = await login5(rig);
  await device.publishAsync(up, '{"a":1}', {
    qos: 1,
    properties: {
      topicAlias: 1,
      messageExpiryInterval: 60,
      contentType: 'application/json',
      userProperties: { a: 'b' },
    },
  });
  await device.publishAsync('', '{"a":2}', { qos: 1, properties: { topicAlias: 1 } });
  const frames = await rig.frames();
  expect(frames.map(({ topic, payload }) => [topic, Buffer.from(payload).toString()])).toEqual([
    [up, '{"a":1}'],
    [up, '{"a":2}'],
  ]);
});

test('a device hears its downlinks with MQTT 5 and takes them one at a time when it asks for that', async () => {
  const rig = await rig5();
  const taken: string[] = [];
  rig.bus.on('downlink.taken', ({ deviceId }) => void taken.push(deviceId));
  const { client, connack } = await rawLogin5(rig, connect({ props: properties([0x21, 0, 1]) }));
  client.send(bytes.frame(0x82, Buffer.concat([Buffer.from([0, 7, 0]), text(down), Buffer.from([1])])));
  const suback = connack.length + 6;
  expect([...(await client.received(suback)).subarray(connack.length)]).toEqual([0x90, 4, 0, 7, 0, 1]);
  const send = (): boolean =>
    rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload: Buffer.from('xy') });
  expect(send()).toBe(true);
  const length = 2 + 2 + down.length + 2 + 1 + 2;
  const message = (await client.received(suback + length)).subarray(suback);
  expect(message.subarray(4, 4 + down.length).toString()).toBe(down);
  const packetId = message.subarray(4 + down.length, 6 + down.length);
  expect([...message.subarray(6 + down.length)]).toEqual([0, ...Buffer.from('xy')]);
  expect(send()).toBe(false);
  client.send(Buffer.concat([Buffer.from([0x40, 2]), packetId]));
  await vi.waitFor(() => expect(taken).toEqual(['bin-1']));
  expect(send()).toBe(true);
});

test('a message larger than the client takes is not sent to it', async () => {
  const rig = await rig5();
  const device = await login5(rig, { properties: { maximumPacketSize: 100 } });
  await device.subscribeAsync(down, { qos: 1 });
  const heard: string[] = [];
  device.on('message', (_topic, payload) => void heard.push(payload.toString()));
  for (const payload of ['x'.repeat(200), 'short'])
    rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload: Buffer.from(payload) });
  await vi.waitFor(() => expect(heard).toEqual(['short']));
});

test('what may not be subscribed, and what never was, is told by reason codes', async () => {
  const rig = await rig5();
  const { client, connack } = await rawLogin5(rig);
  const filters = [down, 'v1/default/bin-2/down', '$share/g/v1/default/bin-1/down'];
  const subscriptions = filters.map((filter) => Buffer.concat([text(filter), Buffer.from([1])]));
  client.send(bytes.frame(0x82, Buffer.concat([Buffer.from([0, 7, 0]), ...subscriptions])));
  const first = (await client.received(connack.length + 8)).subarray(connack.length);
  expect([...first]).toEqual([0x90, 6, 0, 7, 0, 1, 0x87, 0x9e]);
  client.send(bytes.frame(0xa2, Buffer.concat([Buffer.from([0, 8, 0]), text(down), text('other')])));
  const second = (await client.received(connack.length + 8 + 7)).subarray(connack.length + 8);
  expect([...second]).toEqual([0xb0, 5, 0, 8, 0, 0, 0x11]);
});

test.each([
  ['another topic', publish(0x32, 'v1/default/bin-2/up', properties()), 0x87],
  ['a retained message', publish(0x33, up, properties()), 0x9a],
  ['QoS 2', publish(0x34, up, properties()), 0x9b],
  ['more than 4 KiB', publish(0x32, up, properties(), 'x'.repeat(5_000)), 0x95],
  ['a frame above the limit', Buffer.from([0x32, 0x80, 0x80, 0x04]), 0x95],
  ['an alias that means nothing', publish(0x32, '', properties([0x23, 0, 1])), 0x82],
  ['alias 0', publish(0x32, up, properties([0x23, 0, 0])), 0x94],
  ['an alias above the limit', publish(0x32, up, properties([0x23, 0, 17])), 0x94],
  ['neither topic nor alias', publish(0x32, '', properties()), 0x82],
  ['a response topic with wildcards', publish(0x32, up, properties([0x08], text('a/#'))), 0x82],
  ['a property that is cut off', publish(0x32, up, Buffer.from([0x7f])), 0x81],
  ['a subscription identifier', bytes.frame(0x82, Buffer.from([0, 1, 2, 0x0b, 1, 0, 1, 0x61, 1])), 0xa1],
  ['a subscription of nothing', bytes.frame(0x82, Buffer.from([0, 1, 5, 0x26, 0, 0, 0, 0])), 0x82],
  ['AUTH', Buffer.from([0xf0, 0]), 0x82],
  ['a second CONNECT', connect(), 0x82],
])('%s ends a connection of MQTT 5 with its reason', async (_title, wrong, code) => {
  const rig = await rig5();
  const { client, connack } = await rawLogin5(rig);
  client.send(wrong);
  await client.closed;
  expect([...(await client.received(999)).subarray(connack.length)]).toEqual([0xe0, 1, code]);
  expect(await rig.frames()).toEqual([]);
});

test('a client hears why it has to go: taken over, secret gone, broker stopping', async () => {
  const rig = await rig5();
  const reasons: (number | undefined)[] = [];
  const open = async (): Promise<void> => {
    const client = await login5(rig);
    client.on('disconnect', ({ reasonCode }: IDisconnectPacket) => void reasons.push(reasonCode));
  };
  await open();
  await open();
  await vi.waitFor(() => expect(reasons).toEqual([0x8e]));
  await rig.registry.devices.delete('default', 'bin-1');
  await rig.bus.publish('registry.changed', { tenant: 'default', kind: 'device', id: 'bin-1', deleted: true });
  await vi.waitFor(() => expect(reasons).toEqual([0x8e, 0x87]));
  await rig.addDevice('bin-1');
  await open();
  await rig.broker.stop();
  await vi.waitFor(() => expect(reasons).toEqual([0x8e, 0x87, 0x8b]));
});

test('a Sparkplug node that leaves with its will has it published, one that leaves without has not', async () => {
  const rig = await startRig();
  await rig.addIntegration('spb', 'sparkplug');
  const will = { topic: 'spBv1.0/city/NDEATH/edge', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
  const over = { protocolVersion: 5 as const, clientId: 'edge', username: 'integration:spb', will };
  await (await login(rig, 'edge', over)).endAsync();
  const second = await login(rig, 'edge', over);
  await second.endAsync(false, { reasonCode: 4 });
  await vi.waitFor(async () => expect((await rig.frames()).map(({ topic }) => topic)).toEqual([will.topic]));
});

test('a client of MQTT 5 that gives no id is told the one it gets', async () => {
  const rig = await startRig();
  await rig.addIntegration('tts', 'things-stack');
  const told: IConnackPacket[] = [];
  const client = await login(rig, '', { protocolVersion: 5, username: 'integration:tts', reconnectPeriod: 0 });
  client.on('connect', (packet) => void told.push(packet));
  client.reconnect();
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(0));
  expect(told[0]!.properties?.assignedClientIdentifier).toMatch(/^[0-9a-f-]{36}$/);
});
