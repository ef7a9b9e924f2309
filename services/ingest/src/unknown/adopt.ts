import type { Bus } from '@ronde/bus';
import {
  RondeError,
  statusOf,
  type Adopted,
  type AdoptInput,
  type DeadLetter,
  type DeviceRecord,
  type Fault,
  type UnknownDevice,
} from '@ronde/contracts';
import { refuse, type Clock, type Logger } from '@ronde/kit';
import { hashSecret, newSecret, type Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import type { LetterReplay } from '../replay-letters.ts';
import type { UnknownDevices } from './unknown-devices.ts';

export interface AdoptParts {
  registry: Pick<Registry, 'devices' | 'assets' | 'deadLetters' | 'findDevice'>;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  log: Logger;
  types: Pick<SensorTypes, 'get'>;
  unknown: UnknownDevices;
  replay: LetterReplay;
}

/** Registers unknown devices under their network name. */
export interface Adopter {
  /**
   * Registers one and reads what it sent before.
   * @throws RondeError RESOURCE_UNKNOWN, INPUT_INVALID with every fault, RESOURCE_EXISTS
   */
  adopt(tenant: string, id: string, input: AdoptInput): Promise<Adopted>;
  /** Reads frames again that were refused while their device was being adopted. @returns those of others */
  lateOnes<T extends { id: string; letterId: string }>(tenant: string, items: readonly T[]): Promise<T[]>;
}

/** Frames of a batch that began before a device was registered may still come out as its dead letters. */
const LATE_MS = 60_000;

export function createAdopter(parts: AdoptParts): Adopter {
  const { registry, bus, clock, log, unknown, replay } = parts;
  const adoptedAtMs = new Map<string, number>();
  const isLate = (tenant: string, id: string): boolean => adoptedAtMs.has(`${tenant} ${id}`);
  const prune = (): void => {
    for (const [key, atMs] of adoptedAtMs) if (performance.now() - atMs > LATE_MS) adoptedAtMs.delete(key);
  };
  return {
    async adopt(tenant, id, input) {
      const entry = await unknown.get(tenant, id);
      if (!entry) throw new RondeError('RESOURCE_UNKNOWN', `no unknown device "${id}"`);
      await refuseFaults(parts, tenant, entry, input);
      const secret = newSecret();
      const record = recordOf(entry, input, { createdAt: clock.iso(), secretHash: hashSecret(secret) });
      prune();
      adoptedAtMs.set(`${tenant} ${id}`, performance.now());
      if (!(await registry.devices.insert(tenant, record))) {
        adoptedAtMs.delete(`${tenant} ${id}`);
        throw new RondeError('RESOURCE_EXISTS', `the device id "${record.id}", or its name in the network, is taken`);
      }
      await bus.publish('registry.changed', { tenant, kind: 'device', id: record.id, deleted: false });
      const letters = await registry.deadLetters.all(tenant, { unknownDeviceId: id, status: 'open' });
      const { readings, unread } = await replay(tenant, letters);
      await unknown.forget(tenant, id);
      log.info({ device_id: record.id, frames: letters.length, readings, unread }, 'ingest.unknown-device.adopt');
      const { secretHash: _hidden, ...device } = record;
      const shown = { ...device, status: statusOf(record), hasKeys: false, secret };
      return { ...shown, frames: letters.length, readings, unread };
    },
    async lateOnes(tenant, items) {
      const late = items.filter(({ id }) => isLate(tenant, id));
      if (late.length > 0) {
        const letters = await Promise.all(late.map(({ letterId }) => registry.deadLetters.get(tenant, letterId)));
        await replay(
          tenant,
          letters.filter((letter): letter is DeadLetter => letter?.status === 'open'),
        );
      }
      return items.filter(({ id }) => !isLate(tenant, id));
    },
  };
}

async function refuseFaults(
  { registry, types }: AdoptParts,
  tenant: string,
  { name, nameKind }: UnknownDevice,
  { deviceId, typeId, assetId, chamber }: AdoptInput,
): Promise<void> {
  const asset = assetId === undefined ? undefined : await registry.assets.get(tenant, assetId);
  const faults: Fault[] = [];
  const add = (field: string, message: string, remedy: string): void => {
    faults.push({ field, code: 'INPUT_INVALID', message, remedy });
  };
  if (nameKind === 'deviceId' && deviceId !== name)
    add('deviceId', 'is not the name that the device sends', `give "${name}"`);
  if (!types.get(typeId)) add('typeId', `there is no sensor type "${typeId}"`, 'GET /v1/sensor-types lists them');
  if (assetId !== undefined && !asset)
    add('assetId', `there is no asset "${assetId}"`, 'add it first, or leave it out');
  if (chamber !== undefined && assetId === undefined) add('chamber', 'belongs to an asset', 'give assetId too');
  if (asset && chamber !== undefined && !asset.chambers.some((one) => one.id === chamber))
    add('chamber', `the asset has no chamber "${chamber}"`, `it has ${asset.chambers.map((one) => one.id).join(', ')}`);
  refuse(faults);
}

/** What it sent before hangs on the asset too: registered with an asset, a device is taken to hang there since ever. */
function recordOf(
  { name, nameKind }: UnknownDevice,
  { deviceId, ...rest }: AdoptInput,
  made: Pick<DeviceRecord, 'createdAt' | 'secretHash'>,
): DeviceRecord {
  const status = statusOf(rest);
  return {
    id: deviceId,
    ...rest,
    status,
    ...(nameKind !== 'deviceId' && { externalIds: { [nameKind]: name } }),
    ...made,
  };
}
