import type { SensorTypeVersion } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Cancel, Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { typeFromFiles, type PublishedType, type SensorTypes } from '@ronde/sensor-types';

export interface FollowParts {
  registry: Pick<Registry, 'typeVersions'>;
  bus: Pick<Bus, 'on' | 'onGap'>;
  sensorTypes: Pick<SensorTypes, 'setPublished'>;
  tenant: string;
  log: Logger;
  /** Called with the id of a version that changed, once it is in use or out of it. */
  onChange?: (id: string) => Promise<void>;
}

/** Gives the id of a version's document in the registry; `checkFiles` refuses those that are too long to be one. */
export function versionId(typeId: string, version: string): string {
  return `${typeId}-${version.replaceAll('.', '-')}`;
}

/**
 * Keeps the sensor types of this process at the versions that the registry holds: read at the start, and again for the
 * type of each version that changes. A version that an earlier Ronde accepted and this one cannot read is left out.
 */
export async function followTypeVersions(parts: FollowParts): Promise<Cancel> {
  const { registry, bus, sensorTypes, tenant, log, onChange } = parts;
  const typeOf = new Map<string, string>();
  const loaded = new Map<string, PublishedType['type']>();
  const load = async (document: SensorTypeVersion): Promise<PublishedType[]> => {
    typeOf.set(document.id, document.typeId);
    const type = loaded.get(document.id) ?? (await typeFromFiles(document.files)).type;
    if (!type) {
      log.error({ version_id: document.id, status: document.status }, 'ingest.type-version.unreadable');
      return [];
    }
    loaded.set(document.id, type);
    return [{ type, status: document.status, canaryPercent: document.canaryPercent }];
  };
  const refresh = async (typeId: string): Promise<void> => {
    const documents = await registry.typeVersions.all(tenant, { typeId });
    sensorTypes.setPublished(typeId, (await Promise.all(documents.map(load))).flat());
  };
  const end = bus.on('registry.changed', async (change) => {
    if (change.tenant !== tenant || change.kind !== 'sensor-type-version') return;
    const document = await registry.typeVersions.get(tenant, change.id);
    // a draft that comes again under the same number has other files
    if (!document) loaded.delete(change.id);
    const typeId = document?.typeId ?? typeOf.get(change.id);
    if (typeId !== undefined) await refresh(typeId);
    await onChange?.(change.id);
  });
  const refreshAll = async (): Promise<void> => {
    const all = await registry.typeVersions.all(tenant);
    for (const typeId of new Set([...typeOf.values(), ...all.map((document) => document.typeId)]))
      await refresh(typeId);
  };
  const endGap = bus.onGap(refreshAll);
  await refreshAll();
  return () => {
    end();
    endGap();
  };
}
