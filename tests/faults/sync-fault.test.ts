import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./append-sixty.ts', import.meta.url));

/** Runs the script while the kernel's answer to fsync is tampered with; counted per thread, so it is the writer's. */
function runUnder(inject: string): { promised: number[]; refused: number; stored: number[]; events: string[] } {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-sync-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const args = [
    '-f',
    '-o',
    '/dev/null',
    '-e',
    'trace=fsync,fdatasync',
    '-e',
    `inject=fsync,fdatasync:${inject}`,
    process.execPath,
    SCRIPT,
    dir,
  ];
  return JSON.parse(execFileSync('strace', args, { encoding: 'utf8' })) as ReturnType<typeof runUnder>;
}
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const traceable = canTrace();

test.skipIf(!traceable)(
  'a disk whose sync fails gets no acknowledgement out of us, and loses nothing that had one (skipped without strace)',
  () => {
    const { promised, refused, stored, events } = runUnder('error=EIO:when=20..30');
    expect(refused).toBeGreaterThan(0);
    expect(promised.length + refused).toBe(60);
    for (const seq of promised) expect(stored).toContain(seq);
    expect(events).toEqual(['inbox.write.refuse', 'inbox.write.recover']);
  },
);

test.skipIf(!traceable)(
  'every acknowledgement has waited for its sync: a slow disk makes the commits slow, not unsafe (skipped without strace)',
  () => {
    const { promised, refused, stored } = runUnder('delay_exit=20000');
    expect(refused).toBe(0);
    expect(stored).toEqual(promised);
  },
);
