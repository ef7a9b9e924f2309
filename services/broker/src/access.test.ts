import { expect, test, vi } from 'vitest';
import { bytes, login, rawClient, rawLogin, startRig, type Rig } from './harness.ts';

const own = 'v1/default/bin-1/up';

/** Publishes as bytes: true when acknowledged, false when the connection closed without. */
async function isAcknowledged(rig: Rig, connect: Buffer, publish: Buffer): Promise<boolean> {
  const { code, client } = await rawLogin(rig.port, connect);
  expect(code).toBe(0);
  client.send(publish);
  const answer = await client.received(8);
  return answer.length >= 8 && answer[4] === 0x40;
}

async function rigWithAll(): Promise<Rig> {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await rig.addDevice('bin-2');
  await rig.addDevice('bin-3', 'other');
  for (const source of ['things-stack', 'chirpstack', 'senml', 'native', 'kpn', 'sparkplug', 'sigfox'] as const)
    await rig.addIntegration(source, source);
  return rig;
}

const UP: [string, string, Buffer, boolean][] = [
  ['a device its own uplink', 'bin-1', bytes.publish(own, '{}'), true],
  ['a device an empty payload', 'bin-1', bytes.publish(own, ''), true],
  ['a device 4 KiB', 'bin-1', bytes.publish(own, 'x'.repeat(4_096)), true],
  ['a device more than 4 KiB', 'bin-1', bytes.publish(own, 'x'.repeat(4_097)), false],
  ['a device in another tenant its own uplink', 'bin-3', bytes.publish('v1/other/bin-3/up', '{}'), true],
  ['a device the uplink of another device', 'bin-1', bytes.publish('v1/default/bin-2/up', '{}'), false],
  ['a device its own name in another tenant', 'bin-1', bytes.publish('v1/other/bin-1/up', '{}'), false],
  ['a device the uplink of another tenant', 'bin-3', bytes.publish('v1/default/bin-1/up', '{}'), false],
  ['a device its own downlink', 'bin-1', bytes.publish('v1/default/bin-1/down', '{}'), false],
  ['a device a longer topic', 'bin-1', bytes.publish(`${own}/x`, '{}'), false],
  ['a device a topic of a network server', 'bin-1', bytes.publish('application/1/device/70b3d5/event/up', '{}'), false],
  ['a device a wildcard', 'bin-1', bytes.publish('v1/default/+/up', '{}'), false],
  ['a device an empty topic', 'bin-1', bytes.publish('', '{}'), false],
  ['a device a system topic', 'bin-1', bytes.publish('$SYS/x/new/clients', 'bin-2'), false],
  ['a device a retained message', 'bin-1', bytes.publish(own, '{}', { retain: true }), false],
  ['a device QoS 2', 'bin-1', bytes.publish(own, '{}', { qos: 2 }), false],
  [
    'The Things Stack its uplink',
    'integration:things-stack',
    bytes.publish('v3/city@ttn/devices/bin-7/up', '{}'),
    true,
  ],
  [
    'The Things Stack ChirpStack topics',
    'integration:things-stack',
    bytes.publish('application/1/device/70b3d5/event/up', '{}'),
    false,
  ],
  [
    'ChirpStack its uplink',
    'integration:chirpstack',
    bytes.publish('application/1/device/70b3d5/event/up', 'x'.repeat(65_000)),
    true,
  ],
  [
    'ChirpStack more than 64 KiB',
    'integration:chirpstack',
    bytes.publish('application/1/device/70b3d5/event/up', 'x'.repeat(65_537)),
    false,
  ],
  [
    'ChirpStack a retained message',
    'integration:chirpstack',
    bytes.publish('application/1/device/70b3d5/event/up', '{}', { retain: true }),
    false,
  ],
  ['ChirpStack a system topic', 'integration:chirpstack', bytes.publish('$SYS/x/new/clients', 'bin-1'), false],
  ['SenML its topic', 'integration:senml', bytes.publish('senml/bin-7/up', '[]'), true],
  [
    'a native integration any device of its tenant',
    'integration:native',
    bytes.publish('v1/default/bin-2/up', '{}'),
    true,
  ],
  [
    'a native integration a device of another tenant',
    'integration:native',
    bytes.publish('v1/other/bin-3/up', '{}'),
    false,
  ],
  ['a native integration a downlink', 'integration:native', bytes.publish('v1/default/bin-2/down', '{}'), false],
  ['KPN a topic under its name', 'integration:kpn', bytes.publish('kpn/up', '[]'), true],
  ['KPN a topic of its own choice elsewhere', 'integration:kpn', bytes.publish('things/up', '[]'), false],
  ['Sparkplug data of a device', 'integration:sparkplug', bytes.publish('spBv1.0/city/DDATA/edge 1/bin', 'x'), true],
  ['Sparkplug the state of a host', 'integration:sparkplug', bytes.publish('spBv1.0/STATE/scada', '{}'), true],
  ['Sparkplug another version', 'integration:sparkplug', bytes.publish('spAv1.0/city/DDATA/e/d', 'x'), false],
  ['a webhook-only network any topic', 'integration:sigfox', bytes.publish('sigfox/up', '{}'), false],
];
test('publishing follows the table of who may send what, and only the allowed is stored', async () => {
  const rig = await rigWithAll();
  const outcomes: [string, boolean][] = [];
  for (const [title, user, publish] of UP) {
    outcomes.push([title, await isAcknowledged(rig, bytes.connect(user.split(':').at(-1)!, { user }), publish)]);
  }
  expect(outcomes).toEqual(UP.map(([title, , , allowed]) => [title, allowed]));
  expect((await rig.frames()).length).toBe(UP.filter(([, , , allowed]) => allowed).length);
});

test.each([
  ['v1/default/bin-1/down', 1],
  ['v1/default/bin-1/up', 0x80],
  ['v1/default/bin-2/down', 0x80],
  ['v1/other/bin-1/down', 0x80],
  ['v1/default/+/down', 0x80],
  ['#', 0x80],
  ['$SYS/#', 0x80],
  ['$share/group/v1/default/bin-1/down', 0x80],
])('a device that subscribes %s is answered %i and stays connected', async (filter, granted) => {
  const rig = await rigWithAll();
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  client.send(bytes.subscribe(filter));
  expect([...(await client.received(9)).subarray(4)]).toEqual([0x90, 3, 0, 2, granted]);
  client.send(bytes.publish(own, '{}'));
  expect((await client.received(13)).length).toBe(13);
});

test('a Sparkplug edge node that breaks off leaves its NDEATH in the inbox; one that says goodbye does not', async () => {
  const rig = await rigWithAll();
  const connect = (edge: string) =>
    bytes.connect(edge, { user: 'integration:sparkplug', will: `spBv1.0/city/NDEATH/${edge}` });
  const broken = await rawLogin(rig.port, connect('edge-1'));
  broken.client.socket.destroy();
  await vi.waitFor(async () => expect(await rig.frames()).toHaveLength(1));
  const polite = await rawLogin(rig.port, connect('edge-2'));
  polite.client.send(bytes.frame(0xe0, Buffer.alloc(0)));
  await polite.client.closed;
  expect(await rig.frames()).toMatchObject([
    { source: 'sparkplug', topic: 'spBv1.0/city/NDEATH/edge-1', origin: { kind: 'integration', id: 'sparkplug' } },
  ]);
});

test.each([
  ['spBv1.0/city/NCMD/edge 1', 1],
  ['spBv1.0/city/DCMD/edge 1/#', 1],
  ['spBv1.0/STATE/scada', 1],
  ['spBv1.0/city/DDATA/edge 1/bin', 0x80],
  ['spBv1.0/#', 0x80],
])('a Sparkplug integration that subscribes %s is answered %i', async (filter, granted) => {
  const rig = await rigWithAll();
  const { client } = await rawLogin(rig.port, bytes.connect('x', { user: 'integration:sparkplug' }));
  client.send(bytes.subscribe(filter));
  expect((await client.received(9))[8]).toBe(granted);
});

test('an integration may subscribe nothing', async () => {
  const rig = await rigWithAll();
  const { client } = await rawLogin(rig.port, bytes.connect('x', { user: 'integration:native' }));
  client.send(bytes.subscribe('v1/default/bin-1/down'));
  expect((await client.received(9))[8]).toBe(0x80);
});

test('a frame keeps tenant, source, topic, origin, packet id and DUP', async () => {
  const rig = await rigWithAll();
  const { client } = await rawLogin(rig.port, bytes.connect('bin-3'));
  client.send(bytes.publish('v1/other/bin-3/up', 'hello', { packetId: 4_711, dup: true }));
  await client.received(8);
  const [frame] = await rig.frames();
  expect(frame).toMatchObject({
    tenant: 'other',
    source: 'native',
    topic: 'v1/other/bin-3/up',
    origin: { kind: 'device', id: 'bin-3' },
    packetId: 4_711,
    dup: true,
  });
  expect(Buffer.from(frame!.payload).toString()).toBe('hello');
});

test('QoS 0 is stored too', async () => {
  const rig = await rigWithAll();
  const device = await login(rig, 'bin-1');
  await device.publishAsync(own, 'best effort', { qos: 0 });
  await device.publishAsync(own, 'sure', { qos: 1 });
  expect((await rig.frames()).map((frame) => Buffer.from(frame.payload).toString())).toEqual(['best effort', 'sure']);
});

test('nothing but CONNECT is heard before a login', async () => {
  const rig = await rigWithAll();
  const client = rawClient(rig.port);
  client.send(bytes.publish(own, '{}'));
  await client.closed;
  expect(await rig.frames()).toEqual([]);
});

test('a device over its rate is closed without acknowledgement', async () => {
  const rig = await startRig({ config: { DEVICE_RATE_PER_S: 1 }, deps: { nowMs: () => 0 } });
  await rig.addDevice('bin-1');
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  for (let packetId = 1; packetId <= 31; packetId++) client.send(bytes.publish(own, '{}', { packetId }));
  await client.closed;
  expect(await rig.metric('mqtt_denials_total', { reason: 'rate' })).toBe(1);
});

test('what could name a person is neither stored nor acknowledged', async () => {
  const rig = await startRig();
  await rig.addIntegration('locks', 'deposits');
  const at = '2026-01-05T05:00:00Z';
  const client = await login(rig, 'integration:locks', { clientId: 'locks' });
  await client.publishAsync('deposits/up', JSON.stringify({ deviceId: 'lock-1', at, count: 3 }), { qos: 1 });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('deposits/up', JSON.stringify({ deviceId: 'lock-1', at, count: 1, cardId: '04A2' }), { qos: 1 });
  await closed;
  expect(await rig.frames()).toHaveLength(1);
  expect(await rig.metric('mqtt_denials_total', { reason: 'personal-data' })).toBe(1);
});
