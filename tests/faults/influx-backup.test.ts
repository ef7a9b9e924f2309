import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  DOUBLE_ORG,
  DOUBLE_TOKEN,
  startInfluxDouble,
} from '../../packages/readings/src/influx-double/server.fixture.ts';
import { addFleet, caughtUp, connectDevice, readingsOf } from './load.ts';
import { runRonde, type RondeProcess } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

vi.setConfig({ testTimeout: 180_000 });

/** A Ronde with its readings in an InfluxDB, and one device that counts. */
async function scene() {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  const env = { READINGS_URL: double.url, INFLUX_TOKEN: DOUBLE_TOKEN, INFLUX_ORG: DOUBLE_ORG, INFLUX_BUCKET: 'ronde' };
  const dataDir = emptyDir();
  const running = await ronde(dataDir, env);
  const [device] = await addFleet(running, 1);
  const send = async (to: RondeProcess, ...counts: number[]): Promise<void> => {
    const client = await connectDevice(to.mqttPort, device!);
    for (const count of counts) await client.publishAsync('v1/default/bin-0/up', JSON.stringify({ count }), { qos: 1 });
    await client.endAsync();
    await caughtUp(to);
  };
  const counts = async (of: RondeProcess): Promise<unknown[]> =>
    (await readingsOf(of, 'bin-0', 'count')).map(({ value }) => value).sort();
  return { env, dataDir, running, send, counts };
}

const entriesOf = (file: string): string[] =>
  execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n');

test('a backup of a Ronde on InfluxDB holds all but the readings, says how to copy those, and goes on from a bucket copied after it', async () => {
  const { env, dataDir, running, send, counts } = await scene();
  await send(running, 1, 2, 3);
  const file = join(emptyDir(), 'ronde.tar');
  const written = await runRonde(['backup', file], { DATA_DIR: dataDir, ...env });
  expect(written).toMatchObject({ code: 0, stderr: '' });
  expect(written.stdout).toContain('influx backup --host http://127.0.0.1:');
  expect(written.stdout).toContain('--bucket ronde-daily');
  expect(entriesOf(file)).toEqual(['registry.sqlite', 'readings-influx.sqlite', 'inbox.sqlite', 'ronde-backup.json']);

  // the bucket is copied a little later, and holds more
  await send(running, 4, 5);
  await running.kill();
  const embedded = await runRonde(['restore', file], { DATA_DIR: join(emptyDir(), 'data') });
  expect(embedded).toMatchObject({ code: 1, stderr: expect.stringContaining('set READINGS_URL to it') });
  const elsewhere = join(emptyDir(), 'data');
  expect(await runRonde(['restore', file], { DATA_DIR: elsewhere, ...env })).toMatchObject({ code: 0, stderr: '' });
  const second = await ronde(elsewhere, env);
  await send(second, 6);
  expect(await counts(second)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('readings in InfluxDB move to SQLite and back by a backup that holds them, which needs Ronde stopped', async () => {
  const { env, dataDir, running, send, counts } = await scene();
  await send(running, 1, 2, 3);
  const file = join(emptyDir(), 'ronde.tar');
  const backup = () => runRonde(['backup', file, '--with-readings'], { DATA_DIR: dataDir, ...env });
  expect(await backup()).toMatchObject({ code: 1, stderr: expect.stringContaining('DATA_DIR_LOCKED') });
  await running.stop();
  expect(await backup()).toMatchObject({ code: 0, stderr: '' });
  expect(entriesOf(file)).toEqual(['registry.sqlite', 'readings.sqlite', 'inbox.sqlite', 'ronde-backup.json']);

  for (const target of [{}, { ...env, INFLUX_BUCKET: 'moved' }]) {
    const elsewhere = join(emptyDir(), 'data');
    expect(await runRonde(['restore', file], { DATA_DIR: elsewhere, ...target })).toMatchObject({
      code: 0,
      stderr: '',
    });
    const moved = await ronde(elsewhere, target);
    await send(moved, 4);
    expect(await counts(moved)).toEqual([1, 2, 3, 4]);
    await moved.stop();
  }
});
