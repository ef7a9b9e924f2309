import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { DeadLetter, Page } from '@ronde/contracts';
import { HOSTILE } from '../fixtures/hostile-codecs.ts';
import { addFleet, caughtUp, connectDevice, judge, startLoad, type Fleet } from './load.ts';
import { emptyDir, ronde } from './scene.ts';

const WAIT = { timeout: 60_000, interval: 20 };
const LONG_MS = 600_000;

/** A folder with a sensor type for each hostile codec. */
function writeHostileTypes(): string {
  const dir = emptyDir();
  for (const [index, [name, body]] of HOSTILE.entries()) {
    const folder = join(dir, `hostile-${index}`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'sensor.yaml'),
      `id: hostile-${index}\nversion: 1.0.0\nvendor: Nobody\nmodel: Hostile ${index}\ndescription: ${JSON.stringify(name)}\n` +
        'measurements:\n  temperature: { from: x, unit: Cel }\nsource: made up\nlicence: EUPL-1.2\n',
    );
    writeFileSync(join(folder, 'codec.js'), `function decodeUplink(input) { ${body} }\n`);
  }
  return dir;
}

const medianOf = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

test(
  'every hostile codec ends as a dead letter, while a load beside it loses and doubles nothing',
  { timeout: LONG_MS },
  async () => {
    const running = await ronde(undefined, { SENSOR_TYPES_DIR: writeHostileTypes() });
    const fleet = await addFleet(running, 3);
    const attackers: Fleet = [];
    for (const index of HOSTILE.keys())
      attackers.push(
        await running.call<Fleet[number]>('POST', '/v1/devices', {
          id: `attacker-${index}`,
          typeId: `hostile-${index}`,
        }),
      );
    let number = 0;
    const acked: number[] = [];
    const onAck = (one: number): void => void acked.push(one);
    const load = await startLoad(running, { fleet, window: 2, nextNumber: () => number++, onAck });
    await vi.waitFor(() => expect(acked.length).toBeGreaterThan(500), WAIT);
    const beforeMb = running.rssMb();
    /** Time from sending to the acknowledgement of single messages. */
    const probe = async (device: Fleet[number], during: () => boolean): Promise<number[]> => {
      const client = await connectDevice(running.mqttPort, device);
      const tookMs: number[] = [];
      while (during()) {
        const startMs = performance.now();
        await client.publishAsync(`v1/default/${device.id}/up`, '{"fill":0.5}', { qos: 1 });
        tookMs.push(performance.now() - startMs);
      }
      await client.endAsync();
      return tookMs;
    };
    const prober = await running.call<Fleet[number]>('POST', '/v1/devices', { id: 'prober', typeId: 'plain' });
    let left = 200;
    const quietMs = await probe(prober, () => left-- > 0);
    let isOver = false;
    const loadedMs = probe(prober, () => !isOver);
    for (const { id, secret } of attackers) {
      const client = await connectDevice(running.mqttPort, { id, secret });
      await client.publishAsync(`v1/default/${id}/up`, '{"fPort":1,"fCnt":1,"data":"AQID"}', { qos: 1 });
      await client.endAsync();
    }
    const open = async (): Promise<DeadLetter[]> =>
      (await running.call<Page<DeadLetter>>('GET', '/v1/dead-letters?limit=1000')).items;
    await vi.waitFor(async () => expect(await open()).toHaveLength(HOSTILE.length), {
      timeout: 120_000,
      interval: 100,
    });
    isOver = true;
    const ackedMeanwhile = acked.length;
    for (const letter of await open()) {
      expect(letter).toMatchObject({ code: 'CODEC_FAULT', status: 'open' });
      expect(letter.reason.length).toBeGreaterThan(10);
    }
    load.end();
    await load.over;
    await caughtUp(running);
    expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    let grownMb = NaN;
    // a thread that is replaced takes a moment to give its memory back
    await vi.waitFor(() => expect((grownMb = running.rssMb() - beforeMb)).toBeLessThan(250), WAIT);
    process.stderr.write(
      `${HOSTILE.length} hostile codecs beside a load (${ackedMeanwhile} acknowledged): a probe's acknowledgement ` +
        `${medianOf(await loadedMs).toFixed(1)} ms (median), ${medianOf(quietMs).toFixed(1)} before; memory ${grownMb.toFixed(0)} MB up\n`,
    );
  },
);
