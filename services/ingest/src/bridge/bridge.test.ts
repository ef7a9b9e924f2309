import { connectAsync } from 'mqtt';
import { beforeAll, afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { findMosquitto, startMosquitto } from '../../../../tests/fixtures/mosquitto.ts';
import { LORA, NOW, TENANT, openWorld, thingsStackUplink } from '../fixtures.ts';
import { defaultTopics, routeMessage } from './route-message.ts';
import type { UpstreamMessage } from './session.ts';

const program = findMosquitto();
const testWith = test.skipIf(program === undefined);
const WAIT = { timeout: 20_000, interval: 20 };
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

function message(over: Partial<UpstreamMessage>): UpstreamMessage {
  const payload = over.payload ?? Buffer.from('{"fill":0.5}');
  const topic = 'v1/default/bin-1/up';
  return { topic, payload, payloadBytes: payload.length, qos: 1, retain: false, dup: false, messageId: 7, ...over };
}
const main = { id: 'upstream', tenant: TENANT };

test('topics tell the source, own devices speak for themselves, and an integration for its network', () => {
  expect(routeMessage(message({}), main, NOW)).toMatchObject({
    source: 'native',
    tenant: 'default',
    origin: { kind: 'device', id: 'bin-1' },
    packetId: 7,
    dup: false,
  });
  expect(routeMessage(message({ topic: LORA.topic }), main, NOW)).toMatchObject({
    source: 'things-stack',
    origin: { kind: 'integration', id: 'upstream' },
  });
  const cs = { id: 'cs', tenant: TENANT, source: 'chirpstack' } as const;
  expect(routeMessage(message({ topic: 'site/a/application/1/device/2/event/up' }), cs, NOW)).toMatchObject({
    source: 'chirpstack',
    origin: { id: 'cs' },
  });
});

test.each([
  ['$SYS/broker/load', {}, 'system-topic'],
  ['v1/default/bin-1/up', { retain: true }, 'retained'],
  ['some/other/topic', {}, 'topic'],
  ['v1/default/bin\u0000/up', {}, 'topic'],
  ['deposits/east', { payload: Buffer.from('{"cardId":"0123"}') }, 'personal-data'],
] as const)('%s is acknowledged and not kept', (topic, over, reason) => {
  expect(routeMessage(message({ topic, ...over }), main, NOW)).toBe(reason);
});

test('a source is followed on the topics that it publishes on', () => {
  expect(defaultTopics('things-stack', 'bins@city', TENANT)[0]).toBe('v3/bins@city/devices/+/up');
  expect(defaultTopics('chirpstack', undefined, TENANT)).toEqual(['application/+/device/+/event/+']);
  expect(defaultTopics('native', undefined, 'utrecht')).toEqual(['v1/utrecht/+/up']);
});

testWith(
  'an integration follows its network server: uplinks become readings, a copy is dropped, the rest is told',
  async () => {
    const broker = await startMosquitto(program!);
    onTestFinished(() => broker.kill());
    const world = await openWorld({ types });
    await world.addDevice('udl', 'dragino-ldds75', { externalIds: { devEui: 'a84041b2c1d2e3f4' } });
    await world.start();
    await world.registry.integrations.put(TENANT, {
      id: 'tts',
      source: 'things-stack',
      createdAt: world.clock.iso(),
      secretHash: 'none',
      follow: {
        url: broker.url,
        protocol: 'auto',
        user: 'app@ttn',
        keySealed: world.sealer.seal('key', 'integration/tts/follow'),
      },
    });
    await world.bus.publish('registry.changed', { tenant: TENANT, kind: 'integration', id: 'tts', deleted: false });
    const network = await connectAsync(broker.url);
    onTestFinished(() => void network.end(true));
    const topic = 'v3/app@ttn/devices/eui-a84041b2c1d2e3f4/up';
    const uplink = (fCnt: number): string =>
      JSON.stringify(
        thingsStackUplink('a84041b2c1d2e3f4', { hex: '0d3b032000000001', fPort: 2, fCnt, atMs: NOW - 1000 }),
      );
    // the first may come before the subscription
    await vi.waitFor(async () => {
      await network.publishAsync(topic, uplink(1), { qos: 1 });
      expect(world.inbox.stats().head).toBeGreaterThan(0);
    }, WAIT);
    await network.publishAsync(topic, uplink(1), { qos: 1 });
    await network.publishAsync(topic, Buffer.alloc(100_000, 65), { qos: 1 });
    await vi.waitFor(async () => expect(await world.letters()).toHaveLength(1), WAIT);
    await world.settled();
    const distances = (await world.stored('udl')).filter(({ quantity }) => quantity === 'distance');
    expect(distances).toHaveLength(1);
    expect((await world.letters())[0]).toMatchObject({
      code: 'PAYLOAD_MALFORMED',
      reason: 'the message has 100000 bytes, 65536 are taken; its first 4096 are kept',
    });
    const metrics = await world.metrics.metrics();
    expect(metrics).toContain('ronde_bridge_connected{upstream="tts"} 1');
    expect(metrics).toMatch(/ronde_bridge_messages_total\{upstream="tts",outcome="stored"\} [3-9]/);
    await world.registry.integrations.delete(TENANT, 'tts');
    await world.bus.publish('registry.changed', { tenant: TENANT, kind: 'integration', id: 'tts', deleted: true });
    await vi.waitFor(
      async () => expect(await world.metrics.metrics()).not.toContain('bridge_connected{upstream="tts"}'),
      WAIT,
    );
  },
);
