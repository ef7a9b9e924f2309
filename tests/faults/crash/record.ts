import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTrace, TRACED, type DiskOp } from './trace.ts';

const MOST_BYTES = '4000000';

/** Whether this process may trace another. */
export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a scripted load on an empty directory and gives everything that it did to its files. */
export function record(scratch: string, script = 'scripted-load.ts'): { dataDir: string; ops: DiskOp[] } {
  const dataDir = join(scratch, 'data');
  const file = fileURLToPath(new URL(script, import.meta.url));
  const trace = join(scratch, 'trace');
  const strace = ['-f', '--seccomp-bpf', '-y', '-xx', '-s', MOST_BYTES, '-o', trace, '-e', 'signal=none'];
  execFileSync('strace', [...strace, '-e', `trace=${TRACED}`, process.execPath, file, dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { dataDir, ops: readTrace(readFileSync(trace, 'latin1'), dataDir) };
}
