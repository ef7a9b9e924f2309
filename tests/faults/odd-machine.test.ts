import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addFleet, connectDevice, judge, startLoad } from './load.ts';
import { emptyDir, ronde } from './scene.ts';

const FROZEN_MS = 8_000;
const MOST_FILES = 256;
const WAIT = { timeout: 90_000, interval: 50 };

function numbers() {
  let number = 0;
  const acked: number[] = [];
  return { acked, nextNumber: () => number++, onAck: (one: number) => void acked.push(one) };
}

test('a process that stood still goes on: nothing is lost, nothing twice, and it is ready again', async () => {
  const running = await ronde();
  const fleet = await addFleet(running, 5);
  const book = numbers();
  const load = await startLoad(running, { fleet, window: 10, ...book });
  await vi.waitFor(() => expect(book.acked.length).toBeGreaterThan(500), WAIT);
  running.child.kill('SIGSTOP');
  await sleep(FROZEN_MS);
  const whenFrozen = book.acked.length;
  running.child.kill('SIGCONT');
  await vi.waitFor(() => expect(book.acked.length).toBeGreaterThan(whenFrozen + 500), WAIT);
  load.end();
  await load.over;
  expect(await judge(running, fleet, book.acked)).toMatchObject({ lost: [], doubled: [] });
  expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
});

test('out of file handles, newcomers are turned away, those who are in are served, and it is over when they leave', async () => {
  const running = await ronde(emptyDir(), {}, ['prlimit', `--nofile=${MOST_FILES}`]);
  const fleet = await addFleet(running, 2);
  const book = numbers();
  const load = await startLoad(running, { fleet, window: 5, ...book });
  const horde: Socket[] = [];
  onTestFinished(() => horde.forEach((socket) => socket.destroy()));
  for (let index = 0; index < MOST_FILES; index++) {
    const socket = connect(running.mqttPort, '127.0.0.1');
    socket.on('error', () => undefined);
    horde.push(socket);
  }
  await sleep(1_000);
  const whenFull = book.acked.length;
  await vi.waitFor(() => expect(book.acked.length).toBeGreaterThan(whenFull + 200), WAIT);
  horde.forEach((socket) => socket.destroy());
  load.end();
  await load.over;
  await vi.waitFor(async () => {
    const client = await connectDevice(running.mqttPort, fleet[0]!);
    await client.endAsync();
  }, WAIT);
  expect(await judge(running, fleet, book.acked)).toMatchObject({ lost: [], doubled: [] });
});

test('a log that nobody reads holds up nothing', async () => {
  const running = await ronde(emptyDir(), { LOG_LEVEL: 'trace' });
  running.child.stdout!.pause();
  running.child.stderr!.pause();
  const fleet = await addFleet(running, 5);
  const book = numbers();
  const load = await startLoad(running, { fleet, window: 10, ...book });
  // each refused login is a line in the log: far more than a pipe of 64 KiB takes
  for (let index = 0; index < 500; index++) {
    const client = await connectDevice(running.mqttPort, { id: 'bin-0', secret: 'wrong' }).catch(() => undefined);
    client?.end(true);
  }
  const before = book.acked.length;
  await vi.waitFor(() => expect(book.acked.length).toBeGreaterThan(before + 1_000), WAIT);
  load.end();
  await load.over;
  running.child.stdout!.resume();
  running.child.stderr!.resume();
  expect(await judge(running, fleet, book.acked)).toMatchObject({ lost: [], doubled: [] });
});
