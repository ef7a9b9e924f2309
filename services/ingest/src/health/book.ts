import type { DeviceHealth, DeviceRecord } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Cancel } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { newMemory, type DeviceMemory } from './memory.ts';

/** One device as health knows it. */
export interface Entry {
  device: DeviceRecord;
  /** Absent until it is heard for the first time. */
  memory?: DeviceMemory | undefined;
  health?: DeviceHealth | undefined;
  /** When the memory was last written, and whether it has changed since. */
  savedMs: number;
  dirty: boolean;
}

/** The devices of one tenant with what is remembered of them. */
export interface Book {
  tenant: string;
  entries: Map<string, Entry>;
}

type Stores = Pick<Registry, 'devices' | 'deviceHealth' | 'deviceMemories'>;

/** Loads the devices of a tenant with their memories, and follows changes of the registry. */
export async function openBook(
  tenant: string,
  registry: Stores,
  bus: Pick<Bus, 'on' | 'onGap'>,
): Promise<Book & { close: Cancel }> {
  const entries = new Map<string, Entry>();
  const close = bus.on('registry.changed', async (change) => {
    if (change.tenant !== tenant || change.kind !== 'device') return;
    const device = change.deleted ? undefined : await registry.devices.get(tenant, change.id);
    const known = entries.get(change.id);
    if (!device) entries.delete(change.id);
    else if (known) known.device = device;
    else entries.set(device.id, { device, savedMs: 0, dirty: false });
  });
  const endGap = bus.onGap(async () => {
    const present = new Map((await registry.devices.all(tenant)).map((device) => [device.id, device]));
    for (const id of entries.keys()) if (!present.has(id)) entries.delete(id);
    for (const device of present.values()) {
      const known = entries.get(device.id);
      if (known) known.device = device;
      else entries.set(device.id, { device, savedMs: 0, dirty: false });
    }
  });
  const [devices, memories, healths] = await Promise.all([
    registry.devices.all(tenant),
    registry.deviceMemories.all(tenant),
    registry.deviceHealth.all(tenant),
  ]);
  const memoryOf = new Map(memories.map((memory) => [memory.id, memory as DeviceMemory]));
  const healthOf = new Map(healths.map((health) => [health.id, health]));
  for (const device of devices) {
    const memory = memoryOf.get(device.id);
    entries.set(device.id, { device, memory, health: healthOf.get(device.id), savedMs: 0, dirty: false });
  }
  return {
    tenant,
    entries,
    close() {
      close();
      endGap();
    },
  };
}

/** Gives a device's memory, begun at the given time when there is none; undefined for devices that are not registered. */
export function memoryFor(book: Book, deviceId: string, atMs: number): DeviceMemory | undefined {
  const entry = book.entries.get(deviceId);
  if (!entry) return undefined;
  entry.memory ??= newMemory(deviceId, atMs);
  entry.dirty = true;
  return entry.memory;
}
