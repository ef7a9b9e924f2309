import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { opened, scratchDir, textOf } from './fixtures.ts';

const APPENDER = fileURLToPath(new URL('./append-until-killed.ts', import.meta.url));

/** Appends in a process of its own, kills it without warning and gives the seqs it had been promised. */
async function appendAndKill(dir: string, promised: number): Promise<Map<number, string>> {
  const child = spawn(process.execPath, [APPENDER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const resolved = new Map<number, string>();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const [seq, text] = line.split(' ');
    resolved.set(Number(seq), text!);
    if (resolved.size === promised) child.kill('SIGKILL');
  }
  await ended;
  return resolved;
}

test('every seq promised before kill -9 is in the inbox after a restart, and the lock is free', async () => {
  const dir = scratchDir();
  for (const promised of [1, 700, 2_500]) {
    const resolved = await appendAndKill(dir, promised);
    expect(resolved.size).toBeGreaterThanOrEqual(promised);
    const inbox = await opened({ dir });
    const stored = new Map((await inbox.read(0, 1_000_000)).map((frame) => [frame.seq, textOf(frame)!]));
    for (const [seq, text] of resolved) expect(stored.get(seq)).toBe(text);
    await inbox.close();
  }
});

test('a directory in use by another process is refused', async () => {
  const dir = scratchDir();
  const child = spawn(process.execPath, [APPENDER, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await expect(opened({ dir })).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
});
