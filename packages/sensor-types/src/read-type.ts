import type { Fault } from '@ronde/contracts';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Examples } from './examples.ts';
import type { Example } from './examples.ts';
import { Downlinks, Manifest } from './manifest.ts';

/** A sensor type as read from its folder, or from files handed in. */
export interface LoadedType {
  /** Its folder; empty for files that lie in none. */
  dir: string;
  manifest: Manifest;
  /** Source text of the codec; null for types without bytes. */
  codec: string | null;
  examples: Example[];
  downlinks: Downlinks;
}

/** Where the files of a type are. */
export interface TypeSource {
  dir: string;
  /** Text of a file by its name in the folder; undefined when it is not there. */
  text(name: string): Promise<string | undefined>;
  /** How a fault names a file. */
  label(name: string): string;
}

/** Reads a sensor type from its files, collecting all of their faults. */
export async function readType(source: TypeSource): Promise<{ type?: LoadedType; faults: Fault[] }> {
  const faults: Fault[] = [];
  const manifest = await readYaml(source, 'sensor.yaml', Manifest, faults);
  const examples = await readYaml(source, 'examples.yaml', Examples, faults);
  const hasDownlinks = (await source.text('downlinks.yaml')) !== undefined;
  const downlinks = hasDownlinks ? await readYaml(source, 'downlinks.yaml', Downlinks, faults) : {};
  const codec = await readCodec(source, manifest, faults);
  if (faults.length > 0 || !manifest || !examples || !downlinks) return { faults };
  return { type: { dir: source.dir, manifest, codec, examples, downlinks }, faults };
}

async function readCodec(source: TypeSource, manifest: Manifest | undefined, faults: Fault[]): Promise<string | null> {
  if (!manifest?.codec) return null;
  const text = await source.text(manifest.codec);
  if (text !== undefined) return text;
  faults.push(faultIn(source.label(manifest.codec), 'codec', 'the file named in sensor.yaml is not there'));
  return null;
}

async function readYaml<S extends z.ZodType>(
  source: TypeSource,
  name: string,
  schema: S,
  faults: Fault[],
): Promise<z.infer<S> | undefined> {
  const file = source.label(name);
  const text = await source.text(name);
  if (text === undefined) {
    faults.push(faultIn(file, '', 'is not there, or cannot be read'));
    return undefined;
  }
  try {
    const parsed = schema.safeParse(parse(text, { maxAliasCount: 20 }));
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) faults.push(faultIn(file, issue.path.join('.'), issue.message));
  } catch (thrown) {
    faults.push(faultIn(file, '', thrown instanceof Error ? thrown.message : 'cannot be read'));
  }
  return undefined;
}

/** Gives a fault of a file and, where it has one, a field in it. */
export function faultIn(file: string, field: string, message: string): Fault {
  return { field: field === '' ? file : `${file}: ${field}`, code: 'INPUT_INVALID', message };
}
