import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { letterId, openWorld, temporaryDir } from './fixtures.ts';

const PAUSE_MS = 60_000;

/** Types with one whose codec never ends on bytes that start with 255. */
async function typesWithALoop(nowMs: () => number): Promise<SensorTypes> {
  const dir = await temporaryDir();
  const folder = join(dir, 'acme-loop');
  await mkdir(folder);
  await writeFile(
    join(folder, 'sensor.yaml'),
    `id: acme-loop
version: 1.0.0
vendor: Acme
model: Loop
description: A codec that hangs on some bytes.
measurements:
  temperature: { from: t, unit: Cel }
source: made up
licence: EUPL-1.2
`,
  );
  await writeFile(
    join(folder, 'codec.js'),
    'function decodeUplink(i) { while (i.bytes[0] === 255); return { data: { t: i.bytes[1] } }; }',
  );
  const types = await openSensorTypes({ dirs: [dir], sandbox: { nowMs, coolDownMs: PAUSE_MS } });
  onTestFinished(() => types.close());
  return types;
}

test('frames of a paused codec are dead letters that say so, and are replayed when the pause is over', async () => {
  let nowMs = 0;
  const types = await typesWithALoop(() => nowMs);
  const world = await openWorld({ types });
  await world.addDevice('looper', 'acme-loop');
  await world.start();
  const origin = { kind: 'device', id: 'looper' } as const;
  const send = async (bytes: number[], fCnt: number): Promise<number> => {
    const data = Buffer.from(bytes).toString('base64');
    const seq = await world.send({ fPort: 1, fCnt, data }, { origin });
    await world.settled();
    return seq;
  };
  for (const fCnt of [1, 2, 3]) await send([255, 20], fCnt);
  const good = await send([1, 21], 4);
  const letters = await world.letters();
  expect(letters.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'CODEC_FAULT'));
  expect(letters.filter(({ reason }) => reason.includes('was stopped on port 1'))).toHaveLength(3);
  const waiting = letters.find(({ id }) => id === letterId(good));
  expect(waiting).toMatchObject({
    reason: 'the codec of acme-loop 1.0.0 is paused after repeated faults; this uplink was not decoded',
    remedy: expect.stringContaining('then replay') as unknown,
    rawBase64: Buffer.from(JSON.stringify({ fPort: 1, fCnt: 4, data: 'ARU=' })).toString('base64'),
  });
  const replay = async () =>
    (
      await world.http.inject({
        method: 'POST',
        url: `/v1/dead-letters/${letterId(good)}/replay`,
        headers: { authorization: 'Bearer operator' },
      })
    ).json() as object;
  expect(await replay()).toMatchObject({ status: 'open', code: 'CODEC_FAULT' });
  nowMs = PAUSE_MS;
  expect(await replay()).toMatchObject({ status: 'replayed', readings: 1 });
  expect(await world.stored('looper')).toMatchObject([{ quantity: 'temperature', value: 21 }]);
  world.clock.advance(PAUSE_MS);
  await send([1, 22], 5);
  expect(await world.stored('looper')).toHaveLength(2);
});
