import { QUANTITY_NAMES, RondeError } from '@ronde/contracts';
import type { CanonicalValue, Quantity, SensorTypeSummary } from '@ronde/contracts';
import { durationToSeconds } from './duration.ts';
import type { LoadedType } from './read-type.ts';
import { createEncoders, loadAllTypes } from './open-encoders.ts';
import type { Encoders } from './open-encoders.ts';
import { normalise, normaliseRecord } from './normalise.ts';
import type { Normalised, PlainValue } from './normalise.ts';
import { openSandbox } from './sandbox.ts';
import type { CodecInput, DecodeResult, Sandbox, SandboxOptions } from './sandbox.ts';

export type TypeDecodeResult =
  | {
      ok: true;
      values: CanonicalValue[];
      data: Record<string, unknown>;
      warnings: string[];
      /** The device's own message counter, where its type says where it stands. */
      counter?: number;
    }
  | { ok: false; errors: string[] };

export interface SensorTypesOptions {
  /** Folders with further sensor-type folders, beside the built-in ones. */
  dirs?: readonly string[];
  sandbox?: SandboxOptions;
}

export interface SensorTypes extends Encoders {
  get(id: string): LoadedType | undefined;
  list(): SensorTypeSummary[];
  /** Decodes one uplink to canonical values; an unknown type or a codec's refusal is a value, not a throw. */
  decode(id: string, input: CodecInput): Promise<TypeDecodeResult>;
  /** Decodes many with one crossing of the thread border; results in the order of the items. */
  decodeBatch(items: readonly { id: string; input: CodecInput }[]): Promise<TypeDecodeResult[]>;
  /**
   * Maps values by catalogue name to canonical values, with the type's geometry.
   * @throws RondeError SENSOR_TYPE_UNKNOWN
   */
  normaliseValues(id: string, values: Record<string, unknown> | readonly PlainValue[]): Normalised;
  /** Blind zone of a type's sensor, metres; for `fillFromDistance`. */
  blindZoneM(id: string): number | undefined;
  sandbox: Sandbox;
  close(): Promise<void>;
}

/**
 * Opens all sensor types: reads the folders, checks every manifest, starts the sandbox.
 * @throws RondeError CONFIG_INVALID with all faults of all folders in `details.faults`
 */
export async function openSensorTypes(options: SensorTypesOptions = {}): Promise<SensorTypes> {
  const types = await loadAllTypes(options.dirs ?? []);
  const byId = new Map(types.map((type) => [type.manifest.id, type]));
  const summaries = types.map(summarise);
  const sandbox = await openSandbox(options.sandbox);
  for (const type of types) if (type.codec !== null) sandbox.add(keyOf(type), type.codec);

  async function decodeBatch(items: readonly { id: string; input: CodecInput }[]): Promise<TypeDecodeResult[]> {
    const calls = items.map(({ id, input }) => ({ key: keyOf(byId.get(id)) ?? id, input }));
    const results = await sandbox.decodeBatch(calls);
    return results.map((result, i) => toTypeResult(byId.get(items[i]?.id ?? ''), items[i]?.input.fPort, result));
  }

  return {
    get: (id) => byId.get(id),
    list: () => summaries,
    async decode(id, input) {
      const [result] = await decodeBatch([{ id, input }]);
      return result ?? { ok: false, errors: ['the sandbox gave no answer'] };
    },
    decodeBatch,
    normaliseValues(id, values) {
      const type = byId.get(id);
      if (!type) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${id}"`);
      return normaliseRecord(type.manifest, values);
    },
    ...createEncoders(types),
    blindZoneM: (id) => byId.get(id)?.manifest.geometry.blindZoneM,
    sandbox,
    close: () => sandbox.close(),
  };
}

function keyOf(type: LoadedType): string;
function keyOf(type: LoadedType | undefined): string | undefined;
function keyOf(type: LoadedType | undefined): string | undefined {
  return type && `${type.manifest.id}@${type.manifest.version}`;
}

function toTypeResult(type: LoadedType | undefined, fPort: number | undefined, result: DecodeResult): TypeDecodeResult {
  if (!type) return { ok: false, errors: ['no such sensor type'] };
  if (type.codec === null)
    return { ok: false, errors: [`"${type.manifest.id}" has no codec: it sends values, not bytes`] };
  if (!result.ok) return result;
  const { warnings, ...read } = normalise(type.manifest, result.data, fPort);
  return { ok: true, data: result.data, warnings: [...result.warnings, ...warnings], ...read };
}

function summarise({ manifest }: LoadedType): SensorTypeSummary {
  const { id, version, vendor, model, description, fPorts, source, licence } = manifest;
  const expectedIntervalS = manifest.expectedInterval ? durationToSeconds(manifest.expectedInterval) : undefined;
  return {
    id,
    version,
    vendor,
    model,
    description,
    fPorts,
    source,
    licence,
    expectedIntervalS: expectedIntervalS ?? null,
    quantities: quantitiesOf(manifest.measurements),
  };
}

function quantitiesOf(measurements: LoadedType['manifest']['measurements']): Quantity[] {
  if (measurements === 'catalogue') return [...QUANTITY_NAMES];
  const names = Object.values(measurements).map((line) => line.quantity);
  return [...new Set(names)];
}
