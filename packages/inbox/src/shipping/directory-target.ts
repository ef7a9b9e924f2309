import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShipTarget } from './target.ts';

/** A folder, such as another disk or a mounted share. It must exist: a share that is not mounted must not fill our own disk. */
export function openDirectoryTarget(folder: string): ShipTarget {
  const present = async (): Promise<void> => {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
  };
  return {
    async lines() {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    async names(line) {
      await present();
      const names = await readdir(join(folder, line)).catch(absent([] as string[]));
      return names.filter((name) => !name.endsWith('.part')).sort();
    },
    async put(line, name, bytes) {
      await present();
      const dir = join(folder, line);
      if (await mkdir(dir, { recursive: true, mode: 0o700 })) await sync(folder);
      const part = join(dir, `${name}.part`);
      const out = await open(part, 'w', 0o600);
      try {
        await out.writeFile(bytes);
        await out.sync();
      } finally {
        await out.close();
      }
      await rename(part, join(dir, name));
      await sync(dir);
    },
    get: (line, name) => readFile(join(folder, line, name)),
    remove: (line, name) => rm(join(folder, line, name), { force: true }),
  };
}

async function sync(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function absent<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
