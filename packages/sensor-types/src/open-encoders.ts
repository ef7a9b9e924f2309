import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RondeError } from '@ronde/contracts';
import { encodeFields } from './byte-fields/encode.ts';
import type { Encode, EncodeValues, EncodedUplink } from './encode-values.ts';
import { loadTypes } from './load-types.ts';
import type { LoadedType } from './read-type.ts';
import type { Manifest } from './manifest.ts';
import { createVersionTable } from './version-table.ts';

export interface Encoders {
  /**
   * Writes the bytes a device would send; undefined for types without bytes.
   * @throws RondeError SENSOR_TYPE_UNKNOWN
   */
  encode(id: string, values: EncodeValues): Promise<EncodedUplink | undefined>;
  /**
   * Gives a type's encoder, for those who call it often; undefined for types without bytes.
   * @throws RondeError SENSOR_TYPE_UNKNOWN
   */
  encoderOf(id: string): Promise<Encode | undefined>;
  manifests(): readonly Manifest[];
}

/** The folder of the built-in sensor types. */
export const BUILT_IN_TYPES = fileURLToPath(new URL('../types/', import.meta.url));

/**
 * Reads the built-in types and those of further folders, all faults together.
 * @throws RondeError CONFIG_INVALID with every fault of every folder in `details.faults`
 */
export async function loadAllTypes(dirs: readonly string[]): Promise<LoadedType[]> {
  const { types, faults } = await loadTypes([BUILT_IN_TYPES, ...dirs]);
  if (faults.length === 0) return types;
  const lines = faults.map(({ field, message }) => `${field}: ${message}`).join('\n');
  throw new RondeError('CONFIG_INVALID', `sensor types with faults:\n${lines}`, { details: { faults } });
}

/**
 * Opens the encoders of all sensor types without a sandbox, for simulators.
 * @throws RondeError CONFIG_INVALID when a folder has faults
 */
export async function openEncoders(options: { dirs?: readonly string[] } = {}): Promise<Encoders> {
  return createEncoders(createVersionTable(await loadAllTypes(options.dirs ?? [])).active());
}

/** Creates the encoders of types already read; each `encode.ts` is imported when it is first needed. */
export function createEncoders(types: readonly LoadedType[]): Encoders {
  const byId = new Map(types.map((type) => [type.manifest.id, type]));
  const imported = new Map<string, Promise<Encode | undefined>>();
  const encoderOf = async (id: string): Promise<Encode | undefined> => {
    const type = byId.get(id);
    if (!type) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${id}"`);
    const encoder = imported.get(id) ?? importEncoder(type);
    imported.set(id, encoder);
    return encoder;
  };
  return {
    encoderOf,
    encode: async (id, values) => (await encoderOf(id))?.(values),
    manifests: () => types.map(({ manifest }) => manifest),
  };
}

async function importEncoder(type: LoadedType): Promise<Encode | undefined> {
  const file = join(type.dir, 'encode.ts');
  if (!existsSync(file)) return encoderOfFields(type);
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { encode?: Encode };
  return module.encode;
}

/** A type of byte fields needs no encoder of its own. */
function encoderOfFields({ manifest }: LoadedType): Encode | undefined {
  const { fields } = manifest;
  if (!fields) return undefined;
  return (values) =>
    encodeFields(manifest, fields, values) ?? { fPort: manifest.fPorts[0] ?? 1, bytes: new Uint8Array() };
}
