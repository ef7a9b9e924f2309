import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@ronde/contracts';
import { onTestFinished } from 'vitest';
import { openInbox, type InboxOptions } from './open-inbox.ts';
import type { Inbox } from './port.ts';

/** Makes a frame with some content of its own. */
export function frameOf(text: string, over: Partial<Frame> = {}): Frame {
  return {
    tenant: 'default',
    source: 'native',
    topic: `v1/default/bin-1/up`,
    receivedAtMs: 1_767_600_000_000,
    origin: { kind: 'device', id: 'bin-1' },
    payload: Buffer.from(text),
    packetId: 7,
    dup: false,
    ...over,
  };
}

export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-inbox-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Opens an inbox that closes when the test ends. */
export async function opened(options: Partial<InboxOptions> = {}): Promise<Inbox & { dir: string }> {
  const dir = options.dir ?? scratchDir();
  const inbox = await openInbox({ ...options, dir });
  onTestFinished(() => inbox.close());
  return Object.assign(inbox, { dir });
}

export const textOf = (frame: { payload: Uint8Array } | undefined): string | undefined =>
  frame && Buffer.from(frame.payload).toString();
