import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory that is full soon. */
export interface SmallDisk {
  dir: string;
  remove(): void;
}

/** Mounts one; undefined where this process may not mount. */
export function mountSmallDisk(sizeMb: number): SmallDisk | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  return {
    dir,
    remove() {
      // at once, also when a process that was ended has not quite let go of its files
      execFileSync('umount', ['-l', dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
