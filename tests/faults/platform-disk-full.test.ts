import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addFleet, connectDevice, judge, readingsOf, startLoad } from './load.ts';
import { ronde } from './scene.ts';
import { mountSmallDisk } from './small-disk.ts';

const disk = mountSmallDisk(24);

test.skipIf(!disk)(
  'on a full disk nothing is acknowledged, health says so, reads work, and all recovers when space returns (skipped where tmpfs cannot be mounted)',
  async () => {
    onTestFinished(() => disk!.remove());
    const running = await ronde(join(disk!.dir, 'data'));
    const fleet = await addFleet(running, 5);
    let number = 0;
    const acked: number[] = [];
    const options = { fleet, window: 10, nextNumber: () => number++, onAck: (one: number) => void acked.push(one) };
    const load = await startLoad(running, options);
    await vi.waitFor(() => expect(acked.length).toBeGreaterThan(500), 60_000);
    const { bavail, bsize } = statfsSync(disk!.dir);
    const ballast = join(disk!.dir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 512 * 1024)));
    const ready = async (): Promise<number> => (await fetch(`${running.url}/health/ready`)).status;
    await vi.waitFor(async () => expect(await ready()).toBe(503), { timeout: 60_000, interval: 50 });
    load.end();
    await load.over;
    const ackedWhenFull = acked.length;
    const device = await connectDevice(running.mqttPort, fleet[0]!).catch((thrown: Error) => thrown);
    if (!(device instanceof Error)) {
      const isAcked = await device.publishAsync('v1/default/bin-0/up', '{"count":1e8}', { qos: 1 }).then(
        () => true,
        () => false,
      );
      expect(isAcked).toBe(false);
      device.end(true);
    }
    expect((await readingsOf(running, 'bin-0', 'count')).length).toBeGreaterThan(0);
    rmSync(ballast);
    const freedMs = performance.now();
    await vi.waitFor(async () => expect(await ready()).toBe(200), { timeout: 60_000, interval: 50 });
    const recoveredMs = Math.round(performance.now() - freedMs);
    const again = await startLoad(running, options);
    await vi.waitFor(() => expect(acked.length).toBeGreaterThan(ackedWhenFull + 100), 60_000);
    again.end();
    await again.over;
    expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
    process.stderr.write(
      `disk full: ${ackedWhenFull} acknowledged before, ready again ${recoveredMs} ms after space came back\n`,
    );
  },
);
