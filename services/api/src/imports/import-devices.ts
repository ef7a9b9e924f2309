import {
  DeviceInput,
  DeviceKeys,
  type DeviceRecord,
  type ExternalIds,
  type ImportRow,
  type SensorTypeSummary,
} from '@ronde/contracts';
import { hashSecret, newSecret } from '@ronde/registry';
import type { ApiDeps } from '../deps.ts';
import { keysOf, sealKeys } from '../routes/device-keys.ts';
import {
  EXTERNAL_NAMES,
  deviceFaults,
  newRecord,
  replacedRecord,
  sharingWarnings,
  surroundingsOf,
} from '../routes/device-records.ts';
import { digestOf } from './digest.ts';
import { createDocumentImport } from './document-import.ts';
import { mapInSteps } from './in-steps.ts';
import { refusedRow, type ImportKind, type Planned } from './kind.ts';
import type { RowDraft } from './read-rows.ts';
import { errorsOfFaults, errorsOfIssues } from './row-errors.ts';

/** A row with the device it is about. */
interface Subject {
  draft: RowDraft;
  id: string | undefined;
  current: DeviceRecord | undefined;
  input: DeviceInput | undefined;
  keys: DeviceKeys | undefined;
  errors: ImportRow['errors'];
}

/** Makes an import of devices: rows are about the device of their id, or of their name in the network where they give no id. */
export function createDeviceImport(deps: ApiDeps, tenant: string): ImportKind {
  const plan = async (drafts: readonly RowDraft[]): Promise<Planned[]> => {
    const subjects = await subjectsOf(deps, tenant, drafts);
    const around = await surroundingsOf(
      deps,
      tenant,
      subjects.flatMap(({ input }) => input ?? []),
      false,
    );
    return mapInSteps(subjects, (subject): Planned => {
      const { draft, id, current, input, errors } = subject;
      const faults = input ? deviceFaults(deps, around, input) : [];
      const made = input && recordOf(deps, subject, input);
      if (made && !made.ok) faults.push(...made.faults);
      if (!input || !made?.ok || errors.length + faults.length > 0)
        return refusedRow(draft, id, [...errors, ...errorsOfFaults(faults)]);
      const { record, secret } = made;
      if (current && digestOf(current) === digestOf(record))
        return { row: draft.row, id, outcome: 'unchanged', errors: [], warnings: [] };
      return {
        row: draft.row,
        id,
        outcome: current ? 'updated' : 'created',
        errors: [],
        warnings: sharingWarnings(deps, around, input),
        document: record,
        before: current,
        ...(secret !== undefined && { secret }),
      };
    });
  };
  return createDocumentImport<DeviceRecord>({ deps, tenant, collection: deps.registry.devices, kind: 'device', plan });
}

async function subjectsOf(deps: ApiDeps, tenant: string, drafts: readonly RowDraft[]): Promise<Subject[]> {
  const { registry, sensorTypes } = deps;
  const owners = new Map<string, DeviceRecord>();
  const namesOf = ({ value }: RowDraft): ExternalIds => (value['externalIds'] ?? {}) as ExternalIds;
  for (const name of EXTERNAL_NAMES) {
    const values = drafts.flatMap((draft) => namesOf(draft)[name] ?? []);
    for (const device of values.length > 0 ? await registry.devices.all(tenant, { [name]: values }) : [])
      owners.set(`${name} ${device.externalIds?.[name]}`, device);
  }
  const idOf = (draft: RowDraft): string | undefined => {
    const names = EXTERNAL_NAMES.flatMap((name) => {
      const value = namesOf(draft)[name];
      return value === undefined ? [] : [{ value, owner: owners.get(`${name} ${value}`)?.id }];
    });
    const given = draft.value['id'] as string | undefined;
    return given ?? names.find(({ owner }) => owner !== undefined)?.owner ?? names[0]?.value;
  };
  const ids = drafts.map(idOf);
  const current = new Map(
    (await registry.devices.all(tenant, { id: ids.filter((id) => id !== undefined) })).map((one) => [one.id, one]),
  );
  const typeNames = typeFinder(sensorTypes.list());
  return mapInSteps(drafts, (draft, index) => {
    const id = ids[index];
    return subjectOf(draft, id, id === undefined ? undefined : current.get(id), typeNames);
  });
}

function subjectOf(
  draft: RowDraft,
  id: string | undefined,
  current: DeviceRecord | undefined,
  typeIdOf: (name: string) => string,
): Subject {
  const { keys: givenKeys, ...value } = draft.value;
  if (typeof value['typeId'] === 'string') value['typeId'] = typeIdOf(value['typeId']);
  const merged = mergedInput(current, { ...value, ...(id !== undefined && { id }) });
  const parsed = DeviceInput.safeParse(merged);
  const keys = givenKeys === undefined ? undefined : DeviceKeys.safeParse(givenKeys);
  const errors = [
    ...(parsed.success ? [] : errorsOfIssues(parsed.error, merged)),
    ...(keys && !keys.success
      ? errorsOfIssues(keys.error, givenKeys).map((error) => ({ ...error, field: `keys.${error.field}` }))
      : []),
  ];
  const known = new Set(draft.errors.map(({ field }) => field));
  return {
    draft,
    id,
    current,
    input: parsed.success && draft.errors.length === 0 ? parsed.data : undefined,
    keys: keys?.success ? keys.data : undefined,
    // a cell that could not be read is missing to the schema: told once
    errors: errors.filter(({ field }) => !known.has(field)),
  };
}

/** Columns that a file does not have, and cells that are empty, leave a device as it is. */
function mergedInput(current: DeviceRecord | undefined, value: Record<string, unknown>): Record<string, unknown> {
  if (!current) return value;
  const { createdAt: _at, secretHash: _hash, keysSealed: _keys, mounts: _mounts, status: _status, ...before } = current;
  const moves = value['assetId'] !== undefined && value['assetId'] !== current.assetId;
  // chamber and distances of the place it leaves say nothing of the next
  const { chamber: _chamber, mounting: _mounting, ...elsewhere } = before;
  const base: Record<string, unknown> = moves ? elsewhere : before;
  const within = (name: string): object => ({
    ...(value[name] !== undefined && { [name]: { ...(base[name] as object | undefined), ...(value[name] as object) } }),
  });
  return { ...base, ...value, ...within('externalIds'), ...within('mounting') };
}

function recordOf(
  { sealer, clock }: ApiDeps,
  { current, keys }: Subject,
  input: DeviceInput,
): { ok: true; record: DeviceRecord; secret?: string } | { ok: false; faults: Parameters<typeof errorsOfFaults>[0] } {
  const secret = newSecret();
  const made = current
    ? replacedRecord(current, input, clock.iso())
    : newRecord(input, { createdAt: clock.iso(), secretHash: hashSecret(secret) });
  if (!made.ok) return made;
  const record = withKeys(made.value, current);
  return { ok: true, record, ...(!current && { secret }) };

  function withKeys(device: DeviceRecord, before: DeviceRecord | undefined): DeviceRecord {
    if (!keys) return device;
    const held = before ? keysOf(sealer, before) : {};
    const wanted = { ...held, ...keys };
    // the same keys sealed again would be another text, and the device look changed
    return digestOf(held) === digestOf(wanted)
      ? device
      : { ...device, keysSealed: sealKeys(sealer, device.id, wanted) };
  }
}

/** Finds a type by its id, or by maker and model as people write them; what is not found, or could be two, stays to be refused by name. */
function typeFinder(types: readonly SensorTypeSummary[]): (name: string) => string {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '');
  const byName = new Map<string, Set<string>>();
  const note = (name: string, id: string): void =>
    void byName.set(plain(name), (byName.get(plain(name)) ?? new Set()).add(id));
  for (const { id, vendor, model } of types) for (const name of [model, `${vendor} ${model}`]) note(name, id);
  for (const { id } of types) byName.set(plain(id), new Set([id]));
  return (name) => {
    const found = [...(byName.get(plain(name)) ?? [])];
    return found.length === 1 ? found[0]! : name;
  };
}
