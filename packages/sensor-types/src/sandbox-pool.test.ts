import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openSandboxPool } from './sandbox-pool.ts';
import type { SandboxPool } from './sandbox-pool.ts';
import { openSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import { RECV_TIME } from './test-support.ts';

const LIMITS = {
  memoryBytes: 2 ** 21,
  stackBytes: 2 ** 18,
  callTicks: 200,
  loadTicks: 200,
  cpuUs: 60_000,
  faultsToStop: 3,
};
const STUCK = 'function decodeUplink() { [].sort.call({ length: 1e9 }); }';
const GOOD = 'function decodeUplink(i) { return { data: { first: i.bytes[0] } }; }';

function closing<T extends Sandbox | SandboxPool>(opened: T): T {
  onTestFinished(() => opened.close());
  return opened;
}

/** A worker script that stands in for a fault of the thread itself. */
function workerThat(code: string): URL {
  const folder = mkdtempSync(join(tmpdir(), 'ronde-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'worker.mjs');
  writeFileSync(file, `import { parentPort, workerData } from 'node:worker_threads';\n${code}`);
  return pathToFileURL(file);
}

const item = (byte: number, key: string) => ({
  key,
  input: { bytes: Uint8Array.of(byte), fPort: 1, recvTime: RECV_TIME },
});

test('a codec that must be killed again and again stops costing workers within one batch', async () => {
  const sandbox = closing(await openSandbox());
  sandbox.add('good', GOOD);
  sandbox.add('stuck', STUCK);
  const keys = ['good', ...Array.from({ length: 20 }, () => 'stuck'), 'good'];
  const results = await sandbox.decodeBatch(keys.map((key, i) => item(i, key)));
  expect(results.map(({ ok }) => ok)).toEqual(keys.map((key) => key === 'good'));
  expect(results.at(-1)).toMatchObject({ data: { first: 21 } });
  expect(sandbox.kills()).toBe(3);
});

test('so does one that is called twenty times at once', async () => {
  const sandbox = closing(await openSandbox());
  sandbox.add('good', GOOD);
  sandbox.add('stuck', STUCK);
  const calls = Array.from({ length: 20 }, (_, i) => sandbox.decode('stuck', item(i, 'stuck').input));
  const good = sandbox.decode('good', item(5, 'good').input);
  expect((await Promise.all(calls)).every(({ ok }) => !ok)).toBe(true);
  expect(await good).toMatchObject({ ok: true, data: { first: 5 } });
  expect(sandbox.kills()).toBe(3);
});

test('a loop in every item of a long batch is run three times only', async () => {
  const sandbox = closing(await openSandbox());
  sandbox.add('loop', 'function decodeUplink() { for (;;) {} }');
  const results = await sandbox.decodeBatch(Array.from({ length: 500 }, (_, i) => item(i & 255, 'loop')));
  const texts = results.map((result) => (result.ok ? '' : result.errors.join()));
  expect(texts.filter((text) => text.includes('too long'))).toHaveLength(3);
  expect(texts.filter((text) => text.includes('paused'))).toHaveLength(497);
});

test('an item on which the thread dies is tried once more, then refused; the others get through', async () => {
  const workerUrl = workerThat(`
    const progress = new Int32Array(workerData.progress);
    parentPort.on('message', ({ id, items }) => {
      Atomics.store(progress, 0, id);
      const kind = items.target.map((target, index) => {
        if (target < 0) return -1;
        Atomics.store(progress, 1, index + 1);
        if (items.targets[target].key === 'deadly') process.exit(3);
        return 0;
      });
      parentPort.postMessage({ id, answers: { kind: new Int8Array(kind), texts: items.inputTexts.map(() => '{}') } });
    });
    parentPort.postMessage({ id: 0, answers: { kind: new Int8Array(0), texts: [] } });`);
  const pool = closing(openSandboxPool({ limits: LIMITS, wallMs: 150, workerUrl }));
  const call = (key: string) => ({ key, routine: 'decodeUplink', inputText: '{}' });
  const answers = await pool.run([call('fine'), call('deadly'), call('fine')]);
  expect(answers.map((answer) => answer?.kind)).toEqual(['value', 'fault', 'value']);
  expect(pool.kills()).toBe(2);
});

test('a thread that cannot start is told, instead of tried for ever', async () => {
  const workerUrl = workerThat(`throw new Error('no engine here');`);
  const pool = closing(openSandboxPool({ limits: LIMITS, wallMs: 150, workerUrl }));
  await expect(pool.run([])).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(pool.run([])).rejects.toThrow('cannot start its worker');
});
