import type { Fault } from '@ronde/contracts';
import { parse } from 'yaml';
import type { z } from 'zod';
import { compileFields } from './byte-fields/compile.ts';
import { Examples } from './examples.ts';
import type { Example } from './examples.ts';
import { isRecord, toSnake } from './known-keys.ts';
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
  /** What the place itself says where the manifest does not. */
  defaults?: { id?: string; codec?: string };
}

/** Reads a sensor type from its files, collecting all of their faults. */
export async function readType(source: TypeSource): Promise<{ type?: LoadedType; faults: Fault[] }> {
  const faults: Fault[] = [];
  const manifest = await readYaml(source, 'sensor.yaml', Manifest, faults);
  const examples = await readOptional(source, 'examples.yaml', Examples, { faults, absent: [] });
  const downlinks = await readOptional(source, 'downlinks.yaml', Downlinks, { faults, absent: {} });
  const codec = await readCodec(source, manifest, faults);
  if (faults.length > 0 || !manifest || !examples || !downlinks) return { faults };
  const settings = { ...manifest.settings, ...downlinks };
  return { type: { dir: source.dir, manifest, codec, examples, downlinks: settings }, faults };
}

async function readCodec(source: TypeSource, manifest: Manifest | undefined, faults: Fault[]): Promise<string | null> {
  if (manifest?.fields) return compileFields(manifest.fields);
  if (!manifest?.codec) return null;
  const text = await source.text(manifest.codec);
  if (text !== undefined) return text;
  const message = 'the file named in the manifest is not there; put it there, or change "codec"';
  faults.push(faultIn(source.label(manifest.codec), 'codec', message));
  return null;
}

async function readOptional<S extends z.ZodType>(
  source: TypeSource,
  name: string,
  schema: S,
  { faults, absent }: { faults: Fault[]; absent: z.infer<S> },
): Promise<z.infer<S> | undefined> {
  const isThere = (await source.text(name)) !== undefined;
  return isThere ? readYaml(source, name, schema, faults) : absent;
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
  let given: unknown;
  try {
    given = parse(text, { maxAliasCount: 20 });
  } catch (thrown) {
    faults.push(faultIn(file, '', thrown instanceof Error ? thrown.message : 'cannot be read'));
    return undefined;
  }
  const parsed = schema.safeParse(isRecord(given) && name === 'sensor.yaml' ? { ...source.defaults, ...given } : given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) faults.push(faultIn(file, asWritten(path, given), message));
  return undefined;
}

/** Names a field as the file spells it: the schema knows `blindZoneM`, the file may say `blind_zone`. */
function asWritten(path: readonly PropertyKey[], given: unknown): string {
  const names: string[] = [];
  let at: unknown = given;
  for (const step of path.map(String)) {
    const key = isRecord(at) ? spellingOf(step, Object.keys(at)) : step;
    names.push(key);
    at = at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined;
  }
  return names.join('.');
}

function spellingOf(name: string, keys: string[]): string {
  const bare = name.replace(/(?<=[a-z])(M|Deg)$/, '');
  return [name, toSnake(name), bare, toSnake(bare)].find((one) => keys.includes(one)) ?? name;
}

/** Gives a fault of a file and, where it has one, a field in it. */
export function faultIn(file: string, field: string, message: string): Fault {
  return { field: field === '' ? file : `${file}: ${field}`, code: 'INPUT_INVALID', message };
}
