import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { INFLUX_JOURNAL_FILE } from '@ronde/readings';
import { EXIT, Exit } from '../exit.ts';
import { FORMAT, MANIFEST, type Manifest } from './write-archive.ts';
import { copyToServer, isFile, type Store } from './stores.ts';
import { readTar, type Copied, type TarEntry } from './tar.ts';

const ManifestSchema = z.object({
  format: z.number(),
  rondeVersion: z.string(),
  createdAt: z.string(),
  files: z.array(z.object({ name: z.string(), schema: z.number(), bytes: z.number(), sha256: z.string() })),
});
const MAX_MANIFEST_BYTES = 65_536;

/**
 * Unpacks an archive beside the stores, holds it against its checksums, and only then puts the stores in place.
 * @param into `replace`: stores on a server that hold something are emptied first
 * @throws Exit 1 when the archive is damaged or of another kind; nothing has changed then
 */
export async function restoreArchive(
  file: string,
  stores: Store[],
  { dataDir, replace }: { dataDir: string; replace: boolean },
): Promise<Manifest> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(dataDir, '.ronde-restore-'));
  try {
    const manifest = await unpack(file, folder, stores);
    const holds = ({ name }: Store): boolean => manifest.files.some((entry) => entry.name === name);
    // servers first: they may refuse
    for (const store of stores)
      if (!isFile(store) && holds(store)) await copyToServer(store, join(folder, store.name), replace);
    for (const store of stores.filter(isFile)) {
      const { name, path } = store;
      // filling InfluxDB has just written it
      if (name === INFLUX_JOURNAL_FILE && manifest.files.some((entry) => entry.name === 'readings.sqlite')) continue;
      // a log left beside a new file would be played into it
      for (const old of [path, `${path}-wal`, `${path}-shm`]) rmSync(old, { force: true });
      if (!holds(store)) continue;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(join(folder, name), path);
      await syncFolder(dirname(path));
    }
    return manifest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function unpack(file: string, folder: string, stores: Store[]): Promise<Manifest> {
  const source = await open(file, 'r').catch((error: Error) => {
    throw new Exit(EXIT.USAGE, `cannot read ${file}: ${error.message}`);
  });
  const written = new Map<string, Copied>();
  let manifest: Manifest | undefined;
  try {
    for await (const entry of readTar(source)) {
      if (entry.name === MANIFEST) manifest = await readManifest(entry);
      else if (!stores.some(({ name }) => name === entry.name))
        throw new Error(`it holds ${JSON.stringify(entry.name)}, ${whyNot(entry.name)}`);
      else written.set(entry.name, await writeOut(entry, join(folder, entry.name)));
    }
    if (!manifest) throw new Error(`${MANIFEST} is missing`);
    for (const { name, bytes, sha256 } of manifest.files) {
      const copy = written.get(name);
      if (copy?.bytes !== bytes || copy.sha256 !== sha256) throw new Error(`${name} is not as it was written`);
    }
    return manifest;
  } catch (error) {
    throw error instanceof Exit
      ? error
      : new Exit(EXIT.MISMATCH, `${file} cannot be restored: ${(error as Error).message}; nothing was changed`);
  } finally {
    await source.close();
  }
}

function whyNot(name: string): string {
  return name === INFLUX_JOURNAL_FILE
    ? 'of a Ronde whose readings are in InfluxDB: set READINGS_URL to it'
    : 'which is no store';
}

async function readManifest(entry: TarEntry): Promise<Manifest> {
  if (entry.bytes > MAX_MANIFEST_BYTES) throw new Error(`${MANIFEST} is too long`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry.read()) chunks.push(chunk);
  const manifest = ManifestSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  if (manifest.format > FORMAT)
    throw new Error(`it was written by Ronde ${manifest.rondeVersion}, in a form this version does not know`);
  return manifest;
}

async function writeOut(entry: TarEntry, path: string): Promise<Copied> {
  const out = await open(path, 'w', 0o600);
  try {
    const hash = createHash('sha256');
    for await (const chunk of entry.read()) {
      hash.update(chunk);
      await out.write(chunk);
    }
    await out.sync();
    return { bytes: entry.bytes, sha256: hash.digest('hex') };
  } finally {
    await out.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
