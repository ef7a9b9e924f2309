import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openInbox, type InboxEvent } from '@ronde/inbox';
import type { Frame } from '@ronde/contracts';
import { mountSmallDisk } from './small-disk.ts';

const disk = mountSmallDisk(8);

const frame: Frame = {
  tenant: 'default',
  source: 'native',
  topic: 'v1/default/bin-1/up',
  receivedAtMs: 1_767_600_000_000,
  origin: { kind: 'device', id: 'bin-1' },
  payload: Buffer.alloc(4_000, 0x61),
};

test.skipIf(!disk)(
  'a full disk refuses appends, keeps serving reads, and recovers by itself when space returns (skipped where tmpfs cannot be mounted)',
  async () => {
    onTestFinished(() => disk!.remove());
    const ballast = join(disk!.dir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
    const events: InboxEvent['name'][] = [];
    const inbox = await openInbox({ dir: join(disk!.dir, 'inbox'), onEvent: ({ name }) => events.push(name) });
    onTestFinished(() => inbox.close());
    const stored: number[] = [];
    const fill = async (): Promise<void> => {
      for (;;) stored.push(await inbox.append(frame));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(inbox.stats().fault).toBeDefined();
    const read = await inbox.read(0, 100_000);
    expect(read.map(({ seq }) => seq)).toEqual(stored);
    rmSync(ballast);
    await vi.waitFor(() => expect(inbox.stats().fault).toBeUndefined(), 60_000);
    const next = await inbox.append(frame);
    await inbox.close();
    const again = await openInbox({ dir: join(disk!.dir, 'inbox') });
    onTestFinished(() => again.close());
    expect((await again.read(0, 100_000)).map(({ seq }) => seq)).toEqual([...stored, next]);
    expect(events).toEqual(['inbox.write.refuse', 'inbox.write.recover']);
  },
);
