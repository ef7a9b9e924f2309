import { QUANTITY_NAMES, RondeError } from '@ronde/contracts';
import type { Quantity, Result, SensorTypeSummary } from '@ronde/contracts';
import { durationToSeconds } from './duration.ts';
import { encodeSetting } from './encode-setting.ts';
import type { EncodedSetting } from './encode-setting.ts';
import type { LoadedType } from './read-type.ts';
import { createEncoders, loadAllTypes } from './open-encoders.ts';
import type { Encoders } from './open-encoders.ts';
import { normaliseRecord } from './normalise.ts';
import type { Normalised, PlainValue } from './normalise.ts';
import { openSandbox } from './sandbox.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';
import { createTypeDecoder } from './type-decoder.ts';
import type { TypeDecodeResult, TypeInput } from './type-decoder.ts';
import { createVersionTable } from './version-table.ts';
import type { VersionTable } from './version-table.ts';

export interface SensorTypesOptions {
  /** Folders with further sensor-type folders, beside the built-in ones. */
  dirs?: readonly string[];
  sandbox?: SandboxOptions;
}

/** One uplink to decode; without `version` by the type's active one. */
export interface DecodeItem {
  id: string;
  version?: string | undefined;
  input: TypeInput;
}

/**
 * All sensor types with all their versions: those in folders, and those published here, which come and go at run time
 * by `setPublished`. Where a call names no version, the active one counts.
 */
export interface SensorTypes extends Encoders, Omit<VersionTable, 'active'> {
  /** The active version of each type; the same array as long as nothing changed. */
  list(): readonly SensorTypeSummary[];
  /** Decodes one uplink to canonical values; an unknown type or a codec's refusal is a value, not a throw. */
  decode(id: string, input: TypeInput, version?: string): Promise<TypeDecodeResult>;
  /** Decodes many with one crossing of the thread border; results in the order of the items. */
  decodeBatch(items: readonly DecodeItem[]): Promise<TypeDecodeResult[]>;
  /**
   * Maps values by catalogue name to canonical values, with the type's geometry.
   * @throws RondeError SENSOR_TYPE_UNKNOWN
   */
  normaliseValues(id: string, values: Record<string, unknown> | readonly PlainValue[]): Normalised;
  /** Checks a named setting for a device of a type and writes its bytes; what cannot be is a value, not a throw. */
  encodeSetting(
    id: string,
    wanted: { version?: string; setting: string; parameters: Record<string, number | string | boolean> },
  ): Promise<Result<EncodedSetting>>;
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
  const table = createVersionTable(types);
  const sandbox = await openSandbox(options.sandbox);
  const decoder = createTypeDecoder(sandbox);
  const { get, choose, inFolders, setPublished } = table;

  const summariesOf = createSummaries();
  const decodeBatch = (items: readonly DecodeItem[]): Promise<TypeDecodeResult[]> =>
    decoder.decodeBatch(items.map(({ id, version, input }) => ({ type: get(id, version), input })));

  return {
    get,
    choose,
    inFolders,
    setPublished,
    list: () => summariesOf(table.active()),
    async decode(id, input, version) {
      const [result] = await decodeBatch([{ id, version, input }]);
      return result ?? { ok: false, errors: ['the sandbox gave no answer'] };
    },
    decodeBatch,
    normaliseValues(id, values) {
      const type = get(id);
      if (!type) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${id}"`);
      return normaliseRecord(type.manifest, values);
    },
    async encodeSetting(id, { version, ...wanted }) {
      const type = get(id, version);
      if (!type) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${id}"`);
      return encodeSetting(type, wanted, (input) => decoder.encodeDownlink(type, input));
    },
    ...createEncoders(table.active()),
    blindZoneM: (id) => get(id)?.manifest.geometry.blindZoneM,
    sandbox,
    close: () => sandbox.close(),
  };
}

function createSummaries(): (types: readonly LoadedType[]) => readonly SensorTypeSummary[] {
  let of: readonly LoadedType[] | undefined;
  let summaries: readonly SensorTypeSummary[] = [];
  return (types) => {
    if (types !== of) summaries = types.map(summarise);
    of = types;
    return summaries;
  };
}

/** Gives what the API tells of a type. */
export function summarise({ manifest }: LoadedType): SensorTypeSummary {
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
