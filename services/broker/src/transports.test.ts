import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { SECRET, bytes, login, rawLogin, startRig } from './harness.ts';

const credentials = { clientId: 'bin-1', username: 'bin-1', password: SECRET, reconnectPeriod: 0 };
const own = 'v1/default/bin-1/up';

test('a device speaks MQTT over WebSocket at /mqtt, up and down', async () => {
  const rig = await startRig({ webSocket: true });
  await rig.addDevice('bin-1');
  const device = await connectAsync(`ws://127.0.0.1:${rig.httpPort}/mqtt`, credentials, false);
  onTestFinished(() => void device.end(true));
  await device.publishAsync(own, 'by web socket', { qos: 1 });
  expect((await rig.frames()).length).toBe(1);
  await device.subscribeAsync('v1/default/bin-1/down', { qos: 1 });
  const heard = new Promise<string>((resolve) =>
    device.once('message', (_topic, payload) => resolve(payload.toString())),
  );
  expect(rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload: Buffer.from('open lid') })).toBe(
    true,
  );
  expect(await heard).toBe('open lid');
});

test('a wrong secret over WebSocket is answered with CONNACK 5', async () => {
  const rig = await startRig({ webSocket: true });
  await expect(
    connectAsync(`ws://127.0.0.1:${rig.httpPort}/mqtt`, { ...credentials, password: 'wrong' }, false),
  ).rejects.toMatchObject({ code: 5 });
});

test('a WebSocket without the subprotocol mqtt is closed', async () => {
  const rig = await startRig({ webSocket: true });
  const socket = new WebSocket(`ws://127.0.0.1:${rig.httpPort}/mqtt`);
  expect(await new Promise((resolve) => socket.once('close', (code) => resolve(code)))).toBe(1002);
});

test('a WebSocket that sends rubbish is closed and harms nobody', async () => {
  const rig = await startRig({ webSocket: true });
  await rig.addDevice('bin-1');
  const socket = new WebSocket(`ws://127.0.0.1:${rig.httpPort}/mqtt`, 'mqtt');
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(Buffer.from([0x30, 0x80, 0xd0, 0xac, 0x5f, 1, 2, 3]));
  await new Promise((resolve) => socket.once('close', resolve));
  await login(rig, 'bin-1');
});

test('a downlink for a device that is not listening says so', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const payload = Buffer.from('x');
  expect(rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload })).toBe(false);
  await login(rig, 'bin-1');
  expect(rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload })).toBe(false);
});

test('the bus hears when a device listens for its downlinks and when it has taken one', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const heard: string[] = [];
  rig.bus.on('device.listening', ({ deviceId }) => void heard.push(`listening ${deviceId}`));
  rig.bus.on('downlink.taken', ({ deviceId }) => void heard.push(`taken ${deviceId}`));
  const device = await login(rig, 'bin-1');
  await device.subscribeAsync('v1/default/bin-1/down', { qos: 1 });
  await vi.waitFor(() => expect(heard).toEqual(['listening bin-1']));
  rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload: Buffer.from('x') });
  await vi.waitFor(() => expect(heard).toEqual(['listening bin-1', 'taken bin-1']));
});

test('an acknowledgement of nothing that was sent takes no downlink', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const heard: string[] = [];
  rig.bus.on('downlink.taken', ({ deviceId }) => void heard.push(deviceId));
  const { client } = await rawLogin(rig.port, bytes.connect('bin-1'));
  client.send(Buffer.from([0x40, 2, 0, 1]), bytes.subscribe('v1/default/bin-1/down'));
  await client.received(9);
  expect(heard).toEqual([]);
  rig.broker.publishDownlink({ tenant: 'default', deviceId: 'bin-1', payload: Buffer.from('x') });
  const head = 9 + 2 + 2 + 'v1/default/bin-1/down'.length;
  const packetId = (await client.received(head + 3)).subarray(head, head + 2);
  client.send(Buffer.concat([Buffer.from([0x40, 2]), packetId]), Buffer.concat([Buffer.from([0x40, 2]), packetId]));
  await vi.waitFor(() => expect(heard).toEqual(['bin-1']));
});

test('a network server may wait on its own downlink topics and on no others', async () => {
  const rig = await startRig();
  await rig.addIntegration('cs', 'chirpstack');
  const client = await login(rig, 'integration:cs', { clientId: 'gateway-bridge' });
  const filter = 'application/+/device/+/command/down';
  await client.subscribeAsync(filter, { qos: 1 });
  for (const foreign of ['v1/default/bin-1/down', 'application/1/device/2/event/up', '#'])
    await expect(client.subscribeAsync(foreign)).rejects.toThrow();
  const heard = new Promise<string>((resolve) => client.once('message', (topic) => resolve(topic)));
  const topic = 'application/7/device/a84041b2c1d2e3f4/command/down';
  const payload = Buffer.from('{}');
  expect(rig.broker.publishToNetwork({ integrationId: 'cs', topic: 'application/7/other', payload })).toBe(false);
  expect(rig.broker.publishToNetwork({ integrationId: 'cs', topic, payload })).toBe(true);
  expect(await heard).toBe(topic);
});

test('MQTTS_PORT without a readable certificate is refused with the names of the variables', async () => {
  await expect(startRig({ config: { MQTTS_PORT: 0 } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('TLS_CERT_FILE'),
  });
});

test('plain bytes at a listener never leave a connection open', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const device = await login(rig, 'bin-1');
  device.stream.write(bytes.frame(0x00, Buffer.from('x')));
  await new Promise((resolve) => device.once('close', () => resolve(undefined)));
  expect(device.connected).toBe(false);
});
