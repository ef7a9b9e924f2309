import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '@ronde/contracts';
import { faultIn, readType } from './read-type.ts';
import type { LoadedType } from './read-type.ts';

export interface LoadedTypes {
  types: LoadedType[];
  /** Every fault in every folder, with file and field; a faulty folder gives no type. */
  faults: Fault[];
}

/** Reads every folder with a `sensor.yaml` below the given directories; `_` in front of a name hides it. */
export async function loadTypes(dirs: readonly string[]): Promise<LoadedTypes> {
  const faults: Fault[] = [];
  const folders = (await Promise.all(dirs.map((dir) => foldersOf(dir, faults)))).flat();
  const read = await Promise.all(folders.map(readFolder));
  const types: LoadedType[] = [];
  faults.push(...read.flatMap((one) => one.faults));
  const seen = new Map<string, string>();
  for (const { type } of read) {
    if (!type) continue;
    const { id } = type.manifest;
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, type.dir);
      types.push(type);
    } else faults.push(faultIn(join(type.dir, 'sensor.yaml'), 'id', `"${id}" is already the type in ${first}`));
  }
  return { types, faults };
}

async function foldersOf(dir: string, faults: Fault[]): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined);
  if (!entries) {
    faults.push(faultIn(dir, '', 'no folder that can be read'));
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && !entry.name.startsWith('.'))
    .map((entry) => join(dir, entry.name))
    .filter((folder) => existsSync(join(folder, 'sensor.yaml')))
    .sort();
}

/** Reads one sensor-type folder, collecting all of its faults. */
export function readFolder(dir: string): Promise<{ type?: LoadedType; faults: Fault[] }> {
  return readType({
    dir,
    text: (name) => readFile(join(dir, name), 'utf8').catch(() => undefined),
    label: (name) => join(dir, name),
  });
}
