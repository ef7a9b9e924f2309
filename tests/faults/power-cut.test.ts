import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createRng } from '@ronde/kit';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import { recover } from './crash/recover.ts';
import { addFleet, judge, startLoad } from './load.ts';
import { createLoopDisk, type LoopDisk } from './loop-disk.ts';
import { startRonde } from './platform-process.ts';
import { ronde } from './scene.ts';

const DISK_MB = 96;
const CUTS = 10;
const FIRST_START_CUTS = 5;
const WAIT_MS = 60_000;

const disk = createLoopDisk(DISK_MB);
let types: SensorTypes;
beforeAll(async () => void (types = await openSensorTypes()));
afterAll(() => types.close());

/** The disk at one moment: the process stands still meanwhile, so that the copy is of one moment too. */
function cutOff(from: LoopDisk, pid: number): LoopDisk {
  process.kill(pid, 'SIGSTOP');
  const copy = from.cut();
  process.kill(pid, 'SIGCONT');
  onTestFinished(copy.remove);
  return copy;
}

test.skipIf(!disk)(
  'ten power cuts at random moments under load lose nothing that was acknowledged (skipped without root and loop devices)',
  async () => {
    onTestFinished(disk!.remove);
    const rng = createRng(Number(process.hrtime.bigint() % 1_000_000n));
    const running = await ronde(join(disk!.dir, 'data'));
    const fleet = await addFleet(running, 5);
    let number = 0;
    const acked: number[] = [];
    const load = await startLoad(running, {
      fleet,
      window: 10,
      nextNumber: () => number++,
      onAck: (one) => void acked.push(one),
    });
    const cuts: { copy: LoopDisk; acked: number[] }[] = [];
    for (let cut = 1; cut <= CUTS; cut++) {
      const least = acked.length + 100 + rng.int(400);
      const endMs = performance.now() + WAIT_MS;
      while (acked.length < least && performance.now() < endMs) await sleep(1);
      const before = [...acked];
      cuts.push({ copy: cutOff(disk!, running.child.pid!), acked: before });
    }
    load.end();
    await load.over;
    await running.kill();
    const tookMs: number[] = [];
    for (const { copy, acked: promised } of cuts.slice(0, -1)) {
      const found = await recover(join(copy.dir, 'data'), types);
      tookMs.push(found.tookMs);
      expect(promised.filter((one) => found.copies.get(one) !== 1)).toEqual([]);
      expect([...found.copies].filter(([, copies]) => copies > 1)).toEqual([]);
      expect(found).toMatchObject({ isReady: true, corruptFrames: 0 });
    }
    const last = cuts.at(-1)!;
    const again = await ronde(join(last.copy.dir, 'data'));
    expect(await judge(again, fleet, last.acked)).toMatchObject({ lost: [], doubled: [] });
    await again.kill();
    process.stderr.write(
      `${CUTS} power cuts: ${cuts.map(({ acked: promised }) => promised.length).join(', ')} acknowledged, 0 lost, 0 twice; start to caught up at most ${Math.round(Math.max(...tookMs))} ms\n`,
    );
  },
);

test.skipIf(!disk)(
  'a power cut during the first start leaves what a second start takes (skipped without root and loop devices)',
  async () => {
    const empty = createLoopDisk(DISK_MB)!;
    onTestFinished(empty.remove);
    const rng = createRng(Number(process.hrtime.bigint() % 1_000_000n));
    // from the first file on, in steps that spread over the start
    const cuts: LoopDisk[] = [];
    let isUp = false;
    const started = startRonde({
      dataDir: join(empty.dir, 'data'),
      onSpawn(child) {
        const cutSome = async (): Promise<void> => {
          while (!isUp && cuts.length < FIRST_START_CUTS) {
            await sleep(rng.int(400));
            if (!isUp) cuts.push(cutOff(empty, child.pid!));
          }
        };
        void cutSome();
      },
    });
    const running = await started;
    isUp = true;
    cuts.push(cutOff(empty, running.child.pid!));
    await running.kill();
    for (const copy of cuts) expect(await recover(join(copy.dir, 'data'), types)).toMatchObject({ isReady: true });
    process.stderr.write(`power cut during the first start: ${cuts.length} moments, each started again\n`);
  },
);
