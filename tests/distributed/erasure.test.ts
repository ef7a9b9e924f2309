import { expect, test } from 'vitest';
import { readingsOf } from '../faults/load.ts';
import { addBins, missing, startCluster, startNumberedLoad, until, verdictOf } from './cluster.ts';

const testHere = test.skipIf(missing !== '');
const aloud = missing === '' ? '' : ` (skipped: no ${missing})`;

interface Erased {
  frames: number;
  reached: string[];
  waiting: string[];
}

testHere(
  `an erasure asked of one worker goes through the inbox of each, names who is down, and reaches that one when it starts${aloud}`,
  async () => {
    const cluster = await startCluster({ workers: 2 });
    // an odd number: the broker deals in turns, and each device's messages have to reach both
    const ids = await addBins(cluster.api, 5);
    const load = startNumberedLoad(() => cluster.broker.url, ids, 100);
    const [gone, next, ...others] = ids as [string, string, ...string[]];
    // what it would still find in the inbox of that worker
    const framesOf = async (index: number, id: string): Promise<number> =>
      (await cluster.workers[index]!.call<Erased>('POST', '/v1/erasures', { deviceId: id, dryRun: true })).frames;
    for (const id of [gone, next]) {
      await until(`both workers hold messages of ${id}`, async () =>
        (await Promise.all([framesOf(0, id), framesOf(1, id)])).every((frames) => frames > 20),
      );
    }
    await load.end();
    expect(await verdictOf(cluster.api, ids, load.acked)).toMatchObject({ lost: [], doubled: [] });

    const first = await cluster.workers[0]!.call<Erased>('POST', '/v1/erasures', { deviceId: gone });
    expect({ reached: first.reached.toSorted(), waiting: first.waiting }).toEqual({
      reached: ['w0', 'w1'],
      waiting: [],
    });
    expect(await readingsOf(cluster.api, gone, 'count')).toEqual([]);
    expect([await framesOf(0, gone), await framesOf(1, gone)]).toEqual([0, 0]);

    await cluster.workers[1]!.kill();
    const second = await cluster.workers[0]!.call<Erased>('POST', '/v1/erasures', { deviceId: next });
    expect(second).toMatchObject({ reached: ['w0'], waiting: ['w1'] });
    await cluster.restartWorker(1);
    await until('the worker that was down has been through it', async () => (await framesOf(1, next)) === 0);
    expect((await readingsOf(cluster.api, others[0]!, 'count')).length).toBeGreaterThan(0);
  },
  400_000,
);
