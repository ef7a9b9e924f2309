import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Files } from './disk-model.ts';

/** Writes what a disk holds of one directory into another one. */
export function layOut(files: Files, from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const [path, content] of files) {
    const file = join(to, path.slice(from.length));
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  }
}

/** Tells whether two disks hold the same. */
export function areSame(one: Files, other: Files): boolean {
  return one.size === other.size && [...one].every(([path, content]) => other.get(path)?.equals(content));
}
