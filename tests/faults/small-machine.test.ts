import { expect, onTestFinished, test, vi } from 'vitest';
import { createCgroup, type Limits } from './cgroup.ts';
import { addFleet, judge, startLoad } from './load.ts';
import { ronde } from './scene.ts';

const ACKS = 20_000;
const FEW_ACKS = 1_500;
const LONG_MS = 600_000;
const WAIT = { timeout: 300_000, interval: 100 };

const CASES: { what: string; limits: Limits; acks: number }[] = [
  { what: '400 MB of memory', limits: { memoryMb: 400 }, acks: ACKS },
  { what: 'a fifth of a processor', limits: { cpus: 0.2 }, acks: FEW_ACKS },
];

const probe = createCgroup({ memoryMb: 64, cpus: 0.5 });
probe?.remove();

test.skipIf(!probe).each(CASES)(
  'with $what the platform takes its load, is not ended by the kernel, and loses and doubles nothing (skipped without root and cgroups)',
  { timeout: LONG_MS },
  async ({ what, limits, acks }) => {
    const group = createCgroup(limits)!;
    const running = await ronde(undefined, {}, group.prefix);
    // told at once, not when the waiting is over
    const ended = running.ended.then(({ signal }) => Promise.reject(new Error(`the platform was ended by ${signal}`)));
    ended.catch(() => undefined);
    onTestFinished(async () => {
      await running.kill();
      group.remove();
    });
    const fleet = await addFleet(running, 5);
    let number = 0;
    const acked: number[] = [];
    const onAck = (one: number): void => void acked.push(one);
    const startMs = performance.now();
    const load = await startLoad(running, { fleet, window: 10, nextNumber: () => number++, onAck });
    await Promise.race([ended, vi.waitFor(() => expect(acked.length).toBeGreaterThan(acks), WAIT)]);
    const perS = (acked.length / (performance.now() - startMs)) * 1_000;
    load.end();
    await load.over;
    expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
    expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
    expect(running.child.exitCode).toBeNull();
    expect(group.oomKills()).toBe(0);
    if (limits.cpus) expect(group.throttled()).toBeGreaterThan(0);
    process.stderr.write(
      `${what}: ${acked.length} acknowledged at ${Math.round(perS)}/s, 0 lost, 0 twice; at most ${group.peakMb()?.toFixed(0) ?? '?'} MB, ` +
        `${running.rssMb().toFixed(0)} MB resident, ${group.throttled()} periods without processor\n`,
    );
  },
);
