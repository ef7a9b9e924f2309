import type { DeviceRecord, DeviceStatus } from './device.ts';
import type { Fault } from './errors.ts';

/** What may follow each status; a retired device comes back through the stock, so that somebody has looked at it. */
const NEXT: Record<DeviceStatus, readonly DeviceStatus[]> = {
  'in-stock': ['in-stock', 'installed', 'maintenance', 'retired'],
  installed: ['installed', 'in-stock', 'maintenance', 'retired'],
  maintenance: ['maintenance', 'in-stock', 'installed', 'retired'],
  retired: ['retired', 'in-stock'],
};

/** Gives a device's status; a record that names none is installed when it hangs somewhere, in stock otherwise. */
export function statusOf({ status, assetId }: Pick<DeviceRecord, 'status' | 'assetId'>): DeviceStatus {
  return status ?? (assetId === undefined ? 'in-stock' : 'installed');
}

/** Judges a status against the one before it (absent for a new device) and whether the device hangs on an asset. */
export function statusFaults(change: { from?: DeviceStatus; to: DeviceStatus; mounted: boolean }): Fault[] {
  const { from, to, mounted } = change;
  const faults: Fault[] = [];
  const add = (message: string, remedy: string): void => {
    faults.push({ field: 'status', code: 'INPUT_INVALID', message, remedy });
  };
  if (from !== undefined && !NEXT[from].includes(to))
    add(
      `a ${from} device cannot become ${to}`,
      `set the status to ${NEXT[from].filter((next) => next !== from)} first`,
    );
  if (to === 'installed' && !mounted)
    add('an installed device hangs on an asset', 'give assetId, or POST /v1/devices/{id}/mount');
  if ((to === 'in-stock' || to === 'retired') && mounted)
    add(
      `a device that is ${to} hangs nowhere`,
      `POST /v1/devices/{id}/unmount with status "${to}", or leave out assetId`,
    );
  return faults;
}
