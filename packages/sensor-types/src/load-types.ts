import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '@ronde/contracts';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Examples } from './examples.ts';
import type { Example } from './examples.ts';
import { Downlinks, Manifest } from './manifest.ts';

/** A sensor type as read from its folder. */
export interface LoadedType {
  dir: string;
  manifest: Manifest;
  /** Source text of the codec; null for types without bytes. */
  codec: string | null;
  examples: Example[];
  downlinks: Downlinks;
}

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
    } else faults.push(fault(join(type.dir, 'sensor.yaml'), 'id', `"${id}" is already the type in ${first}`));
  }
  return { types, faults };
}

async function foldersOf(dir: string, faults: Fault[]): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined);
  if (!entries) {
    faults.push(fault(dir, '', 'no folder that can be read'));
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && !entry.name.startsWith('.'))
    .map((entry) => join(dir, entry.name))
    .filter((folder) => existsSync(join(folder, 'sensor.yaml')))
    .sort();
}

/** Reads one sensor-type folder, collecting all of its faults. */
export async function readFolder(dir: string): Promise<{ type?: LoadedType; faults: Fault[] }> {
  const faults: Fault[] = [];
  const manifest = await readYaml(dir, 'sensor.yaml', Manifest, faults);
  const examples = await readYaml(dir, 'examples.yaml', Examples, faults);
  const hasDownlinks = existsSync(join(dir, 'downlinks.yaml'));
  const downlinks = hasDownlinks ? await readYaml(dir, 'downlinks.yaml', Downlinks, faults) : {};
  const codec = await readCodec(dir, manifest, faults);
  if (faults.length > 0 || !manifest || !examples || !downlinks) return { faults };
  return { type: { dir, manifest, codec, examples, downlinks }, faults };
}

async function readCodec(dir: string, manifest: Manifest | undefined, faults: Fault[]): Promise<string | null> {
  if (!manifest?.codec) return null;
  const file = join(dir, manifest.codec);
  try {
    return await readFile(file, 'utf8');
  } catch {
    faults.push(fault(file, 'codec', 'the file named in sensor.yaml is not there'));
    return null;
  }
}

async function readYaml<S extends z.ZodType>(
  dir: string,
  name: string,
  schema: S,
  faults: Fault[],
): Promise<z.infer<S> | undefined> {
  const file = join(dir, name);
  try {
    const parsed = schema.safeParse(parse(await readFile(file, 'utf8'), { maxAliasCount: 20 }));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) faults.push(fault(file, issue.path.join('.'), issue.message));
  } catch (thrown) {
    faults.push(fault(file, '', thrown instanceof Error ? thrown.message : 'cannot be read'));
  }
  return undefined;
}

function fault(file: string, field: string, message: string): Fault {
  return { field: field === '' ? file : `${file}: ${field}`, code: 'INPUT_INVALID', message };
}
