import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where one sensor type stands: its manifest, and the folder its other files are in. */
export interface TypePlace {
  manifestFile: string;
  dir: string;
  /** What the place itself suggests: `types/acme/bin200/sensor.yaml` and `types/acme-bin200.yaml` are acme-bin200. */
  id: string;
  /** A single file beside others: codec, examples and downlinks carry its name. */
  prefix: string;
}

const MAX_DEPTH = 3;

/**
 * Finds the sensor types below a folder: every folder with a `sensor.yaml`, and every `<id>.yaml` beside them.
 * `_` or `.` in front of a name hides it.
 * @returns undefined when the folder cannot be read
 */
export async function findTypes(dir: string): Promise<TypePlace[] | undefined> {
  return findBelow(dir, [], 0);
}

async function findBelow(dir: string, names: string[], depth: number): Promise<TypePlace[] | undefined> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return undefined;
  const visible = entries
    .filter(({ name }) => !/^[._]/.test(name) && name !== 'node_modules')
    .sort((a, b) => a.name.localeCompare(b.name));
  const places: TypePlace[] = [];
  for (const entry of visible) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      const manifestFile = join(path, 'sensor.yaml');
      const inside = [...names, entry.name];
      if (existsSync(manifestFile)) places.push({ manifestFile, dir: path, id: inside.join('-'), prefix: '' });
      else if (depth < MAX_DEPTH) places.push(...((await findBelow(path, inside, depth + 1)) ?? []));
    } else if (depth === 0 && isManifest(entry.name)) places.push(singleFile(path));
  }
  return places;
}

function isManifest(name: string): boolean {
  return /\.ya?ml$/.test(name) && !/\.(examples|downlinks)\.ya?ml$/.test(name);
}

function singleFile(path: string): TypePlace {
  const id = basename(path).replace(/\.ya?ml$/, '');
  return { manifestFile: path, dir: dirname(path), id, prefix: `${id}.` };
}
