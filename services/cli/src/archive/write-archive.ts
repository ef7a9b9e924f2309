import { rmSync } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openThread } from '@ronde/kit';
import type { Copier } from './copy-thread.ts';
import { copyFromServer, isFile, type Store } from './stores.ts';
import { createTarWriter, type Copied } from './tar.ts';

export const FORMAT = 1;
export const MANIFEST = 'ronde-backup.json';

/** The archive's last file: what is in it and how to know that it is whole. */
export interface Manifest {
  format: number;
  rondeVersion: string;
  createdAt: string;
  files: (Copied & { name: string; schema: number })[];
}

/** Copies the stores in their order and puts the copies into one archive, which appears whole or not at all. */
export async function writeArchive(
  file: string,
  stores: Store[],
  about: { rondeVersion: string; nowMs: number },
): Promise<Manifest> {
  const part = `${file}.part`;
  // beside the archive: the copies need its disk, not the one that is nearly full
  const folder = await mkdtemp(join(dirname(file), '.ronde-backup-'));
  const giveUp = (): void => {
    for (const path of [folder, part]) rmSync(path, { recursive: true, force: true });
  };
  const thread = await openThread<Copier>(new URL('./copy-thread.ts', import.meta.url), undefined);
  try {
    const copies: { name: string; path: string; schema: number }[] = [];
    for (const store of stores) {
      const path = join(folder, store.name);
      if (isFile(store)) await thread.call.copy(store.path, path);
      else await copyFromServer(store, path);
      copies.push({ name: store.name, path, schema: await thread.call.schemaOf(path) });
    }
    const manifest = await pack(part, copies, about);
    await rename(part, file);
    return manifest;
  } finally {
    await thread.close();
    giveUp();
  }
}

async function pack(
  part: string,
  copies: { name: string; path: string; schema: number }[],
  { rondeVersion, nowMs }: { rondeVersion: string; nowMs: number },
): Promise<Manifest> {
  const out = await open(part, 'w', 0o600);
  try {
    const tar = createTarWriter(out, Math.floor(nowMs / 1000));
    const files: Manifest['files'] = [];
    for (const { name, path, schema } of copies) {
      files.push({ name, schema, ...(await tar.addFile(name, path)) });
      await rm(path);
    }
    const manifest: Manifest = { format: FORMAT, rondeVersion, createdAt: new Date(nowMs).toISOString(), files };
    await tar.addText(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
    await tar.end();
    await out.sync();
    return manifest;
  } finally {
    await out.close();
  }
}
