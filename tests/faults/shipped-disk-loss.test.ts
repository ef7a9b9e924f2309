import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { addFleet, judge, startLoad } from './load.ts';
import { runRonde } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

/** What losing the disk may cost: the time between two copies, and what is under way. */
const RPO_MS = 1_000;
const SPARE_MS = 1_000;

test('after kill -9 and the loss of the whole disk, a backup and the second place give back all but the last second', async () => {
  const dataDir = emptyDir();
  const shippedTo = emptyDir();
  const archive = join(emptyDir(), 'ronde.tar');
  const running = await ronde(dataDir, { INBOX_SHIP_URL: `file:${shippedTo}` });
  const fleet = await addFleet(running, 5);
  expect(await runRonde(['backup', archive], { DATA_DIR: dataDir })).toMatchObject({ code: 0, stderr: '' });
  let number = 0;
  const acked: { number: number; atMs: number }[] = [];
  const load = await startLoad(running, {
    fleet,
    window: 10,
    nextNumber: () => number++,
    onAck: (one) => void acked.push({ number: one, atMs: performance.now() }),
  });
  await vi.waitFor(() => expect(acked.length).toBeGreaterThan(3_000), 60_000);
  const behindS = await running.metric('ronde_inbox_ship_worst_behind_seconds');
  const killedMs = performance.now();
  await running.kill();
  load.end();
  await load.over;
  rmSync(dataDir, { recursive: true });

  const elsewhere = join(emptyDir(), 'data');
  const startMs = performance.now();
  const restored = await runRonde(['restore', archive, '--from-shipped', `file:${shippedTo}`, '--json'], {
    DATA_DIR: elsewhere,
  });
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  const { rebuilt } = JSON.parse(restored.stdout) as { rebuilt: { frames: number; segments: number } };
  const second = await ronde(elsewhere, { INBOX_SHIP_URL: `file:${shippedTo}` });
  const verdict = await judge(
    second,
    fleet,
    acked.map((one) => one.number),
  );
  const rtoS = (performance.now() - startMs) / 1000;
  expect(verdict.doubled).toEqual([]);
  // everything but the end of the row: nothing in the middle is missing
  const lost = acked.filter((one) => verdict.lost.includes(one.number));
  const oldestMs = Math.max(0, ...lost.map(({ atMs }) => killedMs - atMs));
  expect(oldestMs).toBeLessThan(RPO_MS + SPARE_MS + behindS * 1000);
  process.stderr.write(
    `disk lost under load: ${acked.length} acknowledged, ${rebuilt.frames} frames from ${rebuilt.segments} segments, ${lost.length} lost, the oldest ${Math.round(oldestMs)} ms before the kill; worst behind ${behindS.toFixed(2)} s; running again after ${rtoS.toFixed(1)} s\n`,
  );
});

test('a Ronde that ends in order leaves nothing that is not at the second place', async () => {
  const dataDir = emptyDir();
  const shippedTo = emptyDir();
  const env = { INBOX_SHIP_URL: `file:${shippedTo}`, INBOX_SHIP_PERIOD_MS: '60000' };
  const running = await ronde(dataDir, env);
  const fleet = await addFleet(running, 2);
  let number = 0;
  const acked: number[] = [];
  const load = await startLoad(running, {
    fleet,
    window: 5,
    nextNumber: () => number++,
    onAck: (one) => void acked.push(one),
  });
  await vi.waitFor(() => expect(acked.length).toBeGreaterThan(300), 60_000);
  load.end();
  await load.over;
  await running.stop();
  // the inbox alone is lost: registry and readings are on the same disk, unharmed
  rmSync(join(dataDir, 'inbox'), { recursive: true });
  expect(await runRonde(['restore', '--from-shipped'], { DATA_DIR: dataDir, ...env })).toMatchObject({ code: 0 });
  expect(await judge(await ronde(dataDir, env), fleet, acked)).toMatchObject({ lost: [], doubled: [] });
});
