import type { Device, DeviceHealth } from '@ronde/contracts';

export interface DeviceSearch {
  text: string;
  status?: string;
  health?: string;
  healths?: ReadonlyMap<string, DeviceHealth>;
}

/** Keeps devices by status, by health, and by a text in their id, name, type, bin, external id, serial number or tag. */
export function findDevices(all: readonly Device[], search: DeviceSearch): readonly Device[] {
  const { status, health, healths: known } = search;
  const wanted = search.text.trim().toLowerCase();
  return all.filter((device) => {
    if (status && device.status !== status) return false;
    if (health && (known?.get(device.id)?.status ?? 'unknown') !== health) return false;
    if (wanted === '') return true;
    const { id, name, typeId, assetId, externalIds = {}, serialNumber, tags = [] } = device;
    return [id, name, typeId, assetId, serialNumber, ...Object.values(externalIds), ...tags].some((part) =>
      part?.toLowerCase().includes(wanted),
    );
  });
}
