import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, openWorld, temporaryDir, thingsStackUplink } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

const EUI = 'a84041ffff000001';

async function strangerInAnInboxOfItsOwn(dir: string, fCnt: number) {
  const world = await openWorld({ types, dir, inboxDir: await temporaryDir() });
  await world.start();
  const uplink = thingsStackUplink(EUI, { hex: `0d3b0aef0000000${fCnt}`, fPort: 2, fCnt });
  await world.send(uplink, { ...LORA, receivedAtMs: NOW + fCnt * 60_000 });
  await world.settled();
  return world;
}

test('letters of a lost inbox and of the one begun anew keep each their own bytes, though their frames share a number', async () => {
  const dir = await temporaryDir();
  await (await strangerInAnInboxOfItsOwn(dir, 1)).close();
  const world = await strangerInAnInboxOfItsOwn(dir, 2);
  const before = await world.letters();
  expect(before.map(({ id }) => id.split('-')[1])).toEqual(['1', '1']);
  const adopted = await world.http.inject({
    method: 'POST',
    url: `/v1/unknown-devices/things-stack-${EUI}/adopt`,
    headers: { authorization: 'Bearer engineer' },
    payload: { deviceId: 'sensor-1', typeId: 'decentlab-dl-mbx' },
  });
  expect(adopted.json()).toMatchObject({ frames: 2, readings: 0, unread: 2 });
  const after = await world.letters();
  expect(after.map(({ code }) => code)).toEqual(['CODEC_FAULT', 'CODEC_FAULT']);
  expect(after.map(({ rawBase64 }) => rawBase64)).toEqual(before.map(({ rawBase64 }) => rawBase64));
});
