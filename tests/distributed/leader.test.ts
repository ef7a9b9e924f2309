import { expect, test } from 'vitest';
import { freePort } from '../fixtures/mosquitto.ts';
import { missing, startCluster, until } from './cluster.ts';

const testHere = test.skipIf(missing !== '');
const aloud = missing === '' ? '' : ` (skipped: no ${missing})`;
const EX_TEMPFAIL = 75;

testHere(`a planner that is frozen past its lease is replaced, and ends itself when it wakes${aloud}`, async () => {
  const cluster = await startCluster({ workers: 0 });
  const first = await cluster.start(['routing'], 'routing-1');
  const standbyPort = await freePort();
  const second = cluster.start(['routing'], 'routing-2', { HTTP_PORT: String(standbyPort) });
  const probe = (path: string): Promise<number> =>
    fetch(`http://127.0.0.1:${standbyPort}/health/${path}`).then(({ status }) => status);
  await until('the second stands by', async () => (await probe('live')) === 200 && (await probe('ready')) === 503);
  first.child.kill('SIGSTOP');
  const leader = await second;
  await until('the second is ready', async () => (await probe('ready')) === 200);
  const window = { from: new Date().toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };
  await leader.call('POST', '/v1/plans', window);
  first.child.kill('SIGCONT');
  expect((await first.ended).code).toBe(EX_TEMPFAIL);
  expect(await probe('ready')).toBe(200);
});

testHere(`two workers under one name: the second is refused with the remedy${aloud}`, async () => {
  const cluster = await startCluster({ workers: 1 });
  const refusal = cluster.start(['ingest'], 'other-folder', { INGEST_WORKER: 'w0' });
  await expect(refusal).rejects.toThrow(/ended with 78: .*another process runs under this name/s);
});
