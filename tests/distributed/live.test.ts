import { expect, onTestFinished, test } from 'vitest';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';
import type { AssetTuple, DeltaMessage, SnapMessage } from '@ronde/contracts';
import { ADMIN_TOKEN } from '../faults/platform-process.ts';
import { addBins, missing, pause, startCluster, until } from './cluster.ts';

const testHere = test.skipIf(missing !== '');
const aloud = missing === '' ? '' : ` (skipped: no ${missing})`;

/** A dashboard as the screens have it: comes back after each break and asks for what it missed. */
function watchAssets(url: string): { fills: Map<string, number | null>; snapshots(): number } {
  const fills = new Map<string, number | null>();
  let since: { epoch: string; offset: number } | undefined;
  let snapshots = 0;
  let isOver = false;
  let socket: WebSocket;
  const open = (): void => {
    socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/live`);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'auth', token: ADMIN_TOKEN }));
      socket.send(JSON.stringify({ type: 'sub', topic: 'assets', ...(since && { since }) }));
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as SnapMessage | DeltaMessage;
      if (message.type === 'snap') {
        fills.clear();
        snapshots += 1;
        since = { epoch: message.epoch, offset: message.offset };
      } else if (message.type === 'delta' && since) since.offset = message.offset;
      else return;
      for (const [id, fill] of (message.u ?? []) as AssetTuple[]) fills.set(id, fill);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(() => !isOver && open(), 200));
  };
  open();
  onTestFinished(() => {
    isOver = true;
    socket.terminate();
  });
  return { fills, snapshots: () => snapshots };
}

testHere(`dashboards converge on the store after the bus was away${aloud}`, async () => {
  const cluster = await startCluster({ workers: 1 });
  const ids = await addBins(cluster.api, 10);
  const dashboard = watchAssets(cluster.api.url);
  const publisher = await connectAsync(cluster.broker.url);
  onTestFinished(() => void publisher.end(true));
  const publishAll = (fill: number): Promise<unknown> =>
    Promise.all(ids.map((id) => publisher.publishAsync(`v1/default/${id}/up`, JSON.stringify({ fill }), { qos: 1 })));
  const shows = (fill: number): boolean => ids.every((id) => dashboard.fills.get(`asset-${id}`) === fill);
  await publishAll(0.2);
  await until('the dashboard shows what came', () => shows(0.2));
  const before = dashboard.snapshots();
  const down = cluster.restartRedis(4_000);
  await pause(500);
  const ready = await fetch(`${cluster.api.url}/health/ready`);
  expect(ready.status).toBe(503);
  // stored while nobody can tell the API
  await publishAll(0.8);
  await down;
  await until('the dashboard shows what was stored meanwhile', () => shows(0.8));
  expect(dashboard.snapshots()).toBeGreaterThan(before);
  await publishAll(0.9);
  await until('deltas flow again', () => shows(0.9));
  await until('the API is ready again', async () => (await fetch(`${cluster.api.url}/health/ready`)).ok);
});
