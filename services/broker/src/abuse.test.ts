import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bytes, login, rawClient, rawLogin, startRig, type RawClient } from './harness.ts';

const own = 'v1/default/bin-1/up';
const MIB = 1024 * 1024;

/** Writes until the other side closes; gives the bytes it could hand over. */
async function pour(socket: Socket, head: Buffer, totalBytes: number): Promise<number> {
  const chunk = Buffer.alloc(MIB, 0x61);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(head);
  let poured = 0;
  while (poured < totalBytes && !socket.destroyed) {
    const more = socket.write(chunk);
    poured += chunk.length;
    if (!more) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
  await closed;
  return poured;
}

test('frames of 200 MB without login are cut at their header and cost no memory', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const beforeBytes = process.memoryUsage.rss();
  const heads = [0x10, 0x10, 0x30, 0x82].map((first) => Buffer.from([first, 0x80, 0xd0, 0xac, 0x5f]));
  const poured = await Promise.all(heads.map((head) => pour(connect(rig.port, '127.0.0.1'), head, 200 * MIB)));
  for (const sent of poured) expect(sent).toBeLessThan(50 * MIB);
  expect(process.memoryUsage.rss() - beforeBytes).toBeLessThan(60 * MIB);
  await login(rig, 'bin-1');
});

test('a frame of 200 MB after login is cut too', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await rig.addIntegration('tts', 'things-stack');
  for (const user of ['bin-1', 'integration:tts']) {
    const { code, client } = await rawLogin(rig.port, bytes.connect('bin-1', { user }));
    expect(code).toBe(0);
    expect(await pour(client.socket, Buffer.from([0x30, 0x80, 0xd0, 0xac, 0x5f]), 200 * MIB)).toBeLessThan(50 * MIB);
  }
});

const badBytes = (first: number, ...body: number[]): Buffer => bytes.frame(first, Buffer.from(body));
const WRONG_PACKETS: [string, Buffer][] = [
  ['packet id 0', bytes.publish(own, '{}', { packetId: 0 })],
  ['DUP with QoS 0', bytes.publish(own, '{}', { qos: 0, dup: true })],
  ['QoS 3', bytes.publish(own, '{}', { qos: 3 })],
  ['a NUL in the topic', bytes.publish('v1/default/bin-1/up\0', '{}')],
  ['a control character in the topic', bytes.publish('v1/default/bin-1/up\n', '{}')],
  ['a topic that is not UTF-8', bytes.publish(Buffer.from([0x76, 0xff, 0xfe]), '{}')],
  ['a topic of 200 levels', bytes.publish('a/'.repeat(200), '{}')],
  ['a subscription of 200 levels', bytes.subscribe('a/'.repeat(200))],
  ['a subscription that is no filter', bytes.subscribe('a/b#')],
  ['a wildcard beside letters', bytes.subscribe('ab/+e')],
  ['an end of a wildcard beside letters', bytes.unsubscribe('ab/+e')],
  ['an end of a subscription of 200 levels', bytes.unsubscribe('a/'.repeat(200))],
  ['a topic of 65,535 bytes', bytes.publish('a'.repeat(65_535), '{}')],
  ['a topic longer than its frame', badBytes(0x32, 0, 200, 0x61, 0, 1)],
  ['a second CONNECT', bytes.connect('bin-1')],
  ['a packet of the server', badBytes(0xd0)],
  ['a packet of type 0', badBytes(0x00, 0, 0)],
  ['AUTH of MQTT 5', badBytes(0xf0)],
  ['PUBREL', badBytes(0x62, 0, 1)],
  ['PINGREQ with a body', badBytes(0xc0, 1)],
  ['SUBSCRIBE without topics', badBytes(0x82, 0, 1)],
  ['SUBSCRIBE with wrong flags', badBytes(0x80, 0, 1, 0, 1, 0x61, 0)],
  ['UNSUBSCRIBE without topics', badBytes(0xa2, 0, 1)],
  ['a length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
];
test('a packet that breaks the protocol closes the connection without an acknowledgement', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const answers: [string, number][] = [];
  for (const [title, wrong] of WRONG_PACKETS) {
    const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
    client.send(wrong);
    await client.closed;
    answers.push([title, (await client.received(5)).length]);
  }
  expect(answers).toEqual(WRONG_PACKETS.map(([title]) => [title, 4]));
  expect(await rig.frames()).toEqual([]);
});

test.each([
  ['a NUL in the client id', bytes.connect('bin\0-1')],
  ['a user name that is not UTF-8', bytes.connect('bin-1', { user: Buffer.from([0xc3, 0x28]) })],
  [
    'bytes after its end',
    Buffer.concat([
      Buffer.from([0x10, bytes.connect('bin-1')[1]! + 1]),
      bytes.connect('bin-1').subarray(2),
      Buffer.from([0]),
    ]),
  ],
])('a CONNECT with %s is closed without CONNACK', async (_title, wrong) => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  expect((await rawLogin(rig.port, wrong)).code).toBeUndefined();
});

test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])(
  'a client id that every object inherits, %s, is a name like any other',
  async (clientId) => {
    const rig = await startRig();
    await rig.addIntegration('tts', 'things-stack');
    const connect = bytes.connect(clientId, { user: 'integration:tts' });
    const first = await rawLogin(rig.port, connect);
    const second = await rawLogin(rig.port, connect);
    expect([first.code, second.code]).toEqual([0, 0]);
    await first.client.closed;
    second.client.send(bytes.publish('v3/city@ttn/devices/bin-7/up', '{}'));
    expect((await second.client.received(8)).length).toBe(8);
  },
);

test('a device that leaves QoS 2 half open has nothing kept for it', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  for (let packetId = 1; packetId <= 50; packetId++) {
    const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
    client.send(bytes.publish(own, '{}', { qos: 2, packetId }));
    await client.closed;
    if (packetId < 16) expect((await client.received(4)).length).toBe(4);
  }
  expect(await rig.frames()).toEqual([]);
});

test('an attack by $SYS/…/new/clients closes the attacker, not the victim', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await rig.addDevice('bin-2');
  const victim = await login(rig, 'bin-2');
  const { client: attacker } = await rawLogin(rig.port, bytes.connect('bin-1'));
  attacker.send(bytes.publish('$SYS/x/new/clients', 'bin-2', { qos: 0 }));
  await attacker.closed;
  await victim.publishAsync('v1/default/bin-2/up', '{}', { qos: 1 });
  expect(victim.connected).toBe(true);
});

test('a subscriber that stops reading is cut, while others receive and are acknowledged', async () => {
  const rig = await startRig();
  for (const id of ['bin-1', 'bin-2', 'bin-3']) await rig.addDevice(id);
  const { client: frozen } = await rawLogin(rig.port, bytes.connect('bin-1'));
  frozen.send(bytes.subscribe('v1/default/bin-1/down'));
  await frozen.received(9);
  frozen.socket.pause();
  const healthy = await login(rig, 'bin-2');
  let heard = 0;
  healthy.on('message', () => (heard += 1));
  await healthy.subscribeAsync('v1/default/bin-2/down', { qos: 1 });
  const sender = await login(rig, 'bin-3');
  const payload = Buffer.alloc(16 * 1024);
  let cutAfter = 0;
  for (let count = 1; cutAfter === 0 && count <= 2_000; count++) {
    if (!rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload })) cutAfter = count;
    rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-2', payload: Buffer.from('hello') });
    await sender.publishAsync('v1/default/bin-3/up', '{}', { qos: 1 });
    await vi.waitFor(() => expect(heard).toBe(count));
  }
  expect(cutAfter).toBeGreaterThan(0);
  expect(await rig.metric('mqtt_connections_cut_total', { reason: 'slow' })).toBe(1);
});

test('a flood of half-open connections gives way to an honest login', async () => {
  const rig = await startRig({ config: { MQTT_HALF_OPEN_PER_ADDRESS: 20 } });
  await rig.addDevice('bin-1');
  const flood: RawClient[] = Array.from({ length: 60 }, () => rawClient(rig.port));
  for (const { send } of flood) send(Buffer.from([0x10]));
  await vi.waitFor(async () =>
    expect(await rig.metric('mqtt_connections_cut_total', { reason: 'half-open' })).toBe(40),
  );
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(0);
});

test('beyond the bound on connections the newcomer is closed', async () => {
  const rig = await startRig({ config: { MQTT_MAX_CONNECTIONS: 2 } });
  await rig.addDevice('bin-1');
  const first = await login(rig, 'bin-1');
  const second = rawClient(rig.port);
  await vi.waitFor(async () => expect(await rig.metric('mqtt_clients')).toBe(2));
  await rawClient(rig.port).closed;
  expect(first.connected).toBe(true);
  second.socket.destroy();
});

test('a connection that never sends CONNECT is closed after its time', async () => {
  const rig = await startRig({ config: { MQTT_CONNECT_TIMEOUT_MS: 200 } });
  const silent = rawClient(rig.port);
  silent.send(Buffer.from([0x10, 0x7f, 0]));
  await silent.closed;
  expect((await silent.received(1)).length).toBe(0);
});

test('random bytes, before and after login, never stop the broker', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const faults: unknown[] = [];
  const note = (fault: unknown): void => void faults.push(fault);
  process.on('uncaughtExceptionMonitor', note);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', note));
  const commands = fc.constantFrom(0x10, 0x20, 0x30, 0x32, 0x34, 0x3a, 0x40, 0x62, 0x82, 0xa2, 0xc0, 0xe0);
  const packet = fc
    .tuple(commands, fc.uint8Array({ maxLength: 40 }))
    .map(([first, body]) => bytes.frame(first, Buffer.from(body)));
  const session = fc.tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(
        packet,
        fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  );
  await fc.assert(
    fc.asyncProperty(session, async ([loggedIn, packets]) => {
      const client = rawClient(rig.port);
      client.send(...(loggedIn ? [bytes.connect('bin-1')] : []), ...packets);
      client.socket.end();
      await client.closed;
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(faults).toEqual([]);
  await login(rig, 'bin-1', { clientId: 'bin-1' }).catch(() => undefined);
  expect(rig.health.report().ready).toBe(true);
});
