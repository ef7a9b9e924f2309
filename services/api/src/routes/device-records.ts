import {
  moved,
  placeOf,
  statusFaults,
  statusOf,
  type AssetInput,
  type Device,
  type DeviceInput,
  type DeviceRecord,
  type Fault,
  type Result,
} from '@ronde/contracts';
import { refuse } from '@ronde/kit';
import type { ApiDeps } from '../deps.ts';
import { faultOf } from '../faults.ts';
import { sharedMeasures } from './shared-measures.ts';

/** What a device is judged against; fetched at once for many, so that an import costs a handful of look-ups a batch. */
export interface DeviceSurroundings {
  asset(id: string): AssetInput | undefined;
  hasIntegration(id: string): boolean;
  /** The device that has this identity. */
  ownerOf(name: ExternalName, value: string): string | undefined;
  /** Devices that hang on an asset now. */
  onAsset(assetId: string): readonly DeviceRecord[];
}
export const EXTERNAL_NAMES = ['devEui', 'imei', 'networkId'] as const;
export type ExternalName = (typeof EXTERNAL_NAMES)[number];

/** Fetches what devices are judged against. `everywhere` also finds owners in other tenants, one look-up an identity. */
export async function surroundingsOf(
  { registry }: Pick<ApiDeps, 'registry'>,
  tenant: string,
  devices: readonly Partial<DeviceInput>[],
  everywhere = devices.length === 1,
): Promise<DeviceSurroundings> {
  const assetIds = distinct(devices.map(({ assetId }) => assetId));
  const integrationIds = distinct(devices.map(({ integrationId }) => integrationId));
  const owners = new Map<string, string>();
  const noteOwners = async (name: ExternalName): Promise<void> => {
    const values = distinct(devices.map(({ externalIds }) => externalIds?.[name]));
    const found = everywhere
      ? await Promise.all(
          values.map((value) => registry.findDevice({ [name]: value } as Parameters<typeof registry.findDevice>[0])),
        )
      : (await registry.devices.all(tenant, { [name]: values })).map((device) => ({ device }));
    for (const owner of found) {
      const value = owner?.device.externalIds?.[name];
      if (owner && value !== undefined) owners.set(`${name} ${value}`, owner.device.id);
    }
  };
  const [assets, onAssets, integrations] = await Promise.all([
    registry.assets.all(tenant, { id: assetIds }),
    registry.devices.all(tenant, { assetId: assetIds }),
    registry.integrations.all(tenant, { id: integrationIds }),
    ...EXTERNAL_NAMES.map(noteOwners),
  ]);
  const assetById = new Map(assets.map((asset) => [asset.id, asset]));
  const devicesByAsset = Map.groupBy(onAssets, ({ assetId }) => assetId ?? '');
  const integrationSet = new Set(integrations.map(({ id }) => id));
  return {
    asset: (id) => assetById.get(id),
    hasIntegration: (id) => integrationSet.has(id),
    ownerOf: (name, value) => owners.get(`${name} ${value}`),
    onAsset: (assetId) => devicesByAsset.get(assetId) ?? [],
  };
}

/** Gives every fault of what somebody wants a device to be, besides those that the schema sees. */
export function deviceFaults(
  deps: Pick<ApiDeps, 'sensorTypes'>,
  around: DeviceSurroundings,
  device: DeviceInput,
): Fault[] {
  const { id, typeId, externalIds = {}, assetId, chamber, integrationId } = device;
  const asset = assetId === undefined ? undefined : around.asset(assetId);
  const faults = EXTERNAL_NAMES.map((name) => {
    const value = externalIds[name];
    const owner = value === undefined ? undefined : around.ownerOf(name, value);
    return owner === undefined || owner === id
      ? undefined
      : faultOf(`externalIds.${name}`, 'belongs to another device');
  });
  return [
    isKnownType(deps, typeId)
      ? undefined
      : faultOf('typeId', `there is no sensor type "${typeId}"`, 'GET /v1/sensor-types lists them'),
    assetId === undefined || asset
      ? undefined
      : faultOf('assetId', `there is no asset "${assetId}"`, 'add it first, or leave assetId out'),
    chamberFault(asset, chamber),
    integrationId === undefined || around.hasIntegration(integrationId)
      ? undefined
      : faultOf('integrationId', `there is no integration "${integrationId}"`, 'GET /v1/integrations lists them'),
    ...faults,
  ].filter((fault) => fault !== undefined);
}

export function chamberFault(asset: AssetInput | undefined, chamber: string | undefined): Fault | undefined {
  if (!asset || chamber === undefined || asset.chambers.some((one) => one.id === chamber)) return undefined;
  const known = asset.chambers.map((one) => one.id).join(', ');
  return faultOf('chamber', `the asset has no chamber "${chamber}"`, `it has ${known}`);
}

function isKnownType({ sensorTypes }: Pick<ApiDeps, 'sensorTypes'>, typeId: string): boolean {
  return sensorTypes.list().some(({ id }) => id === typeId);
}

/** Warns where another device measures the same at the same place: its values and these would alternate. */
export function sharingWarnings(deps: ApiDeps, around: DeviceSurroundings, device: DeviceInput): string[] {
  const { assetId } = device;
  const asset = assetId === undefined ? undefined : around.asset(assetId);
  if (!asset) return [];
  return sharedMeasures(deps.sensorTypes, { asset, device, others: around.onAsset(asset.id) }).map(
    ({ otherId, quantities }) =>
      `${otherId} measures ${quantities.join(', ')} at the same place; unmount or swap one of them, unless both are meant`,
  );
}

/** What stands in a record besides what its owner writes. */
type Kept = Pick<DeviceRecord, 'createdAt' | 'secretHash' | 'keysSealed'>;

/** Makes the record of a new device: hanging on its asset since ever, when it has one. */
export function newRecord(input: DeviceInput, kept: Kept): Result<DeviceRecord> {
  const status = statusOf(input);
  const faults = statusFaults({ to: status, mounted: input.assetId !== undefined });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { ...input, ...kept, status } };
}

/**
 * Makes the record of a device that is written again. Another asset or chamber is a move at `at`; other distances
 * at the same place are a correction. A status that is not written stays maintenance or retired, and follows the asset else.
 */
export function replacedRecord(current: DeviceRecord, input: DeviceInput, at: string): Result<DeviceRecord> {
  const { createdAt, secretHash, keysSealed, mounts } = current;
  const before = statusOf(current);
  const isAside = before === 'maintenance' || before === 'retired';
  const status = input.status ?? (isAside ? before : statusOf({ assetId: input.assetId }));
  const faults = statusFaults({ from: before, to: status, mounted: input.assetId !== undefined });
  const next: DeviceRecord = { ...input, status, createdAt, secretHash, keysSealed, mounts };
  const hasMoved =
    input.assetId !== current.assetId || (input.assetId !== undefined && input.chamber !== current.chamber);
  if (!hasMoved) return faults.length > 0 ? { ok: false, faults } : { ok: true, value: next };
  const move = moved(current, placeOf(input), at);
  if (!move.ok) faults.push(...move.faults);
  if (!move.ok || faults.length > 0) return { ok: false, faults };
  return { ok: true, value: { ...next, mounts: move.value.mounts } };
}

/** Gives the record, or refuses the call with its faults and all others. */
export function judged(result: Result<DeviceRecord>, others: readonly (Fault | undefined)[]): DeviceRecord {
  refuse([...others, ...(result.ok ? [] : result.faults)]);
  return (result as { value: DeviceRecord }).value;
}

/** Gives what callers see of a device: never its secrets. */
export function shownDevice({ secretHash: _hidden, keysSealed, mounts: _history, ...device }: DeviceRecord): Device {
  return { ...device, status: statusOf(device), hasKeys: keysSealed !== undefined };
}

function distinct(values: (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))];
}
