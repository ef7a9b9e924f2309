import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { addFleet, caughtUp, connectDevice, judge, readingsOf, startLoad } from './load.ts';
import { runRonde, type RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

const backup = (dataDir: string, file: string, ...flags: string[]) =>
  runRonde(['backup', file, ...flags], { DATA_DIR: dataDir });
const restore = (dataDir: string, file: string, ...flags: string[]) =>
  runRonde(['restore', file, ...flags], { DATA_DIR: dataDir });

/** A platform that has stored one reading and has ended. */
async function smallPlatform(): Promise<{ dataDir: string; first: RondeProcess }> {
  const dataDir = emptyDir();
  const first = await ronde(dataDir);
  const [device] = await addFleet(first, 1);
  const client = await connectDevice(first.mqttPort, device!);
  await client.publishAsync('v1/default/bin-0/up', '{"count":1}', { qos: 1 });
  await client.endAsync();
  await caughtUp(first);
  return { dataDir, first };
}

test('a backup under load holds every message acknowledged before it began, once, and starts elsewhere', async () => {
  const dataDir = emptyDir();
  const file = join(emptyDir(), 'ronde.tar');
  const running = await ronde(dataDir);
  const fleet = await addFleet(running, 5);
  await running.call('POST', '/v1/assets', {
    id: 'asset-1',
    kind: 'litter-bin',
    name: 'Market',
    geometry: { type: 'Point', coordinates: [5.12, 52.09] },
  });
  let number = 0;
  const acked: number[] = [];
  const load = await startLoad(running, {
    fleet,
    window: 10,
    nextNumber: () => number++,
    onAck: (one) => void acked.push(one),
  });
  await vi.waitFor(() => expect(acked.length).toBeGreaterThan(3_000), 60_000);
  const before = [...acked];
  const written = await backup(dataDir, file, '--json');
  const after = acked.length;
  load.end();
  await load.over;
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(after).toBeGreaterThan(before.length);
  await running.kill();
  expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    'registry.sqlite',
    'readings.sqlite',
    'inbox.sqlite',
    'ronde-backup.json',
  ]);

  const elsewhere = join(emptyDir(), 'data');
  const restored = await restore(elsewhere, file, '--json');
  expect(restored).toMatchObject({ code: 0, stderr: '' });
  const second = await ronde(elsewhere);
  const verdict = await judge(second, fleet, before);
  expect(verdict).toMatchObject({ lost: [], doubled: [] });
  expect(await second.call('GET', '/v1/assets/asset-1')).toMatchObject({ name: 'Market' });
  const { tookS, manifest } = JSON.parse(written.stdout) as { tookS: number; manifest: { files: { bytes: number }[] } };
  const mb = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  process.stderr.write(
    `backup under load: ${before.length} acknowledged before, ${after - before.length} during ${tookS} s, ${mb.toFixed(1)} MB; ${verdict.stored} in the restored store\n`,
  );
});

test('a backup of a Ronde that is not running restores to the same readings', async () => {
  const { dataDir, first } = await smallPlatform();
  const known = await readingsOf(first, 'bin-0', 'count');
  await first.stop();
  const file = join(emptyDir(), 'ronde.tar');
  expect((await backup(dataDir, file)).code).toBe(0);
  const elsewhere = emptyDir();
  expect((await restore(elsewhere, file)).code).toBe(0);
  expect(await readingsOf(await ronde(elsewhere), 'bin-0', 'count')).toEqual(known);
});

test('restore refuses a DATA_DIR that is not empty, one that is in use, and an archive that is not whole, and changes nothing', async () => {
  const { dataDir, first } = await smallPlatform();
  const file = join(emptyDir(), 'ronde.tar');
  expect((await backup(dataDir, file)).code).toBe(0);
  expect(await backup(dataDir, file)).toMatchObject({ code: 2, stderr: expect.stringMatching(/is there already/) });

  expect(await restore(dataDir, file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^ronde: .* is not empty; .*--force.*\n$/),
  });
  expect(await restore(dataDir, file, '--force')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('DATA_DIR_LOCKED'),
  });
  await first.stop();

  const cut = join(emptyDir(), 'cut.tar');
  writeFileSync(cut, readFileSync(file));
  truncateSync(cut, 100_000);
  expect(await restore(dataDir, cut, '--force')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cut off; nothing was changed/),
  });
  const flipped = readFileSync(file);
  flipped[60_000]! ^= 1;
  writeFileSync(cut, flipped);
  expect(await restore(dataDir, cut, '--force')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not as it was written; nothing was changed/),
  });

  const again = await ronde(dataDir);
  expect(await readingsOf(again, 'bin-0', 'count')).toHaveLength(1);
  await again.stop();
  expect((await restore(dataDir, file, '--force')).code).toBe(0);
  expect(await readingsOf(await ronde(dataDir), 'bin-0', 'count')).toHaveLength(1);
});
