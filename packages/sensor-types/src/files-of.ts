import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SensorTypeFiles } from '@ronde/contracts';
import type { LoadedType } from './read-type.ts';

/** Gives the files of a type that lies in a folder, as text: what a next version of it begins with. */
export async function filesOf({ dir, manifest }: Pick<LoadedType, 'dir' | 'manifest'>): Promise<SensorTypeFiles> {
  const text = (name: string): Promise<string | undefined> => readFile(join(dir, name), 'utf8').catch(() => undefined);
  // a single file `<id>.yaml` lends its name to its neighbours
  const prefix = (await text('sensor.yaml')) === undefined ? `${manifest.id}.` : '';
  const [sensorYaml, examplesYaml, downlinksYaml, codecJs] = await Promise.all([
    text(prefix === '' ? 'sensor.yaml' : `${prefix}yaml`),
    text(`${prefix}examples.yaml`),
    text(`${prefix}downlinks.yaml`),
    manifest.codec === undefined ? undefined : text(manifest.codec),
  ]);
  return {
    sensorYaml: sensorYaml ?? '',
    ...(codecJs !== undefined && { codecJs }),
    ...(examplesYaml !== undefined && { examplesYaml }),
    ...(downlinksYaml !== undefined && { downlinksYaml }),
  };
}
