import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { LORA, NOW, openWorld, thingsStackUplink } from './fixtures.ts';

let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

const EUI = '24e124713d492003';
const MINUTE = 60_000;
const mounting = { emptyDistanceM: 3, fullDistanceM: 0 };

function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex');
}
/** EM500-UDL: channel 20 type ce, seconds and millimetres. */
const kept = (atMs: number, hexMm: string) => `20ce${u32(atMs / 1000)}${hexMm}`;

async function started() {
  const world = await openWorld({ types });
  await world.addDevice('udl', 'milesight-em500-udl', { externalIds: { devEui: EUI }, assetId: 'asset-1', mounting });
  await world.start();
  let fCnt = 0;
  const send = async (hex: string) => {
    await world.send(thingsStackUplink(EUI, { hex, fPort: 85, fCnt: (fCnt += 1), atMs: NOW }), LORA);
    await world.settled();
  };
  const fills = async () =>
    (await world.stored('udl'))
      .filter(({ quantity }) => quantity === 'fill')
      .map(({ at, value, quality, flags }) => ({ ago: (Date.parse(at) - NOW) / MINUTE, value, quality, flags }));
  return { ...world, send, fills };
}

test('what a device kept becomes readings of its own time, once however often it comes', async () => {
  const world = await started();
  const backlog = kept(NOW - 20 * MINUTE, 'b80b') + kept(NOW - 10 * MINUTE, 'd007');
  await world.send(`0382e803${backlog}`);
  await world.send(backlog);
  expect(await world.fills()).toEqual([
    { ago: -20, value: 0, quality: 'ok', flags: expect.arrayContaining(['BACKFILLED', 'DERIVED']) },
    { ago: -10, value: 0.333333, quality: 'ok', flags: expect.arrayContaining(['BACKFILLED', 'DERIVED']) },
    { ago: 0, value: 0.666667, quality: 'ok', flags: ['DERIVED'] },
  ]);
  const [last] = await world.readings.lastValues({ tenant: 'default', assetIds: ['asset-1'], quantity: 'fill' });
  expect(last?.value).toBe(0.666667);
  await world.close();
});

test('records of no believable time are kept, and never count as the present', async () => {
  const world = await started();
  await world.send('0382e803');
  await world.send(kept(0, 'b80b') + kept(NOW + 86_400_000, 'd007'));
  const distances = (await world.stored('udl')).filter(({ quantity }) => quantity === 'distance');
  expect(distances.map(({ value, quality, flags }) => ({ value, quality, flags }))).toEqual([
    { value: 1, quality: 'ok', flags: [] },
    { value: 3, quality: 'invalid', flags: ['CLOCK_IMPLAUSIBLE', 'BACKFILLED'] },
    { value: 2, quality: 'invalid', flags: ['CLOCK_IMPLAUSIBLE', 'BACKFILLED'] },
  ]);
  expect(await world.fills()).toMatchObject([{ value: 0.666667 }]);
  await world.close();
});
