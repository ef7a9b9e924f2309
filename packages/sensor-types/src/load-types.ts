import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Fault } from '@ronde/contracts';
import { findTypes } from './find-types.ts';
import type { TypePlace } from './find-types.ts';
import { faultIn, readType } from './read-type.ts';
import type { LoadedType } from './read-type.ts';

export interface LoadedTypes {
  types: LoadedType[];
  /** Every fault in every folder, with file and field; a faulty folder gives no type. */
  faults: Fault[];
}

/**
 * Reads every sensor type below the given directories: folders with a `sensor.yaml`, and single files `<id>.yaml`.
 * @param options override: a type of a later directory replaces the one of the same id before it
 */
export async function loadTypes(dirs: readonly string[], options: { override?: boolean } = {}): Promise<LoadedTypes> {
  const faults: Fault[] = [];
  const found = new Map<string, LoadedType>();
  for (const dir of dirs) {
    const places = await findTypes(dir);
    if (!places) faults.push(faultIn(dir, '', 'no folder that can be read'));
    const here = new Set<string>();
    for (const read of await Promise.all((places ?? []).map(readPlace))) {
      faults.push(...read.faults);
      if (!read.type) continue;
      const { id, version } = read.type.manifest;
      // without override a further folder may hold another version of a type beside it
      const key = options.override ? id : `${id}@${version}`;
      const first = found.get(key);
      if (first && (here.has(key) || options.override !== true)) faults.push(sameId(read.type, first));
      else found.set(key, read.type);
      here.add(key);
    }
  }
  return { types: [...found.values()], faults };
}

function sameId({ dir, manifest }: LoadedType, first: LoadedType): Fault {
  const message = `"${manifest.id}" ${manifest.version} is already the type in ${first.dir}; give this one another id or version`;
  return faultIn(join(dir, 'sensor.yaml'), 'id', message);
}

/** Reads one sensor-type folder, collecting all of its faults. */
export function readFolder(dir: string): Promise<{ type?: LoadedType; faults: Fault[] }> {
  return readPlace({ manifestFile: join(dir, 'sensor.yaml'), dir, id: '', prefix: '' });
}

/** A single file's examples and downlinks carry its name: `acme-x.yaml`, `acme-x.examples.yaml`, `acme-x.js`. */
function readPlace({ manifestFile, dir, id, prefix }: TypePlace): Promise<{ type?: LoadedType; faults: Fault[] }> {
  const named: Record<string, string> = {
    'sensor.yaml': manifestFile,
    'examples.yaml': join(dir, `${prefix}examples.yaml`),
    'downlinks.yaml': join(dir, `${prefix}downlinks.yaml`),
  };
  const pathOf = (name: string) => named[name] ?? resolve(dir, name);
  const codec = prefix === '' ? 'codec.js' : `${prefix}js`;
  return readType({
    dir,
    text: (name) => readFile(pathOf(name), 'utf8').catch(() => undefined),
    label: pathOf,
    defaults: { ...(id !== '' && { id }), ...(existsSync(join(dir, codec)) && { codec }) },
  });
}
