import type { Fault, SensorTypeFiles } from '@ronde/contracts';
import { readType } from './read-type.ts';
import type { LoadedType } from './read-type.ts';

const MEMBERS: Record<string, keyof SensorTypeFiles> = {
  'sensor.yaml': 'sensorYaml',
  'examples.yaml': 'examplesYaml',
  'downlinks.yaml': 'downlinksYaml',
};

/** Reads a sensor type from its files as text; faults name the member and, inside it, the field. */
export function typeFromFiles(files: SensorTypeFiles): Promise<{ type?: LoadedType; faults: Fault[] }> {
  // whatever sensor.yaml calls the codec's file, there is one script
  const memberOf = (name: string): keyof SensorTypeFiles => MEMBERS[name] ?? 'codecJs';
  return readType({
    dir: '',
    text: async (name) => files[memberOf(name)],
    label: (name) => `files.${memberOf(name)}`,
    ...(files.codecJs !== undefined && { defaults: { codec: 'codec.js' } }),
    ...(files.codecJs !== undefined && { defaults: { codec: 'codec.js' } }),
  });
}
