import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { TENANT, openWorld } from '../fixtures.ts';
import { payloadFromBytes } from '../sources/sparkplug-payload.ts';
import { SPARKPLUG } from '../sources/protobuf-vectors.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

test('an edge node whose birth nobody heard is asked to be born again, once a minute at most', async () => {
  const sent: { topic: string; integrationId: string; payload: Uint8Array }[] = [];
  const mqtt = {
    publishDownlink: () => false,
    publishToNetwork(message: (typeof sent)[number]) {
      if (message.integrationId === 'spb') sent.push(message);
      return message.integrationId === 'spb';
    },
  };
  const world = await openWorld({ types, mqtt });
  for (const id of ['other', 'spb'])
    await world.registry.integrations.put(TENANT, { id, source: 'sparkplug', createdAt: '', secretHash: '' });
  await world.start();
  const send = (type: string, name: keyof typeof SPARKPLUG): Promise<number> =>
    world.send(new Uint8Array(Buffer.from(SPARKPLUG[name], 'hex')), {
      source: 'sparkplug',
      topic: `spBv1.0/city/${type}/edge 1${type.startsWith('D') ? '/bin-1' : ''}`,
      origin: { kind: 'integration', id: 'spb' },
    });
  await send('DDATA', 'ddata');
  await send('DDATA', 'ddata');
  await world.settled();
  await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 10_000 });
  expect(sent[0]!.topic).toBe('spBv1.0/city/NCMD/edge 1');
  expect(payloadFromBytes(sent[0]!.payload)).toEqual({
    timestamp: world.clock.nowMs(),
    metrics: [{ name: 'Node Control/Rebirth', timestamp: world.clock.nowMs(), dataType: 11, value: true }],
  });
  // the birth comes, and later a part of the sequence is missing
  await send('NBIRTH', 'nbirth');
  await send('DBIRTH', 'dbirth');
  world.clock.advance(61_000);
  await send('DDATA', 'ddataGap');
  await world.settled();
  await vi.waitFor(() => expect(sent).toHaveLength(2), { timeout: 10_000 });
}, 60_000);
