import type { Device, DeviceInput, Mount, MountInput } from '@ronde/contracts';
import { call, type Answer } from '../../shared/rest.ts';

/** Writes a device again with one thing changed. */
export function replaceDevice(device: Device, change: Partial<DeviceInput>): Promise<Answer<Device>> {
  const { createdAt: _made, hasKeys: _keys, warnings: _warnings, ...input } = device;
  return call<Device>(`/v1/devices/${device.id}`, { method: 'PUT', body: { ...input, ...change } });
}

/** Hangs a device on an asset, from now on. */
export function mountDevice(id: string, place: MountInput): Promise<Answer<Device>> {
  return call<Device>(`/v1/devices/${id}/mount`, { method: 'POST', body: place });
}

/** Puts a device back where it hung before. */
export function remount(
  id: string,
  { assetId, chamber, mounting }: Omit<Mount, 'from' | 'to'>,
): Promise<Answer<Device>> {
  return mountDevice(id, { assetId, ...(chamber && { chamber }), ...(mounting && { mounting }), allowShared: true });
}

export function unmountDevice(id: string, status: Device['status']): Promise<Answer<Device>> {
  return call<Device>(`/v1/devices/${id}/unmount`, { method: 'POST', body: { status } });
}

export function swapDevice(id: string, byDeviceId: string, status: Device['status']): Promise<Answer<unknown>> {
  return call(`/v1/devices/${id}/swap`, { method: 'POST', body: { byDeviceId, status } });
}
