import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own in a file: what a copy of that file holds is what the disk would after a power cut. */
export interface LoopDisk {
  dir: string;
  /** Copies the disk as it is now, without what only memory holds, and mounts the copy. */
  cut(): LoopDisk;
  remove(): void;
}

/** Makes and mounts one; undefined where this process may not (root and loop devices are needed). */
export function createLoopDisk(sizeMb: number): LoopDisk | undefined {
  const scratch = mkdtempSync(join(tmpdir(), 'ronde-loop-'));
  try {
    const file = join(scratch, 'disk');
    execFileSync('truncate', ['-s', `${sizeMb}M`, file], { stdio: 'ignore' });
    execFileSync('mkfs.ext4', ['-q', '-F', file], { stdio: 'ignore' });
    return mount(scratch, file);
  } catch {
    rmSync(scratch, { recursive: true, force: true });
    return undefined;
  }
}

function mount(scratch: string, file: string): LoopDisk {
  const dir = join(scratch, 'mounted');
  mkdirSync(dir);
  execFileSync('mount', ['-o', 'loop', file, dir], { stdio: 'ignore' });
  return {
    dir,
    cut() {
      const other = mkdtempSync(join(tmpdir(), 'ronde-cut-'));
      const copy = join(other, 'disk');
      execFileSync('cp', ['--sparse=always', file, copy]);
      return mount(other, copy);
    },
    remove() {
      execFileSync('umount', ['-l', dir]);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
