import { expect, onTestFinished, test, vi } from 'vitest';
import type { DeviceLink } from '@ronde/contracts';
import { openSensorTypes } from '@ronde/sensor-types';
import { NOW, openWorld } from '../fixtures.ts';

/** Dingtek DF703: level, temperature, states, and the frame counter before the last byte but one. */
function datagram(counter: number): object {
  const hex = `800001011107d0001900000000${counter.toString(16).padStart(4, '0')}0081`;
  return { srcImsi: '204080813516718', rcvTime: NOW / 1000, payload: Buffer.from(hex, 'hex').toString('base64') };
}

test('over NB-IoT the counter in the payload tells what was lost', async () => {
  const types = await openSensorTypes();
  const world = await openWorld({ types });
  onTestFinished(async () => {
    await world.close();
    await types.close();
  });
  await world.addDevice('nb-1', 'dingtek-df703', { externalIds: { networkId: '204080813516718' } });
  await world.start();
  const integration = { kind: 'integration', id: 'miotiq' } as const;
  for (const counter of [7, 8, 11]) {
    await world.send(datagram(counter), { source: 'miotiq', topic: 'webhook/miotiq', origin: integration });
    world.clock.advance(3_600_000);
  }
  await world.settled();
  await vi.waitFor(async () => {
    const url = '/v1/devices/nb-1/link';
    const answer = await world.http.inject({ url, headers: { authorization: 'Bearer engineer' } });
    expect(answer.json<DeviceLink>()).toMatchObject({
      lastCounter: 11,
      missed: 2,
      gaps: [{ from: 9, to: 10, status: 'open' }],
    });
  });
});
