import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '@ronde/kit';
import { createLeases, type Leases } from './leases.ts';
import { openRegistry } from './open.ts';

const TTL_MS = 10_000;

async function openWorld() {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-leases-'));
  const registry = await openRegistry('sqlite:', { dataDir, log: silentLog() });
  onTestFinished(async () => {
    await registry.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const time = { nowMs: 0 };
  const worker = (holder: string): Leases =>
    createLeases({ registry, tenant: 't', holder, ttlMs: TTL_MS, nowMs: () => time.nowMs });
  return { time, worker };
}

test('of many who want a lease at the same moment exactly one gets it', async () => {
  const { worker } = await openWorld();
  const got = await Promise.all(Array.from({ length: 8 }, (_, index) => worker(`w${index}`).take('planner')));
  expect(got.filter(Boolean)).toHaveLength(1);
});

test('a holder that went silent is overtaken after its time, and knows by its own clock that it has lost', async () => {
  const { time, worker } = await openWorld();
  const [a, b] = [worker('a'), worker('b')];
  const first = (await a.take('planner'))!;
  expect(await b.take('planner')).toBeUndefined();
  time.nowMs += TTL_MS - 1;
  expect(await b.take('planner')).toBeUndefined();
  // frozen: no renewal ran, and yet it must not act when it wakes up
  expect(first.isHeld()).toBe(false);
  time.nowMs += 1;
  const second = (await b.take('planner'))!;
  expect(second.token).toBeGreaterThan(first.token);
  expect(await first.confirm()).toBe(false);
  expect(await second.confirm()).toBe(true);
  await first.release();
  expect(await worker('c').take('planner')).toBeUndefined();
});

test('a released lease is free at once, and a process that restarts takes its own back at once', async () => {
  const { worker } = await openWorld();
  const a = worker('a');
  await (await a.take('planner'))!.release();
  const b = (await worker('b').take('planner'))!;
  expect(b.isHeld()).toBe(true);
  expect((await worker('b').take('planner'))!.token).toBe(b.token + 1);
});

test('who has the better right takes a lease whoever holds it, and orphans are found by their prefix', async () => {
  const { time, worker } = await openWorld();
  const [owner, other] = [worker('owner'), worker('other')];
  await owner.take('session/one');
  expect(await other.orphans('session/')).toEqual([]);
  time.nowMs += TTL_MS;
  expect(await other.orphans('session/')).toEqual(['session/one']);
  const adopted = (await other.take('session/one'))!;
  const back = (await owner.seize('session/one'))!;
  expect(await adopted.confirm()).toBe(false);
  expect(back.isHeld()).toBe(true);
});

test('a holder whose registry was away too long has lost its lease for good, and takes it anew when nobody else has', async () => {
  const { time, worker } = await openWorld();
  const a = worker('a');
  const first = (await a.take('session'))!;
  time.nowMs += TTL_MS;
  expect(first.isHeld()).toBe(false);
  const second = (await a.take('session'))!;
  expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
  expect(second.token).toBe(first.token + 1);
});
