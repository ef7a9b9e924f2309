import { expect, test, vi } from 'vitest';
import { RondeError } from '@ronde/contracts';
import { hashSecret } from '@ronde/registry';
import { SECRET, bytes, login, rawLogin, startRig } from './harness.ts';

const LOGINS: [string, Buffer, number | undefined][] = [
  ['the right secret', bytes.connect('bin-1'), 0],
  ['a wrong secret', bytes.connect('bin-1', { password: 'wrong' }), 5],
  ['an unknown device', bytes.connect('bin-9'), 5],
  ['a client id that is not the user name', bytes.connect('bin-2', { user: 'bin-1' }), 5],
  ['an empty client id', bytes.connect('', { user: 'bin-1' }), 5],
  ['a name inherited by every object', bytes.connect('__proto__'), 5],
  ['clean=false', bytes.connect('bin-1', { clean: false }), 2],
  ['an empty client id and clean=false', bytes.connect('', { user: 'bin-1', clean: false }), 2],
  ['MQTT 5', bytes.connect5('bin-1'), 0],
  ['a level that does not exist', bytes.connect('bin-1', { level: 6 }), 1],
  ['the level of MQTT 3.1 under the name of 3.1.1', bytes.connect('bin-1', { level: 3 }), 1],
  ['a will with QoS 3', bytes.connect('bin-1', { will: 'v1/default/bin-1/up', willQos: 3 }), undefined],
  [
    'a will on a wildcard',
    bytes.connect('edge', { user: 'integration:spb', will: 'spBv1.0/+/NDEATH/edge' }),
    undefined,
  ],
  ['a will on its own topic', bytes.connect('bin-1', { will: 'v1/default/bin-1/up' }), 5],
  ['a will on a system topic', bytes.connect('bin-1', { will: '$SYS/x/new/clients' }), 5],
  ['an integration with any client id', bytes.connect('whatever/it likes', { user: 'integration:tts' }), 0],
  ['an integration that does not exist', bytes.connect('x', { user: 'integration:nobody' }), 5],
  ['an integration with a wrong secret', bytes.connect('x', { user: 'integration:tts', password: 'wrong' }), 5],
  ['a device as an integration', bytes.connect('x', { user: 'integration:bin-1' }), 5],
  ['a will of Sparkplug', bytes.connect('edge', { user: 'integration:spb', will: 'spBv1.0/city/NDEATH/edge' }), 0],
  [
    'a will of Sparkplug elsewhere',
    bytes.connect('edge', { user: 'integration:spb', will: 'spBv1.0/city/NDATA/edge' }),
    5,
  ],
  ['a will of another network', bytes.connect('x', { user: 'integration:tts', will: 'v3/a@t/devices/d/up' }), 5],
  ['no keep alive', bytes.connect('bin-1', { keepaliveS: 0 }), 0],
  ['a keep alive of 18 hours', bytes.connect('bin-1', { keepaliveS: 65_535 }), 6],
];
test('logins are answered as the interface says', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await rig.addDevice('bin-2');
  await rig.addIntegration('tts', 'things-stack');
  await rig.addIntegration('spb', 'sparkplug');
  const answers: [string, number | undefined][] = [];
  for (const [title, connect] of LOGINS) {
    const { code, client } = await rawLogin(rig.port, connect);
    answers.push([title, code]);
    if (code !== 0) await client.closed;
  }
  expect(answers).toEqual(LOGINS.map(([title, , code]) => [title, code]));
});

test('a device keeps its connection when an integration takes its id as client id', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  await rig.addIntegration('tts', 'things-stack');
  const device = await login(rig, 'bin-1');
  expect((await rawLogin(rig.port, bytes.connect('bin-1', { user: 'integration:tts' }))).code).toBe(0);
  await device.publishAsync('v1/default/bin-1/up', '{}', { qos: 1 });
  expect(device.connected).toBe(true);
});

test('a renewed secret ends the connection at once and only the new one logs in', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const device = await login(rig, 'bin-1');
  await rig.addDevice('bin-1', 'default', 'renewed');
  await rig.bus.publish('registry.changed', { tenant: 'default', kind: 'device', id: 'bin-1', deleted: false });
  await vi.waitFor(() => expect(device.connected).toBe(false));
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(5);
  expect((await rawLogin(rig.port, bytes.connect('bin-1', { password: 'renewed' }))).code).toBe(0);
});

test('a change of anything but the secret leaves the device connected; removing the device does not', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const device = await login(rig, 'bin-1');
  await rig.bus.publish('registry.changed', { tenant: 'default', kind: 'device', id: 'bin-1', deleted: false });
  await device.publishAsync('v1/default/bin-1/up', '{}', { qos: 1 });
  await rig.registry.devices.delete('default', 'bin-1');
  await rig.bus.publish('registry.changed', { tenant: 'default', kind: 'device', id: 'bin-1', deleted: true });
  await vi.waitFor(() => expect(device.connected).toBe(false));
});

test('while the registry is away known devices log in and others are told to come back', async () => {
  let away = false;
  const rig = await startRig({
    wrapRegistry: (registry) => ({
      findDevice: (by) =>
        away ? Promise.reject(new RondeError('REGISTRY_UNREACHABLE', 'planted')) : registry.findDevice(by),
      findIntegration: (id) => registry.findIntegration(id),
    }),
  });
  await rig.addDevice('bin-1');
  await rig.addDevice('bin-2');
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(0);
  away = true;
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(0);
  expect((await rawLogin(rig.port, bytes.connect('bin-1', { password: 'wrong' }))).code).toBe(5);
  expect((await rawLogin(rig.port, bytes.connect('bin-2'))).code).toBe(3);
});

test('two senders that throw each other out are both shut out for a while', async () => {
  let nowMs = 0;
  const rig = await startRig({ deps: { nowMs: () => nowMs } });
  await rig.addDevice('bin-1');
  const codes: (number | undefined)[] = [];
  for (let count = 0; count < 20; count++) codes.push((await rawLogin(rig.port, bytes.connect('bin-1'))).code);
  expect(codes.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 0));
  expect(codes.slice(-3)).toEqual([3, 3, 3]);
  nowMs = 301_000;
  expect((await rawLogin(rig.port, bytes.connect('bin-1'))).code).toBe(0);
});

test('the newest connection of a device wins', async () => {
  const rig = await startRig();
  await rig.addDevice('bin-1');
  const first = await login(rig, 'bin-1');
  const second = await login(rig, 'bin-1');
  await vi.waitFor(() => expect(first.connected).toBe(false));
  await second.publishAsync('v1/default/bin-1/up', '{}', { qos: 1 });
  expect(await rig.registry.findDevice({ id: 'bin-1' })).toMatchObject({ device: { secretHash: hashSecret(SECRET) } });
});
