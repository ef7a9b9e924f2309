import { Id, type Fault, type SensorTypeFiles } from '@ronde/contracts';
import { typeFromFiles, type ExampleOutcome, type LoadedType, type Trial } from '@ronde/sensor-types';
import { versionId } from './follow.ts';

export interface CheckedFiles {
  /** Absent when the files cannot be read as a type at all. */
  type?: LoadedType;
  /** Everything that keeps the files from being published. */
  faults: Fault[];
  examples: ExampleOutcome[];
}

/** Checks the files of a version: schema, own name, and that every example comes out in the sandbox as written. */
export async function checkFiles(
  files: SensorTypeFiles,
  trial: Pick<Trial, 'examples'>,
  named?: { typeId: string; version: string },
): Promise<CheckedFiles> {
  const { type, faults } = await typeFromFiles(files);
  if (!type) return { faults, examples: [] };
  const { id, version } = type.manifest;
  const examples = await trial.examples(type);
  return {
    type,
    examples,
    faults: [
      ...(named && named.typeId !== id
        ? [fault('files.sensorYaml: id', `is "${id}", and the path says "${named.typeId}"`)]
        : []),
      ...(named && named.version !== version
        ? [fault('files.sensorYaml: version', `is ${version}, and "version" says ${named.version}`)]
        : []),
      ...(Id.safeParse(versionId(id, version)).success
        ? []
        : [fault('files.sensorYaml: id', 'is too long: id and version together may have 63 characters')]),
      ...(examples.length > 0 ? [] : [fault('files.examplesYaml', 'must hold at least one example: it is the proof')]),
      ...examples.flatMap(({ ok, description, why = '' }, index) =>
        ok ? [] : [fault(`files.examplesYaml: ${index}`, `"${description}" does not come out: ${why}`)],
      ),
    ],
  };
}

function fault(field: string, message: string): Fault {
  return { field, code: 'INPUT_INVALID', message };
}
