import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectAsync, type MqttClient } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { openInbox } from '@ronde/inbox';
import { createRng } from '@ronde/kit';

const PROCESS = fileURLToPath(new URL('./broker-process.ts', import.meta.url));
const CONNECTIONS = 5;
const WINDOW = 10;

async function startBroker(dir: string): Promise<{ child: ChildProcess; port: number; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [PROCESS, dir, String(CONNECTIONS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { child, port: (JSON.parse(line) as { port: number }).port, ended };
}

/** Keeps a window of QoS 1 messages under way until the connection is gone. */
async function publishUntilGone(
  client: MqttClient,
  topic: string,
  options: { prefix: string; onAck(text: string): void },
): Promise<void> {
  let count = 0;
  const lane = async (): Promise<void> => {
    while (client.connected) {
      const text = `${options.prefix}-${count++}`;
      const acked = await client.publishAsync(topic, text, { qos: 1 }).then(
        () => true,
        () => false,
      );
      if (!acked) return;
      options.onAck(text);
    }
  };
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await Promise.race([Promise.all(Array.from({ length: WINDOW }, lane)), gone]);
}

/** One round of load that ends with kill -9 after a random number of acknowledgements. */
async function loadAndKill(dir: string, round: number, acksBeforeKill: number): Promise<string[]> {
  const { child, port, ended } = await startBroker(dir);
  const acked: string[] = [];
  const onAck = (text: string): void => {
    acked.push(text);
    if (acked.length === acksBeforeKill) child.kill('SIGKILL');
  };
  const load = Array.from({ length: CONNECTIONS }, async (_, index) => {
    const id = `bin-${index}`;
    const client = await connectAsync(
      `mqtt://127.0.0.1:${port}`,
      { clientId: id, username: id, password: 'secret', reconnectPeriod: 0 },
      false,
    );
    client.on('error', () => undefined);
    await publishUntilGone(client, `v1/default/${id}/up`, { prefix: `${round}.${index}`, onAck });
    client.end(true);
  });
  await Promise.all(load);
  await ended;
  return acked;
}

test('every message acknowledged before kill -9 is in the inbox exactly once after a restart', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-kill-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const rng = createRng(Number(process.hrtime.bigint() % 1_000_000n));
  const acked: string[] = [];
  for (let round = 1; round <= 3; round++) acked.push(...(await loadAndKill(dir, round, 1 + rng.int(4_000))));
  const inbox = await openInbox({ dir });
  onTestFinished(() => inbox.close());
  const copies = new Map<string, number>();
  for (let after = 0; ;) {
    const frames = await inbox.read(after, 1_000);
    if (frames.length === 0) break;
    for (const frame of frames) {
      const text = Buffer.from(frame.payload).toString();
      copies.set(text, (copies.get(text) ?? 0) + 1);
    }
    after = frames.at(-1)!.seq;
  }
  expect(acked.length).toBeGreaterThan(0);
  expect(acked.filter((text) => copies.get(text) !== 1)).toEqual([]);
  expect(inbox.stats().corrupt).toBe(0);
});

test('a broker that is asked to end acknowledges what it took in and leaves a clean inbox', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-end-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const { child, port, ended } = await startBroker(dir);
  const acked: string[] = [];
  const client = await connectAsync(
    `mqtt://127.0.0.1:${port}`,
    { clientId: 'bin-0', username: 'bin-0', password: 'secret', reconnectPeriod: 0 },
    false,
  );
  client.on('error', () => undefined);
  await publishUntilGone(client, 'v1/default/bin-0/up', {
    prefix: 'x',
    onAck(text) {
      acked.push(text);
      if (acked.length === 300) child.stdin?.write('end');
    },
  });
  client.end(true);
  expect(await ended).toBe(0);
  const inbox = await openInbox({ dir });
  onTestFinished(() => inbox.close());
  const stored = (await inbox.read(0, 100_000)).map((frame) => Buffer.from(frame.payload).toString());
  expect(acked.filter((text) => !stored.includes(text))).toEqual([]);
  expect(acked.length).toBeGreaterThanOrEqual(300);
});
